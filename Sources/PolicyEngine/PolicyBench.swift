import ClusterModel

/// How long policies take to decide about pods.
public struct PolicyBench: Hashable, Sendable {
    /// All decisions.
    public var all: Times
    /// Decisions by the rule that routed or refused the pod; those that no rule made stand under `none`.
    public var byRule: [String: Times]
    /// How many policies and rules there are.
    public var policyCount: Int
    /// How many rules there are.
    public var ruleCount: Int
    /// A hash over all decisions: runs that should decide alike have the same.
    public var checksum: String
    /// What reading the clock adds to every time, in nanoseconds.
    public var clockNanoseconds: Int64

    /// A distribution of times.
    public struct Times: Hashable, Sendable {
        /// How many decisions.
        public var count: Int
        /// The median, in nanoseconds.
        public var p50Nanoseconds: Int64
        /// The time that 95 in 100 do not exceed, in nanoseconds.
        public var p95Nanoseconds: Int64
        /// The time that 99 in 100 do not exceed, in nanoseconds.
        public var p99Nanoseconds: Int64
        /// The mean, in nanoseconds.
        public var meanNanoseconds: Int64

        init(_ samples: [Int64]) {
            let sorted = samples.sorted()
            func quantile(_ percent: Int) -> Int64 {
                sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
            }
            count = sorted.count
            (p50Nanoseconds, p95Nanoseconds, p99Nanoseconds) = (quantile(50), quantile(95), quantile(99))
            meanNanoseconds = sorted.isEmpty ? 0 : sorted.reduce(0, +) / Int64(sorted.count)
        }

        /// The times as a JSON object.
        public var value: Value {
            .object([
                .init("count", .int(Int64(count))), .init("p50Nanoseconds", .int(p50Nanoseconds)),
                .init("p95Nanoseconds", .int(p95Nanoseconds)), .init("p99Nanoseconds", .int(p99Nanoseconds)),
                .init("meanNanoseconds", .int(meanNanoseconds)),
            ])
        }
    }

    /// Decides about every pod `rounds` times, the first round unmeasured; the clock's own cost is part of the times.
    public init(_ policies: PolicySet, pods: [Pod], cluster: PolicyCluster, rounds: Int = 20) {
        var engine = PolicyEngine(policies, cluster: cluster)
        var samples: [Int64] = []
        samples.reserveCapacity(rounds * pods.count)
        // The same in every round, and told apart by rule only afterwards, so that little but the pods themselves goes
        // through the caches.
        var deciders: [RuleReference?] = []
        var hash = ContentHash()
        for pod in pods {
            let decision = engine.decide(pod)
            hash.add(decision.route?.scheduler ?? "refused")
            deciders.append(decision.rule)
        }
        let clock = ContinuousClock()
        for _ in 0..<max(rounds, 1) {
            for pod in pods {
                let start = clock.now
                let decision = engine.decide(pod)
                let nanoseconds = (clock.now - start).wholeNanoseconds
                withExtendedLifetime(decision) { samples.append(nanoseconds) }
            }
        }
        var ruleSamples: [RuleReference?: [Int64]] = [:]
        for (number, sample) in samples.enumerated() {
            ruleSamples[deciders[number % pods.count], default: []].append(sample)
        }
        self.all = Times(samples)
        self.byRule = Dictionary(
            uniqueKeysWithValues: ruleSamples.map { ($0.key.map { "\($0)" } ?? "none", Times($0.value)) })
        self.policyCount = policies.policies.count
        self.ruleCount = policies.ruleCount
        self.checksum = hash.text
        self.clockNanoseconds = PolicyBench.clockCost(clock)
    }

    /// The median of what two readings of the clock, one after the other, differ by.
    private static func clockCost(_ clock: ContinuousClock) -> Int64 {
        Times(
            (0..<1_000).map { _ in
                let start = clock.now
                return (clock.now - start).wholeNanoseconds
            }
        ).p50Nanoseconds
    }

    /// How much there is to decide by: `1 policy, 10 rules`.
    public var sizeText: String {
        policyCount.counted("policy", "policies") + ", " + ruleCount.counted("rule", "rules")
    }

    /// The bench as a JSON object, as a later run compares itself with it.
    public var value: Value { value(regressions: nil) }

    /// The bench as a JSON object, with the outcome of a comparison if there was one.
    public func value(regressions: [Regression]?) -> Value {
        var object = ObjectBuilder()
        object.add("policies", .int(Int64(policyCount)))
        object.add("rules", .int(Int64(ruleCount)))
        object.add("checksum", checksum)
        object.add("clockNanoseconds", .int(clockNanoseconds))
        object.add("all", all.value)
        object.add("byRule", .object(byRule.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.value) }))
        object.add("regressions", regressions.map { .array($0.map(\.value)) })
        return object.value
    }

    /// The rules, and `all`, whose median grew by more than `threshold` (0.1 is a tenth) over an earlier run's JSON.
    ///
    /// Rules with fewer than 100 decisions in either run are left out, since their medians say little.
    public func regressions(since earlier: Value, threshold: Double) throws(FieldError) -> [Regression] {
        let saved = try ObjectReader(earlier)
        let before = try saved.required("checksum", "the checksum of an earlier bench") { v throws(FieldError) in
            try v.decodeString()
        }
        guard before == checksum else {
            throw FieldError(
                path: FieldPath("checksum"), expected: "a bench of the same pods that decided alike (\(checksum))",
                found: before)
        }
        let all = try saved.required("all", "an earlier bench", PolicyBench.median)
        var medians = try saved.map("byRule", PolicyBench.median)
        medians["all"] = all
        var result: [Regression] = []
        for (name, now) in byRule.merging(["all": self.all], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
            guard let (count, before) = medians[name], count >= 100, now.count >= 100 else { continue }
            guard Double(now.p50Nanoseconds) > Double(before) * (1 + threshold) else { continue }
            result.append(Regression(name: name, beforeNanoseconds: before, nowNanoseconds: now.p50Nanoseconds))
        }
        return result
    }

    private static func median(_ value: Value) throws(FieldError) -> (count: Int64, nanoseconds: Int64) {
        let object = try ObjectReader(value)
        return (try object.int("count") ?? 0, try object.int("p50Nanoseconds") ?? 0)
    }

    /// A median that grew.
    public struct Regression: Hashable, Sendable {
        /// The rule, or `all`.
        public var name: String
        /// The earlier median.
        public var beforeNanoseconds: Int64
        /// The median now.
        public var nowNanoseconds: Int64

        fileprivate var value: Value {
            .object([
                .init("name", .string(name)), .init("beforeNanoseconds", .int(beforeNanoseconds)),
                .init("nowNanoseconds", .int(nowNanoseconds)),
            ])
        }
    }
}

extension PolicyDecision {
    /// The rule that routed or refused the pod; nil where none did.
    fileprivate var rule: RuleReference? {
        switch outcome {
        case .routed(let route): route.wrappedValue.rule
        case .rejected(let rejection): rejection.rule
        }
    }
}

extension Duration {
    /// The duration in nanoseconds, rounded down.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
