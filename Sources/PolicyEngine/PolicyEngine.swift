import ClusterModel

/// Decides which scheduler places a pod, by a set of policies and what is known of the cluster.
///
/// A value with one owner: it remembers where pod groups went and which rules hold in which namespace, and has no clock
/// and no I/O, so that the tools, the tests and the dispatcher all decide with the same code.
///
/// ```swift
/// var engine = PolicyEngine(policies, cluster: PolicyCluster(schedulers: ["binpack": SchedulerStatus()]))
/// let decision = engine.admit(&pod)
/// ```
public struct PolicyEngine: Sendable {
    /// The policies that decide.
    public private(set) var policies: PolicySet
    /// What is known of the cluster; change it through the functions of the engine.
    @CopyOnWrite public private(set) var cluster: PolicyCluster
    /// How often each rule matched, routed, refused, in the order of evaluation.
    public private(set) var counters: ContiguousArray<RuleCounters>

    /// Of every how many decisions the rules asked are timed, for `RuleCounters.timedNanoseconds`; 0 for none.
    ///
    /// Reading the clock costs more than asking a rule, so a running system times one decision in some hundred. No decision
    /// depends on it.
    public var timingPeriod = 0

    /// Whether the last decision is that of every pod that differs from the one decided about in name and identity alone, as
    /// long as nothing else changes: none of the rules asked looks at more, and the pod's group, if it has one, had been
    /// routed before.
    private var lastDecisionIsShared = false
    private var lastGroup: ObjectKey?

    var groupRoutes: GroupRoutes
    private(set) var routes: SettledRoutes
    /// What the rules answered to the last pod, as far as it counts.
    private var tally: SharedDecision.Tally = []
    private var untilTimed = 0
    private var namespaces = NamespaceMemory()

    /// An engine that decides by `policies`.
    public init(_ policies: PolicySet, cluster: PolicyCluster = PolicyCluster()) {
        self.policies = policies
        var known = cluster
        known.objectsOfPolicies = policies.objects
        if !policies.inputObjects.isEmpty { known.objects.merge(policies.inputObjects) { own, _ in own } }
        self.cluster = known
        self.groupRoutes = GroupRoutes()
        self.routes = SettledRoutes(policies.rules, cluster)
        self.counters = ContiguousArray(repeating: RuleCounters(), count: policies.ruleCount)
    }

    /// Decides about a pod, and remembers the route of its group.
    ///
    /// The pod is matched as it came in: what one rule writes, no other rule sees.
    /// - Complexity: O(rules that can match the pod by namespace, labels, owner and group).
    ///
    /// - Parameter request: what is known of the request that makes the pod, or nil.
    public mutating func decide(_ pod: Pod, for request: PolicyRequest? = nil) -> PolicyDecision {
        pod.prefetchParts()
        let namespace = rules(inNamespace: pod.metadata.namespace)
        pod.prefetchContainer()
        var facts = PodFacts(pod, $cluster, request)
        pod.prefetchRequests()
        let remembered: CopyOnWrite<Route>?
        if let group = facts.group { remembered = groupRoutes.route(of: group) } else { remembered = nil }
        let isRemembered = remembered != nil
        var verdict = Verdict(isRouted: isRemembered)
        var decision = Verdict.begin(remembered ?? routes.unrouted, revision: policies.revision)
        // Few, and cheaper one by one than by `removeAll`.
        while tally.popLast() != nil {}
        lastDecisionIsShared = facts.group == nil || isRemembered
        lastGroup = facts.group
        if namespace.index.wordCount > 0 { collect(pod, &facts, namespace, &verdict, &decision) }
        verdict.settle(&decision, pod, facts, routes)
        if !isRemembered, let group = facts.group, case .routed(let route) = decision.outcome {
            groupRoutes.remember(route, for: group)
        }
        // Moved: what is returned by its name alone is copied.
        return consume decision
    }

    /// Decides about a pod and carries the decision out on it.
    @discardableResult
    public mutating func admit(_ pod: inout Pod, for request: PolicyRequest? = nil) -> PolicyDecision {
        let decision = decide(pod, for: request)
        decision.apply(to: &pod)
        return decision
    }

    /// The last decision, where it is that of every pod that differs from the one decided about in name and identity alone;
    /// nil where it is that pod's alone, as when an expression was asked, or the pod is the first of its group.
    public var sharedDecision: SharedDecision? {
        guard lastDecisionIsShared else { return nil }
        return SharedDecision(tally: tally, group: lastGroup, groupChanges: groupRoutes.losses)
    }

