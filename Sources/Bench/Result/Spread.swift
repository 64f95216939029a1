/// The middle of several values, and how far they lie apart.
public struct Spread: Hashable, Sendable {
    /// The median; 0 of no values.
    public let median: Double
    /// The least and the greatest value.
    public let min: Double
    /// The greatest value.
    public let max: Double
    /// The median distance from the median, times 1.4826, which for normal noise is the standard deviation.
    public let deviation: Double

    /// The spread of some values.
    public init(_ values: [Double]) {
        let sorted = values.sorted()
        let middle = Spread.median(ofSorted: sorted)
        median = middle
        min = sorted.first ?? 0
        max = sorted.last ?? 0
        deviation = 1.4826 * Spread.median(ofSorted: sorted.map { abs($0 - middle) }.sorted())
    }

    /// The deviation as a share of the median.
    public var relative: Double { median == 0 ? 0 : deviation / abs(median) }

    static func median(ofSorted values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let middle = values.count / 2
        return values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
    }
}
