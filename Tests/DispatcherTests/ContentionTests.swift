import ClusterModel
import Placement
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// Two schedulers that want the same nodes are told to keep apart, and to stop it when they have not met for long.
@Suite struct ContentionTests {
    private struct World {
        var dispatcher: Dispatcher
        var now = Instant.start
        private var pods = 0
        private var nodes = 0
        /// The shares told so far, by scheduler.
        var shares: [[[Int]]] = [[], []]

        init() {
            var limits = Limits.quick
            limits.contentionMemory = 20
            limits.contentionHigh = 0.2
            limits.contentionLow = 0.05
            dispatcher = Dispatcher(schedulers: [Registration(name: "a"), Registration(name: "b")], limits: limits)
            flush()
            for index in 0..<2 {
                dispatcher.handle(.started(scheduler: index), at: now)
                let ready = Ready(window: 64, capabilities: .transaction)
                dispatcher.handle(.received(scheduler: index, .ready(ready)), at: now)
            }
            flush()
        }

        mutating func flush() {
            for directive in dispatcher.flush(at: now) {
                if case .send(let index, .share(let share, let of)) = directive { shares[index].append([share, of]) }
            }
        }

        /// A pod for each scheduler; both place it on nodes of which each holds one pod, the same one or two.
        mutating func round(theyMeet: Bool) {
            for _ in 0..<2 {
                dispatcher.handle(.nodeChanged(VirtualCluster.node("node-\(nodes)", 1_000)), at: now)
                nodes += 1
            }
            var numbers: [Int] = []
            for name in ["a", "b"] {
                let spec = SchedulingSpec(requests: ["cpu": Quantity(milli: 1_000)])
                let key = ObjectKey(namespace: "default", name: "\(name)-\(pods)")
                numbers.append(dispatcher.podCount)
                let arrival = Arrival(key: key, spec: spec, route: PodRoute(scheduler: name))
                dispatcher.handle(.podsArrived([arrival]), at: now)
                pods += 1
            }
            flush()
            let revision = dispatcher.log.revision
            for index in 0..<2 {
                let node = theyMeet ? nodes - 1 : nodes - 1 - index
                let proposal = ProposedPlacement(pod: numbers[index], node: node)
                dispatcher.handle(.received(scheduler: index, .place(revision: revision, [proposal])), at: now)
            }
            flush()
            for index in 0..<2 where dispatcher.pods[numbers[index]].state == .assigned {
                let report = Unschedulable(pods: [numbers[index]], revision: nil, reasons: [:], events: [])
                dispatcher.handle(.received(scheduler: index, .unschedulable(report)), at: now)
            }
            flush()
            dispatcher.checkInvariants()
        }
    }

    @Test func whoMeetsTooOftenKeepsApartForAWhile() {
        var world = World()
        for _ in 0..<20 { world.round(theyMeet: false) }
        #expect(world.shares == [[], []], "they never met")
        for _ in 0..<20 { world.round(theyMeet: true) }
        #expect(world.shares == [[[0, 2]], [[1, 2]]], "the loser and the winner each have a share")
        for _ in 0..<100 { world.round(theyMeet: false) }
        #expect(world.shares == [[[0, 2], [0, 1]], [[1, 2], [0, 1]]], "all nodes are theirs again")
    }
}