    /// Counts a decision once more, for a pod that it holds for too.
    ///
    /// - Returns: false, and nothing is counted, where the pod's group is not known any more: then it must be decided
    ///   about.
    /// - Precondition: policies, namespaces, groups, the states of the schedulers and the time are as they were.
    public mutating func repeats(_ decision: inout SharedDecision) -> Bool {
        // A group that was asked for since routes were last lost is among the young ones: to ask again would do nothing.
        if let group = decision.group, decision.groupChanges != groupRoutes.losses {
            guard groupRoutes.route(of: group) != nil else { return false }
            decision.groupChanges = groupRoutes.losses
        }
        for item in decision.tally {
            counters[item.rule].count(item.answer, policies.rules[item.rule], routed: item.isRouting)
        }
        return true
    }

    /// Asks the rules that can match, in order, and feeds their answers to the verdict.
    private mutating func collect(
        _ pod: Pod, _ facts: inout PodFacts, _ namespace: NamespaceRules, _ verdict: inout Verdict,
        _ decision: inout PolicyDecision
    ) {
        let (index, time) = (namespace.index, cluster.timeSeconds)
        let isTimed = isTimedDecision()
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: index.wordCount) { words in
            index.candidates(pod, &facts, allowed: namespace.allowed, into: words)
            for word in words.indices {
                var bits = words[word]
                if verdict.isRouted { bits &= ~index.routing[word] }
                while bits != 0 {
                    let rule = index.rules[word * 64 + bits.trailingZeroBitCount]
                    bits &= bits - 1
                    if !rule.looksAtTemplateAlone { lastDecisionIsShared = false }
                    let answer: CompiledRule.Answer
                    if isTimed {
                        answer = timedAnswer(rule, pod, &facts, time)
                    } else if rule.holdsOnceFound {
                        answer = .yes
                    } else {
                        answer = rule.answer(pod, &facts, timeSeconds: time, isFound: true)
                    }
                    if case .no = answer { continue }
                    let wasRouted = verdict.isRouted
                    verdict.add(answer, of: rule, pod, &facts, to: &decision)
                    let isRouting = verdict.isRouted && !wasRouted
                    counters[rule.number].count(answer, rule, routed: isRouting)
                    if lastDecisionIsShared { tally.append((rule.number, answer, isRouting)) }
                    if decision.isRefused { return }
                    if isRouting { bits &= ~index.routing[word] }
                }
            }
        }
    }

    /// How the rule answers, and how long it takes to.
    @inline(never)
    private mutating func timedAnswer(
        _ rule: CompiledRule, _ pod: Pod, _ facts: inout PodFacts, _ time: Int64
    ) -> CompiledRule.Answer {
        let clock = ContinuousClock()
        let start = clock.now
        let answer = rule.answer(pod, &facts, timeSeconds: time, isFound: true)
        counters[rule.number].time(clock.now - start)
        return answer
    }

    private mutating func isTimedDecision() -> Bool {
        guard timingPeriod > 0 else { return false }
        untilTimed -= 1
        guard untilTimed <= 0 else { return false }
        untilTimed = timingPeriod
        return true
    }

    /// The rules that hold in a namespace.
    private mutating func rules(inNamespace name: String) -> NamespaceRules {
        // Apart from the rest, as to pass the policies on copies them.
        if let known = namespaces.known(name) { return known }
        return namespaces.learn(name, cluster.labels(ofNamespace: name), policies)
    }
}

/// A decision that is that of every pod of a template, as the engine that made it counts it once more.
public struct SharedDecision: Sendable {
    typealias Tally = ContiguousArray<(rule: Int, answer: CompiledRule.Answer, isRouting: Bool)>

    /// What the rules answered, as far as it counts.
    let tally: Tally
    /// The group of the pods, or nil.
    let group: ObjectKey?
    /// `GroupRoutes.losses` when the group was asked for last.
    fileprivate(set) var groupChanges: Int
}

/// How often a rule had a say.
public struct RuleCounters: Hashable, Sendable {
    /// Pods that the rule matched, as far as it was asked: a rule that only routes is not asked about a pod that an
    /// earlier rule has routed.
    public var matched = 0
    /// Pods that the rule routed.
    public var routed = 0
    /// Pods that the rule refused.
    public var rejected = 0
    /// Pods of which the rule, not being enforced, only told or recorded what it would do.
    public var advised = 0
    /// Pods that an exception kept from the rule.
    public var excepted = 0
    /// Pods for which an expression of the rule had no value.
    public var failed = 0
    /// How often the rule was timed, whatever it answered.
    public var timed = 0
    /// How long it took in all to answer those times, in nanoseconds, reading the clock included.
    public var timedNanoseconds: Int64 = 0

