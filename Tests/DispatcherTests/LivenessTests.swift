import ClusterModel
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// Whatever a scheduler does, its rounds come to an end: it is given up, or its pods come to rest.
@Suite struct LivenessTests {
    private let limits = Limits()

    private func isPending(_ outcome: Outcome) -> Bool { if case .pending = outcome { true } else { false } }

    @Test(arguments: ["unschedulable", "hold", "transaction", "place"])
    func emptyDecisionsAreNone(type: String) {
        var theatre = Theatre()
        theatre.arrive(4)
        let empty = #"{"type":"\#(type)","pods":[],"groups":[],"reasons":{},"reason":""}"#
        let result = theatre.run { _, message in politely(message) + [.write(empty)] }
        #expect(result.isSettled)
        #expect(result.starts == [limits.crashesBeforeBreak])
        #expect(theatre.dispatcher.figures[0].timesGivenUp == 1)
        #expect(result.seconds < (limits.decisionSeconds + 5) * Double(limits.crashesBeforeBreak))
        #expect((0..<4).allSatisfy { isPending(theatre.outcome($0)) })
    }

    /// The decision counts as made on what it had read when it was given the pod, whatever number it writes.
    @Test(arguments: [0, -1, Int.min, Int.max, 1]) func aStaleRevisionIsNoRoundTrip(revision: Int) {
        var theatre = Theatre()
        theatre.arrive(8, milli: 2_000)
        let result = theatre.run { _, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            let report = Unschedulable(
                pods: pods.map(\.pod), revision: revision, reasons: ["Insufficient cpu": 2], events: .all)
            return [.say(.unschedulable(report))]
        }
        #expect(result.isSettled)
        #expect(result.handouts.values.allSatisfy { $0 == 1 }, "\(result.handouts)")
        for number in 0..<8 {
            guard case .unschedulable(_, let reasons) = theatre.outcome(number) else {
                Issue.record("pod \(number): \(theatre.outcome(number))")
                continue
            }
            #expect(reasons == ["Insufficient cpu": 2])
        }
    }

    /// By revision 0 every refusal looks like a conflict, because nodes joined since.
    @Test func refusalsByAnOldRevisionAreMistakes() {
        var theatre = Theatre()
        theatre.arrive(1, milli: 2_000)
        var proposals = 0
        func propose(_ pod: Int) -> [Theatre.Act] {
            proposals += 1
            return [.say(.place(revision: 0, [ProposedPlacement(pod: pod, node: proposals % 2)]))]
        }
        let result = theatre.run { _, message in
            switch message {
            case .pods(let pods, _): pods.flatMap { propose($0.pod) }
            case .rejected(let all): all.filter { $0.verdict == .retry }.flatMap { propose($0.pod) }
            default: politely(message)
            }
        }
        #expect(result.isSettled)
        #expect(proposals <= limits.mistakesPerPod * (limits.refusalRounds + 1))
        #expect(theatre.dispatcher.figures[0].conflicts == 0)
        #expect(isPending(theatre.outcome(0)))
    }

    @Test func aCrashAfterEachAnswerIsGivenUp() {
        var theatre = Theatre()
        theatre.arrive(40, milli: 2_000)
        let result = theatre.run { _, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            let report = Unschedulable(
                pods: [pods[0].pod], revision: 0, reasons: ["Insufficient cpu": 2], events: .all)
            return [.say(.unschedulable(report)), .crash]
        }
        #expect(result.isSettled)
        #expect(result.starts == [limits.crashesBeforeBreak])
        #expect(result.seconds > limits.backoffSeconds, "there is a pause between all starts")
    }

    @Test func aCrashAfterEachHoldIsGivenUp() {
        var theatre = Theatre()
        theatre.arrive(4)
        let result = theatre.run { _, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            return [.say(.hold(Hold(pods: pods.map(\.pod), reason: "later"))), .crash]
        }
        #expect(result.starts == [limits.crashesBeforeBreak])
    }

