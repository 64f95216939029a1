import ClusterModel
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// Schedulers that keep pods in a queue of their own.
@Suite struct HoldTests {
    private static let node = Node(
        metadata: ObjectMeta(name: "n"), allocatable: ["cpu": Quantity(4), "pods": Quantity(10)])

    /// A dispatcher whose one scheduler is ready with a window of 2, and knows of one node.
    private func makeDispatcher(capabilities: Ready.Capabilities = [.transaction, .hold]) -> Dispatcher {
        var dispatcher = Dispatcher(schedulers: [Registration(name: "gang")])
        dispatcher.handle(.nodeChanged(HoldTests.node), at: .start)
        _ = dispatcher.flush(at: .start)
        becomeReady(&dispatcher, capabilities)
        return dispatcher
    }

    private func becomeReady(
        _ dispatcher: inout Dispatcher, _ capabilities: Ready.Capabilities = [.transaction, .hold]
    ) {
        dispatcher.handle(.started(scheduler: 0), at: .start)
        dispatcher.handle(
            .received(scheduler: 0, .ready(Ready(window: 2, capabilities: capabilities))), at: .start)
    }

    /// Two members of a group that is expected to run 30 s.
    private func arrive(_ name: String, in dispatcher: inout Dispatcher) {
        var metadata = ObjectMeta(name: name, namespace: "default")
        metadata.annotations[PodGroup.expectedRunAnnotation] = "29.5"
        dispatcher.handle(.groupChanged(PodGroup(metadata: metadata, minMember: 2)), at: .start)
        let arrivals = (0..<2).map { index in
            Arrival(
                key: ObjectKey(namespace: "default", name: "\(name)-\(index)"),
                spec: SchedulingSpec(requests: ["cpu": Quantity(2)]), group: metadata.key,
                route: PodRoute(scheduler: "gang"))
        }
        dispatcher.handle(.podsArrived(arrivals), at: .start)
    }

    private func messages(_ directives: [Directive]) -> [DispatcherMessage] {
        directives.compactMap { directive -> DispatcherMessage? in
            if case .send(_, let message) = directive { message } else { nil }
        }
    }

    private func given(_ directives: [Directive]) -> [Int] {
        messages(directives).flatMap { message -> [Int] in
            if case .pods(let pods, _) = message { pods.map(\.pod) } else { [] }
        }
    }

    private func say(_ message: SchedulerMessage, to dispatcher: inout Dispatcher) {
        dispatcher.handle(.received(scheduler: 0, message), at: .start)
        dispatcher.checkInvariants()
    }

    @Test func whatIsHeldLeavesTheWindowAndCanBePlacedLater() {
        var dispatcher = makeDispatcher()
        arrive("a", in: &dispatcher)
        arrive("b", in: &dispatcher)
        #expect(given(dispatcher.flush(at: .start)) == [0, 1], "the window is full")
        say(.hold(Hold(groups: [0], reason: "later")), to: &dispatcher)
        #expect(given(dispatcher.flush(at: .start)) == [2, 3])
        #expect(!dispatcher.isSettled)
        say(.hold(Hold(pods: [2, 3], reason: "later too")), to: &dispatcher)
        #expect(dispatcher.isSettled, "nobody is waited for")
        #expect(dispatcher.outcome(of: 0) == .pending(scheduler: "gang", message: "later"))
        let seats = [0, 1].map { ProposedPlacement(pod: $0, node: 0) }
        say(.transaction(id: 1, revision: nil, seats), to: &dispatcher)
        #expect(dispatcher.outcome(of: 1) == .bound(node: "n", devices: [], scheduler: "gang"))

    }

    @Test func nothingIsLostWhenTheProcessEnds() {
        var dispatcher = makeDispatcher()
        arrive("a", in: &dispatcher)
        arrive("b", in: &dispatcher)
        _ = dispatcher.flush(at: .start)
        say(.hold(Hold(groups: [0], reason: "later")), to: &dispatcher)
        _ = dispatcher.flush(at: .start)
        let seats = [2, 3].map { ProposedPlacement(pod: $0, node: 0) }
        dispatcher.handle(.clockAdvanced(Instant(nanoseconds: 7_000_000_000)), at: .start)
        say(.transaction(id: 1, revision: nil, seats), to: &dispatcher)
        dispatcher.handle(.exited(scheduler: 0, reason: "killed"), at: .start)
        dispatcher.checkInvariants()
        #expect(!dispatcher.isSettled)
        // There is a pause before every start, also after one that placed something.
        _ = dispatcher.flush(at: .start.advanced(bySeconds: Limits().backoffSeconds))
        becomeReady(&dispatcher)
        let told = dispatcher.flush(at: .start)
        #expect(given(told) == [0, 1], "what was held is given out again")
        let groups = messages(told).flatMap { message -> [NumberedGroup] in
            if case .groups(let all) = message { all } else { [] }
        }
        #expect(groups.first { $0.id == 1 }?.started == 7_000, "what runs is described with its start")
        #expect(groups.first { $0.id == 1 }?.expectedSeconds == 30)
        #expect(groups.first { $0.id == 0 }?.submitted == 0)
        let placed = messages(told).flatMap { message -> [PlacedPod] in
            if case .placed(_, let all) = message { all } else { [] }
        }
        #expect(placed.map(\.group) == [1, 1])
    }

    @Test func whatIsDeletedIsWithdrawn() {
        var dispatcher = makeDispatcher()
        arrive("a", in: &dispatcher)
        _ = dispatcher.flush(at: .start)
        say(.hold(Hold(groups: [0], reason: "later")), to: &dispatcher)
        dispatcher.handle(.podRemoved(ObjectKey(namespace: "default", name: "a-1")), at: .start)
        dispatcher.checkInvariants()
        #expect(messages(dispatcher.flush(at: .start)).contains(.withdraw([1])))
        say(
            .transaction(
                id: 1, revision: nil, [ProposedPlacement(pod: 0, node: 0), ProposedPlacement(pod: 1, node: 0)]),
            to: &dispatcher)
        #expect(dispatcher.outcome(of: 0) != .bound(node: "n", devices: [], scheduler: "gang"))
    }

    @Test func theClockClosesWhatIsTold() throws {
        var dispatcher = makeDispatcher()
        _ = dispatcher.flush(at: .start)
        #expect(dispatcher.flush(at: .start).isEmpty, "the time alone is no news")
        arrive("a", in: &dispatcher)
        dispatcher.handle(.clockAdvanced(Instant(nanoseconds: 5_000_000_000)), at: .start)
        #expect(messages(dispatcher.flush(at: .start)).last == .clock(5_000))
        var plain = makeDispatcher(capabilities: .transaction)
        arrive("a", in: &plain)
        let told = messages(plain.flush(at: .start))
        #expect(
            !told.contains { message -> Bool in if case .clock = message { true } else { false } },
            "who keeps no queue is not told")
        let group = try #require(
            told.compactMap { message -> NumberedGroup? in
                if case .groups(let all) = message { all.first } else { nil }
            }.first)
        #expect(group.expectedSeconds == nil && group.submitted == nil)
    }

    @Test func onlyOnesOwnCanBeHeld() {
        var dispatcher = makeDispatcher()
        arrive("a", in: &dispatcher)
        _ = dispatcher.flush(at: .start)
        say(.hold(Hold(pods: [9, -1], groups: [7, -3], reason: "mine")), to: &dispatcher)
        #expect(dispatcher.figures[0].notItsOwn == 2)
        #expect(!dispatcher.isSettled)
    }
}