    fileprivate mutating func time(_ duration: Duration) {
        timed += 1
        timedNanoseconds += duration.wholeNanoseconds
    }

    fileprivate mutating func count(_ answer: CompiledRule.Answer, _ rule: CompiledRule, routed isRouting: Bool) {
        switch answer {
        case .no: return
        case .excepted: excepted += 1
        case .failed:
            failed += 1
            if rule.failurePolicy == .fail, rule.enforcement == .enforce { rejected += 1 }
        case .yes:
            matched += 1
            if rule.enforcement != .enforce { advised += 1 } else if rule.actions.reject != nil { rejected += 1 }
            if isRouting { routed += 1 }
        }
    }
}

extension PolicyEngine {
    /// Puts other policies in force; groups that are routed already stay where they are, and rules that stay go on
    /// counting.
    public mutating func replacePolicies(_ policies: PolicySet) {
        var kept: [RuleReference: RuleCounters] = [:]
        lastDecisionIsShared = false
        for (rule, counted) in zip(self.policies.rules, counters) { kept[rule.reference] = counted }
        self.policies = policies
        cluster.objectsOfPolicies = policies.objects
        routes = SettledRoutes(policies.rules, cluster)
        namespaces.forgetAll()
        counters = ContiguousArray(policies.rules.map { kept[$0.reference] ?? RuleCounters() })
    }

    /// The counters with the names of the rules, in the order of evaluation.
    public var countersByRule: [(rule: RuleReference, counters: RuleCounters)] {
        zip(policies.rules, counters).map { ($0.reference, $1) }
    }

    /// Makes a namespace known, or its new labels.
    public mutating func setNamespace(_ namespace: Namespace) {
        cluster.set(namespace)
        namespaces.forget(namespace.metadata.name)
    }

    /// Forgets a namespace.
    public mutating func removeNamespace(_ name: String) {
        cluster.namespaces.removeValue(forKey: name)
        cluster.namespaceAnnotations.removeValue(forKey: name)
        namespaces.forget(name)
    }

    /// Makes a pod group known, or what changed about it.
    public mutating func setGroup(_ group: PodGroup) {
        cluster.groups[group.metadata.key] = group
    }

    /// Forgets a pod group; its next member would be routed afresh.
    public mutating func removeGroup(_ key: ObjectKey) {
        cluster.groups.removeValue(forKey: key)
        groupRoutes.forget(key)
    }

    /// Sends the members of a group that come from now on to another scheduler, as when its own went down.
    public mutating func rerouteGroup(_ key: ObjectKey, to scheduler: String) {
        guard var route = groupRoutes.route(of: key) else { return }
        route.wrappedValue.scheduler = scheduler
        route.wrappedValue.availability = .ready
        groupRoutes.remember(route, for: key)
    }

    /// Makes an object known that expressions may see as `params`, or what changed about it.
    public mutating func setObject(_ object: Value) throws(FieldError) {
        cluster.objects[try PolicyObjectKey(of: object)] = object
    }

    /// Forgets an object.
    public mutating func removeObject(_ key: PolicyObjectKey) { cluster.objects.removeValue(forKey: key) }

    /// Makes known what time it is, in seconds since 1970; exceptions end by it, and schedules hold by it.
    public mutating func setTime(seconds: Int64) {
        cluster.timeSeconds = seconds
    }

    /// Makes known what schedulers there are; nil lets every name count as ready.
    public mutating func setSchedulers(_ schedulers: [String: SchedulerStatus]?) {
        cluster.schedulers = schedulers
        routes = SettledRoutes(policies.rules, cluster)
    }

    /// Makes known the state of one scheduler; nil forgets it.
    public mutating func setScheduler(_ name: String, _ status: SchedulerStatus?) {
        let isFirst = cluster.schedulers == nil
        let before = cluster.absence(of: name)
        cluster.schedulers = cluster.schedulers ?? [:]
        cluster.schedulers?[name] = status
        // Depths of queues change often; who is there does not.
        if isFirst || cluster.absence(of: name) != before { routes = SettledRoutes(policies.rules, cluster) }
    }
}