    /// Ends at any pod: the pods that were set aside for it were not at fault, and go to the fallback with the others.
    @Test func aCrashAtEveryPodIsGivenUpAndItsPodsFallBack() {
        var theatre = Theatre(["evil", "good"], nodes: 80)
        theatre.arrive(600, to: "evil", unavailable: .fallback(["good"]))
        let result = theatre.run { index, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            if index == 0 { return [.crash] }
            return pods.map { .say(.place(revision: nil, [ProposedPlacement(pod: $0.pod, node: $0.pod % 80)])) }
        }
        #expect(result.isSettled)
        #expect(result.starts[0] == limits.crashesBeforeBreak)
        #expect(theatre.dispatcher.figures[1].bound == 600)
    }

    /// One pod that its scheduler cannot bear is set aside, and the scheduler goes on with the others.
    @Test func onePoisonedPodIsSetAside() {
        var theatre = Theatre(nodes: 10)
        theatre.arrive(50)
        let result = theatre.run { _, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            if pods.contains(where: { $0.pod == 7 }) { return [.crash] }
            return pods.map { .say(.place(revision: nil, [ProposedPlacement(pod: $0.pod, node: $0.pod % 10)])) }
        }
        #expect(result.isSettled)
        #expect(theatre.dispatcher.figures[0].bound == 49)
        #expect(theatre.dispatcher.figures[0].timesGivenUp == 0)
        guard case .pending(_, let message) = theatre.outcome(7) else {
            Issue.record("\(theatre.outcome(7))")
            return
        }
        #expect(message.contains("set aside"))
        #expect(result.starts[0] < 20)
    }

    @Test func startsAfterProgressHaveAPauseBetweenThemToo() {
        var theatre = Theatre(nodes: 10)
        theatre.arrive(50)
        let result = theatre.run { _, message in
            guard case .pods(let pods, _) = message, let pod = pods.first?.pod else { return politely(message) }
            return [.say(.place(revision: nil, [ProposedPlacement(pod: pod, node: pod % 10)])), .crash]
        }
        #expect(result.isSettled)
        #expect(theatre.dispatcher.figures[0].bound == 50)
        #expect(result.seconds > 40 * limits.backoffSeconds / 2, "\(result.seconds) s for \(result.starts) starts")
    }

    /// A group refused again and again while a member to spare fits nowhere.
    @Test func aRefusedGroupRests() {
        var theatre = Theatre()
        let key = ObjectKey(namespace: "default", name: "gang")
        theatre.dispatcher.handle(
            .groupChanged(PodGroup(metadata: ObjectMeta(name: "gang", namespace: "default"), minMember: 2)),
            at: theatre.now)
        theatre.arrive(3, milli: 2_000, group: key)
        var known: [Int] = []
        var refusals = 0
        func propose(_ pods: [Int]) -> [Theatre.Act] {
            guard pods.count >= 2 else { return pods.map { unfit($0) } }
            refusals += 1
            let placements = pods.prefix(2).enumerated().map { ProposedPlacement(pod: $1, node: $0) }
            return [.say(.transaction(id: 1, revision: 0, placements))] + pods.dropFirst(2).map { unfit($0) }
        }
        func unfit(_ pod: Int) -> Theatre.Act {
            .say(.unschedulable(Unschedulable(pods: [pod], revision: 0, reasons: ["x": 1], events: .all)))
        }
        let result = theatre.run(seconds: 600) { _, message in
            switch message {
            case .pods(let pods, _):
                known += pods.map(\.pod)
                defer { known = [] }
                return propose(known)
            case .rejected(let all): return propose(all.filter { $0.verdict == .retry }.map(\.pod))
            default: return politely(message)
            }
        }
        #expect(result.isSettled, "\(result)")
        #expect(refusals < 1_000)
        #expect(theatre.dispatcher.figures[0].bound == 0)
    }

    // MARK: - Time and memory

    /// The clock went on while nobody listened: with word of that nobody is killed, without it everybody is.
    @Test(arguments: [true, false]) func timeAwayCountsAgainstNobody(isTold: Bool) {
        var theatre = Theatre()
        theatre.arrive(1)
        _ = theatre.run(seconds: 1) { _, message in politely(message) }
        theatre.now = theatre.now.advanced(bySeconds: 100)
        if isTold { theatre.dispatcher.handle(.wasAway(nanoseconds: 100_000_000_000), at: theatre.now) }
        let directives = theatre.dispatcher.flush(at: theatre.now)
        #expect(directives.contains(.kill(scheduler: 0)) == !isTold)
    }

