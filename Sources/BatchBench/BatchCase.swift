import Traces

/// One workload for batch queues: a trace on a machine, changed in one way, with one kind of estimates.
public struct BatchCase: Hashable, Sendable {
    /// A trace of the shared data, and the machine it runs on.
    public struct Workload: Hashable, Sendable {
        /// The file without `.csv`.
        public var trace: String
        /// Processors in all.
        public var capacity: Int
    }

    /// What is changed of a trace; where that changes the offered load, submissions are moved until it is as it was.
    public enum Variation: Hashable, Sendable {
        /// Nothing.
        case same
        /// Submissions move by up to two hours either way.
        case jitter
        /// Seven tenths of the jobs, drawn at random.
        case subset
        /// The twelfths of the trace's time come in another order.
        case shuffled
        /// Run times, and estimates with them, times 0.7 to 1.3.
        case runs
        /// The first half of the jobs.
        case first
        /// The last half of the jobs.
        case last
        /// Another offered load.
        case load(Double)
    }

    /// What owners believe.
    public enum Estimates: String, CaseIterable, Sendable {
        /// The run time.
        case perfect
        /// What the trace has.
        case file
        /// Up to twice the run time.
        case twofold = "u2"
        /// Up to five times the run time.
        case fivefold = "u5"
        /// Up to five times the run time, rounded up to one of the limits that people ask for.
        case modal
    }

    /// The trace and the machine.
    public var workload: Workload
    /// What is changed.
    public var variation: Variation
    /// What owners believe.
    public var estimates: Estimates
    /// The seed of what is random in the two.
    public var seed: UInt64

    /// As `trace@capacity/variation/estimates/seed`.
    public var name: String {
        "\(workload.trace)@\(workload.capacity)/\(variation.name)/\(estimates.rawValue)/\(seed)"
    }
}

extension BatchCase.Variation {
    /// A word for it.
    public var name: String {
        switch self {
        case .same: "same"
        case .jitter: "jitter"
        case .subset: "subset"
        case .shuffled: "shuffled"
        case .runs: "runs"
        case .first: "first"
        case .last: "last"
        case .load(let load): "load\(load)"
        }
    }
}

// MARK: - The cases

extension BatchCase {
    /// The traces as they are, with estimates that are right and with their own.
    public static let base = workloads.flatMap { workload in
        [Estimates.perfect, .file].map { BatchCase(workload: workload, variation: .same, estimates: $0, seed: 1) }
    }

    /// All cases.
    ///
    /// - Parameter seed: 0 for those in `docs/batch.md`; each number gives others of the same kind.
    public static func all(seed: UInt64 = 0) -> [BatchCase] {
        workloads.flatMap { workload in
            (usual + (workload.isLoadVaried ? loads : [])).map { variation, estimates, own in
                BatchCase(workload: workload, variation: variation, estimates: estimates, seed: own &+ 100 &* seed)
            }
        }
    }

    private static let workloads = [
        Workload(trace: "nasa-0.70", capacity: 128), Workload(trace: "nasa-0.85", capacity: 128),
        Workload(trace: "gavel", capacity: 400), Workload(trace: "gavel", capacity: 312),
    ]

    private static let usual: [(Variation, Estimates, UInt64)] =
        [Variation.same, .jitter, .subset, .shuffled, .runs].flatMap { [($0, .perfect, 1), ($0, .fivefold, 1)] }
        + [
            (.same, .file, 1), (.first, .fivefold, 2), (.last, .fivefold, 2), (.same, .twofold, 3), (.same, .modal, 3),
            (.subset, .fivefold, 4), (.shuffled, .perfect, 5), (.shuffled, .fivefold, 6),
        ]

    private static let loads: [(Variation, Estimates, UInt64)] =
        [0.60, 0.78, 0.95].flatMap { [(.load($0), .perfect, 1), (.load($0), .fivefold, 1)] }
}

extension BatchCase.Workload {
    /// Whether other loads are tried of it: one of the two that are the same jobs.
    fileprivate var isLoadVaried: Bool { trace == "nasa-0.70" || capacity == 400 }
}
