/// What became faster and what slower from one result to another.
///
/// A figure counts as changed if its median moved by more than the least change of interest, if the runs of both sides
/// hardly overlap (`RankTest`), and if it moved further than the runs of either side lie apart by themselves.
public struct Comparison: Sendable {
    /// What is said of one figure of one case.
    public enum Verdict: String, Sendable {
        case same, better, worse
    }

    /// One figure of one case.
    public struct Line: Sendable {
        /// The benchmark and size.
        public var name: String
        /// The figure.
        public var metric: Metric
        /// The runs of the first result.
        public var before: Spread
        /// The runs of the second result.
        public var after: Spread
        /// The change of the median as a share of what it was; positive where the value grew.
        public var change: Double
        /// How likely such runs are if nothing changed.
        public var probability: Double
        /// What is said of it.
        public var verdict: Verdict
    }

    /// The figures, in the order of the first result.
    public var lines: [Line]
    /// Cases that only one of the results has, and other reasons to be careful.
    public var warnings: [String]
    /// Cases that failed in the second result and not in the first.
    public var newFailures: [String]

    /// Whether nothing became worse.
    public var isClean: Bool { newFailures.isEmpty && !lines.contains { $0.verdict == .worse } }

    /// The least change of interest, as a share: less is not worth anybody's time, and machines drift by as much.
    public static let leastChange: [Metric: Double] = [
        .podsPerSecond: 0.10, .cpuMicrosecondsPerPod: 0.10, .p99Milliseconds: 0.20, .bytesPerPod: 0.05,
    ]

    /// The highest probability at which a change is believed.
    public static let level = 0.01

    /// Compares two results case by case.
    public init(_ before: BenchResult, _ after: BenchResult) {
        lines = []
        warnings = []
        newFailures = []
        if before.machine.processor != after.machine.processor || before.machine.cores != after.machine.cores {
            warnings.append("measured on different machines: figures in seconds cannot be compared")
        }
        if before.build.configuration != after.build.configuration {
            warnings.append(
                "one is a \(before.build.configuration) build, the other a \(after.build.configuration) build")
        }
        for (result, which) in [(before, "first"), (after, "second")] {
            let load = max(result.machine.loadBefore, 0)
            if load > Double(result.machine.cores) {
                warnings.append(
                    "the \(which) was measured while \(Int(load.rounded())) threads wanted the machine's "
                        + "\(result.machine.cores) cores")
            }
        }
        for old in before.cases {
            guard let new = after.cases.first(where: { $0.name == old.name }) else {
                warnings.append("\(old.name) is in the first result alone")
                continue
            }
            compare(old, new)
        }
        for new in after.cases where !before.cases.contains(where: { $0.name == new.name }) {
            warnings.append("\(new.name) is in the second result alone")
        }
    }

    private mutating func compare(_ old: CaseResult, _ new: CaseResult) {
        if old.parameters != new.parameters {
            warnings.append("\(old.name) has other parameters in the second result and is not compared")
            return
        }
        if old.failures.isEmpty, let failure = new.failures.first { newFailures.append("\(new.name): \(failure)") }
        for metric in Metric.allCases {
            guard let least = Comparison.leastChange[metric], !old.runs.isEmpty, !new.runs.isEmpty else { continue }
            lines.append(Comparison.line(old.name, metric, old.values(metric), new.values(metric), least))
        }
        if let a = old.core, let b = new.core {
            // One run each: only what cannot be noise counts, by the processor's time.
            lines.append(
                Comparison.line(
                    old.name, .cpuMicrosecondsPerPod, [a.cpuNanosecondsPerPod / 1e3], [b.cpuNanosecondsPerPod / 1e3],
                    0.5))
        }
    }

    /// Compares one figure.
    static func line(
        _ name: String, _ metric: Metric, _ before: [Double], _ after: [Double], _ least: Double
    ) -> Line {
        let old = Spread(before)
        let new = Spread(after)
        let change = old.median == 0 ? (new.median == 0 ? 0 : 1) : (new.median - old.median) / abs(old.median)
        let probability =
            change > 0
            ? RankTest.probability(that: after, isAbove: before) : RankTest.probability(that: before, isAbove: after)
        // A few runs cannot give a small probability; then they must not overlap at all.
        let level = max(Comparison.level, RankTest.leastProbability(before.count, after.count) * 1.000_001)
        let noise = 2 * max(old.deviation, new.deviation)
        let isChanged = abs(change) >= least && probability <= level && abs(new.median - old.median) > noise
        let isBetter = (change > 0) == metric.isBetterHigher
        return Line(
            name: name, metric: metric, before: old, after: new, change: change, probability: probability,
            verdict: isChanged ? (isBetter ? .better : .worse) : .same)
    }
}