    /// A process that the system cannot end is waited for no longer than stated.
    @Test func everyStateHasADeadline() {
        var theatre = Theatre()
        theatre.killsWork = false
        theatre.arrive(1)
        let result = theatre.run { _, message in if case .hello = message { politely(message) } else { [] } }
        #expect(result.isSettled)
        #expect(result.starts[0] >= limits.crashesBeforePodIsSetAside)
        #expect(result.notes.contains { $0.contains("did not end within") })
        theatre.dispatcher.handle(.shutDown, at: theatre.now)
        _ = theatre.run(seconds: 60) { _, _ in [] }
        #expect(theatre.dispatcher.isStopped)
    }

    @Test func stoppingNowWaitsForNoDecision() {
        var theatre = Theatre()
        theatre.arrive(1)
        _ = theatre.run(seconds: 1) { _, message in politely(message) }
        theatre.dispatcher.handle(.stopNow, at: theatre.now)
        #expect(theatre.dispatcher.flush(at: theatre.now).contains(.send(scheduler: 0, .stop)))
        let begin = theatre.now
        theatre.now = theatre.now.advanced(bySeconds: limits.hurriedSeconds)
        #expect(theatre.dispatcher.flush(at: theatre.now).contains(.kill(scheduler: 0)), "since \(begin)")
    }

    @Test func answersForOneThatDoesNotReadAreBounded() {
        var limits = Limits()
        limits.maxWindow = 64
        limits.answersKept = 100
        var theatre = Theatre(limits: limits)
        theatre.arrive(1)
        var isPlaced = false
        _ = theatre.run(seconds: 1) { _, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            isPlaced = true
            return [.say(.place(revision: nil, [ProposedPlacement(pod: pods[0].pod, node: 0)]))]
        }
        #expect(isPlaced)
        theatre.dispatcher.handle(.outputPending(scheduler: 0, bytes: limits.outputHighWaterBytes), at: theatre.now)
        let again = Array(repeating: ProposedPlacement(pod: 0, node: 0), count: 1_000)
        for _ in 0..<10 {
            theatre.dispatcher.handle(.received(scheduler: 0, .place(revision: nil, again)), at: theatre.now)
        }
        #expect(theatre.dispatcher.slots[0].rejections.count == limits.answersKept)
        #expect(theatre.dispatcher.flush(at: theatre.now).contains(.kill(scheduler: 0)))
    }

    /// A node's number that is none, although its lower half is one.
    @Test(arguments: [1 << 32, Int.max, Int.min, -1, 1 << 32 + 1]) func aPreemptionOnNoNodeIsRefused(node: Int) {
        var theatre = Theatre(nodes: 1)
        theatre.arrive(1, milli: 1_000)
        theatre.arrive(1, milli: 1_000, priority: 5)
        var proposals = 0
        let result = theatre.run { _, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            return pods.map { pod in
                if pod.pod == 0 { return .say(.place(revision: nil, [ProposedPlacement(pod: 0, node: 0)])) }
                proposals += 1
                return .say(.preempt(revision: nil, pod: pod.pod, node: node, victims: [0]))
            }
        }
        #expect(proposals > 0)
        #expect(theatre.dispatcher.figures[0].evictions == 0, "\(result)")
    }

    @Test func reasonsAreKeptInPart() {
        var theatre = Theatre()
        theatre.arrive(1, milli: 2_000)
        let reasons = Dictionary(
            uniqueKeysWithValues: (0..<10_000).map { ("\($0) " + String(repeating: "é", count: 5_000), $0 - 5_000) })
        _ = theatre.run(seconds: 1) { _, message in
            guard case .pods(let pods, _) = message else { return politely(message) }
            return [
                .say(.unschedulable(Unschedulable(pods: [pods[0].pod], revision: nil, reasons: reasons, events: [])))
            ]
        }
        guard case .unschedulable(_, let kept) = theatre.outcome(0) else {
            Issue.record("\(theatre.outcome(0))")
            return
        }
        #expect(kept.count == limits.reasonsKept)
        #expect(kept.keys.allSatisfy { $0.utf8.count <= limits.reasonBytes + 3 && $0.hasSuffix("…") })
        #expect(kept.values.allSatisfy { $0 >= 0 })
    }
}
