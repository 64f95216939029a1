import ClusterModel
import PolicyEngine

extension SimulationResult {
    /// How often one rule had a say.
    public struct Rule: Hashable, Sendable {
        /// The rule.
        public var rule: RuleReference
        /// The counts.
        public var counters: RuleCounters

        /// What asking it takes, in nanoseconds, by the decisions that were timed; nil where none was.
        public var meanNanoseconds: Double? {
            counters.timed == 0 ? nil : Double(counters.timedNanoseconds) / Double(counters.timed)
        }

        /// The counts as a document for machines.
        var value: Value {
            func count(_ name: String, _ number: Int) -> Value.Field { .init(name, .int(Int64(number))) }
            return .object([
                .init("policy", .string(rule.policy)), .init("rule", .string(rule.rule)),
                count("matched", counters.matched), count("routed", counters.routed),
                count("rejected", counters.rejected), count("advised", counters.advised),
                count("excepted", counters.excepted), count("failed", counters.failed),
                .init("meanNanoseconds", meanNanoseconds.map { .double($0) } ?? .null),
            ])
        }
    }
}
