import BatchQueue
import ClusterModel
import Replay

/// A policy beside EASY's two forms, case by case: what it wins and what it gives up.
public struct BatchReport: Sendable {
    /// One case.
    public struct Row: Sendable {
        /// Its name.
        public var name: String
        /// Whether estimates are right.
        public var hasPerfectEstimates: Bool
        /// The figures of the policy.
        public var figures: ScheduleFigures
        /// Those of `easy`.
        public var easy: ScheduleFigures
        /// Those of `easy-sjf`.
        public var shortestFirst: ScheduleFigures

        /// A case's figures.
        public init(
            name: String, hasPerfectEstimates: Bool, figures: ScheduleFigures, easy: ScheduleFigures,
            shortestFirst: ScheduleFigures
        ) {
            self.name = name
            self.hasPerfectEstimates = hasPerfectEstimates
            self.figures = figures
            self.easy = easy
            self.shortestFirst = shortestFirst
        }

        /// The mean wait over that of `easy-sjf`; nil where nobody waits.
        public var meanWait: Double? { ratio(figures.meanWait, shortestFirst.meanWait) }
        /// The mean bounded slowdown over that of `easy-sjf`.
        public var slowdown: Double? { ratio(figures.meanBoundedSlowdown, shortestFirst.meanBoundedSlowdown) }
        /// The longest wait over that of `easy`; nil where nobody waits.
        public var longestWait: Double? { ratio(Double(figures.longestWait), Double(easy.longestWait)) }
        /// The utilisation over the middle of the trace less that of `easy`, in percentage points.
        public var utilizationPoints: Double { 100 * (figures.middleUtilization - easy.middleUtilization) }

        private func ratio(_ a: Double, _ b: Double) -> Double? { b > 0 ? a / b : nil }
    }

    /// The sum of some cases.
    public struct Summary: Sendable {
        /// What they are.
        public var title: String
        /// How many.
        public var cases = 0
        /// By figure (mean wait, slowdown, longest wait, utilisation): the mean over the cases.
        public var means: [Double] = []
        /// By figure: that of the case in which it is worst.
        public var worst: [Double] = []
        /// By figure: in how many cases it is worse by more than each of its thresholds.
        public var lost: [[Int]] = []
    }

    /// By figure, what counts as worse: shares of the other's figure, for utilisation points.
    public static let thresholds = [[0, 0.05], [0, 0.05], [0, 0.01, 0.05, 0.2], [0.05, 0.2, 0.5]]

    /// The policy.
    public let policy: QueuePolicy
    /// The cases in which anybody waits.
    public private(set) var rows: [Row] = []

    /// A report without cases.
    public init(policy: QueuePolicy) { self.policy = policy }

    /// Adds a case, unless nobody waits in it.
    public mutating func add(_ row: Row) {
        if row.meanWait != nil, row.longestWait != nil { rows.append(row) }
    }

    /// All cases, those with estimates that are right, and the others; without those of which there are none.
    public var summaries: [Summary] {
        [
            summary("all", rows), summary("perfect estimates", rows.filter(\.hasPerfectEstimates)),
            summary("other estimates", rows.filter { !$0.hasPerfectEstimates }),
        ].filter { $0.cases > 0 }
    }

    private func summary(_ title: String, _ rows: [Row]) -> Summary {
        var summary = Summary(title: title, cases: rows.count)
        guard !rows.isEmpty else { return summary }
        // As losses: how much worse than the other, so that more is worse in each.
        let losses = rows.map { row in
            [(row.meanWait ?? 1) - 1, (row.slowdown ?? 1) - 1, (row.longestWait ?? 1) - 1, -row.utilizationPoints]
        }
        for (figure, thresholds) in BatchReport.thresholds.enumerated() {
            let column = losses.map { $0[figure] }
            func shown(_ loss: Double) -> Double { figure == 3 ? -loss : 1 + loss }
            summary.means.append(shown(column.reduce(0, +) / Double(column.count)))
            summary.worst.append(shown(column.max() ?? 0))
            summary.lost.append(thresholds.map { threshold in column.count { $0 > threshold } })
        }
        return summary
    }
}

extension BatchReport {
    /// The report as an object, for `-o json`.
    public var value: Value {
        .object([
            .init("policy", .string(policy.rawValue)), .init("cases", .array(rows.map(\.value))),
            .init("summaries", .array(summaries.map(\.value))),
        ])
    }
}

extension BatchReport.Row {
    fileprivate var value: Value {
        .object([
            .init("name", .string(name)), .init("figures", figures.value), .init("easy", easy.value),
            .init("easy-sjf", shortestFirst.value),
        ])
    }
}

extension BatchReport.Summary {
    fileprivate var value: Value {
        let names = ["meanWaitRatio", "slowdownRatio", "longestWaitRatio", "utilizationPoints"]
        let figures = names.enumerated().map { index, name in
            Value.Field(
                name,
                .object([
                    .init("mean", .double(means[index])), .init("worst", .double(worst[index])),
                    .init("thresholds", .array(BatchReport.thresholds[index].map { .double($0) })),
                    .init("lost", .array(lost[index].map { .int(Int64($0)) })),
                ]))
        }
        return .object([.init("title", .string(title)), .init("cases", .int(Int64(cases)))] + figures)
    }
}
