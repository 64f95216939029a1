import ClusterModel
import Dispatcher

extension ShadowFigures {
    /// The figures as a document for machines.
    var value: Value {
        func count(_ name: String, _ number: Int) -> Value.Field { .init(name, .int(Int64(number))) }
        return .object([
            .init("scheduler", .string(scheduler)), .init("shadow", .string(shadow)), count("copied", copied),
            count("compared", compared), count("agreed", agreed), count("differed", differed),
            count("wouldNotFit", wouldNotFit), count("onlyScheduler", onlyScheduler),
            count("onlyShadow", onlyShadow), count("wouldPreempt", wouldPreempt), count("late", late),
            count("undecided", undecided), count("gone", gone), count("open", open),
            .init("latencySeconds", latencies),
        ])
    }

    private var latencies: Value {
        func percentiles(_ values: [Int64]) -> Value {
            let sorted = values.sorted()
            return .object([
                .init("p50", .double(Percentile.seconds(0.50, of: sorted))),
                .init("p99", .double(Percentile.seconds(0.99, of: sorted))),
            ])
        }
        return .object([
            .init("scheduler", percentiles(schedulerLatencies)), .init("shadow", percentiles(shadowLatencies)),
        ])
    }
}

/// Percentiles of durations in nanoseconds.
package enum Percentile {
    /// The value that a share of the sorted ones does not exceed, in seconds; 0 of none.
    package static func seconds(_ share: Double, of sorted: [Int64]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)
        return Double(sorted[max(0, rank)]) / 1e9
    }
}
