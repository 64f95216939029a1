import Glibc

/// One axis of a plot: what it shows, in which unit, and on which scale.
public struct Axis: Hashable, Sendable {
    /// How values become places.
    public enum Scale: Hashable, Sendable {
        /// Equal steps are equally far.
        case linear
        /// Equal factors are equally far; only values above 0 have a place.
        case logarithmic
        /// Percentiles: 0, 90, 99, 99.9 are equally far, because each leaves a tenth of the rest.
        case percentile
    }

    /// What it shows, with its unit: `latency (ms)`.
    public var title: String
    /// How values become places.
    public var scale: Scale
    /// Whether a linear axis begins at 0 whatever the data.
    public var startsAtZero: Bool
    /// The end of the axis where it is fixed, such as 1 for shares; nil for what the data need.
    public var upperBound: Double?

    /// An axis.
    public init(_ title: String, scale: Scale = .linear, startsAtZero: Bool = true, upperBound: Double? = nil) {
        self.title = title
        self.scale = scale
        self.startsAtZero = startsAtZero
        self.upperBound = upperBound
    }
}

/// An axis with the range that data gave it: places values, and says where its ticks are.
struct FittedAxis {
    let axis: Axis
    let low: Double
    let high: Double

    /// An axis for these values; infinite ones and, on a logarithmic scale, those not above 0 have no say.
    init(_ axis: Axis, values: some Sequence<Double>) {
        self.axis = axis
        let usable = values.filter { $0.isFinite && (axis.scale != .logarithmic || $0 > 0) }
        var low = usable.min() ?? 0
        var high = max(axis.upperBound ?? -.infinity, usable.max() ?? 1)
        switch axis.scale {
        case .linear:
            if axis.startsAtZero { low = min(0, low) }
            if high <= low { high = low + 1 }
            if axis.upperBound == nil { high = FittedAxis.niceEnd(low, high) }
        case .logarithmic:
            low = pow(10, floor(log10(max(low, 1e-12))))
            high = pow(10, ceil(log10(max(high, 1e-12))))
            if usable.isEmpty { (low, high) = (1, 10) }
            if high <= low { high = low * 10 }
        case .percentile:
            low = 0
            high = min(max(high, 90), 99.9999)
        }
        self.low = low
        self.high = high
    }

    /// The place of a value, 0 at the beginning and 1 at the end of the axis.
    func place(_ value: Double) -> Double {
        switch axis.scale {
        case .linear: (value - low) / (high - low)
        case .logarithmic: (log10(max(value, low)) - log10(low)) / (log10(high) - log10(low))
        case .percentile: FittedAxis.nines(min(value, high)) / FittedAxis.nines(high)
        }
    }

    /// How many times a tenth of the rest was left out: 1 at 90 %, 2 at 99 %.
    private static func nines(_ percentile: Double) -> Double { -log10(1 - min(percentile, 99.99999) / 100) }

    /// Values worth a line, with their labels.
    var ticks: [(value: Double, label: String)] {
        switch axis.scale {
        case .linear:
            let step = FittedAxis.niceStep((high - low) / 5)
            var ticks: [(Double, String)] = []
            var number = (low / step).rounded(.up)
            while number * step <= high + step * 1e-9 {
                ticks.append((number * step, FittedAxis.label(number * step, step: step)))
                number += 1
            }
            return ticks
        case .logarithmic:
            let first = Int(log10(low).rounded())
            let last = Int(log10(high).rounded())
            // Within a decade or two the steps between are wanted as well.
            let factors = last - first <= 2 ? [1.0, 2, 5] : [1.0]
            return (first...last).flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
                .filter { $0 <= high * 1.000_001 }.map { ($0, FittedAxis.label($0, step: $0)) }
        case .percentile:
            return [0, 50, 90, 99, 99.9, 99.99, 99.999].filter { $0 <= high }
                .map { ($0, $0 == 0 ? "min" : "\($0 == $0.rounded() ? String(Int($0)) : String($0)) %") }
        }
    }

    /// 1, 2 or 5 times a power of ten, at least so much.
    static func niceStep(_ least: Double) -> Double {
        guard least > 0, least.isFinite else { return 1 }
        let power = pow(10, floor(log10(least)))
        for factor in [1.0, 2, 5] where factor * power >= least * 0.999_999 { return factor * power }
        return 10 * power
    }

    private static func niceEnd(_ low: Double, _ high: Double) -> Double {
        let step = niceStep((high - low) / 5)
        return (high / step - 1e-9).rounded(.up) * step
    }

    /// A number as short as its step allows: `250k`, `1.5M`, `0.05`.
    static func label(_ value: Double, step: Double) -> String {
        let size = abs(value)
        for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where size >= unit * 0.999_999 && unit >= 1e3 {
            if unit == 1e3, size < 10_000, step < 100 { continue }
            return plain(value / unit, digits: digits(step / unit)) + suffix
        }
        return plain(value, digits: digits(step))
    }

    private static func digits(_ step: Double) -> Int {
        guard step > 0, step < 1 else { return step == step.rounded() ? 0 : 1 }
        return min(9, Int((-log10(step) - 1e-9).rounded(.up)))
    }

    static func plain(_ value: Double, digits: Int) -> String {
        let scale = pow(10, Double(digits))
        guard value.isFinite, abs(value) * scale < 1e15 else { return "\(value)" }
        let whole = Int((abs(value) * scale).rounded())
        let sign = value < 0 && whole != 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let unit = Int(scale)
        let fraction = String(whole % unit)
        return "\(sign)\(whole / unit).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
