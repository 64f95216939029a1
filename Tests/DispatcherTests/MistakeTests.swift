import ClusterModel
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// A scheduler that only ever makes mistakes is stopped, whatever they look like.
@Suite struct MistakeTests {
    /// A pod, and a scheduler that answers each refusal with another node, as `choose` says from how often it was asked.
    private func run(_ choose: (Int) -> Int) -> (proposals: Int, outcome: Outcome) {
        var dispatcher = Dispatcher(schedulers: [Registration(name: "wild")])
        var now = Instant.start
        let key = ObjectKey(namespace: "default", name: "pod")
        for number in 0..<4 { dispatcher.handle(.nodeChanged(VirtualCluster.node("node-\(number)", 1_000)), at: now) }
        let spec = SchedulingSpec(requests: ["cpu": Quantity(2)])
        dispatcher.handle(.podsArrived([Arrival(key: key, spec: spec, route: PodRoute(scheduler: "wild"))]), at: now)
        var proposals = 0
        func propose(_ pod: Int) {
            let placement = ProposedPlacement(pod: pod, node: choose(proposals))
            proposals += 1
            dispatcher.handle(.received(scheduler: 0, .place(revision: nil, [placement])), at: now)
        }
        while proposals < 100_000, !(dispatcher.isSettled && proposals > 0) {
            // Within the time between two pings, so that nothing but refusals happens.
            now = now.advanced(bySeconds: 0.001)
            for directive in dispatcher.flush(at: now) {
                switch directive {
                case .start: dispatcher.handle(.started(scheduler: 0), at: now)
                case .send(_, .hello):
                    let ready = Ready(window: 8, capabilities: [])
                    dispatcher.handle(.received(scheduler: 0, .ready(ready)), at: now)
                case .send(_, .ping(let id)): dispatcher.handle(.received(scheduler: 0, .pong(id)), at: now)
                case .send(_, .pods(let pods, _)): for pod in pods { propose(pod.pod) }
                case .send(_, .rejected(let rejections)):
                    for rejection in rejections where rejection.verdict == .retry { propose(rejection.pod) }
                default: break
                }
            }
        }
        return (proposals, dispatcher.outcome(of: dispatcher.number(of: key) ?? -1))
    }

    @Test(arguments: [1, 4, 1_000_000])
    func refusalsEnd(nodes: Int) {
        let limits = Limits()
        let (proposals, outcome) = run { $0 % nodes }
        #expect(proposals >= limits.refusalsPerNode)
        #expect(proposals <= limits.mistakesPerPod * (limits.refusalRounds + 1))
        guard case .pending(_, let message) = outcome else {
            Issue.record("the pod must be left pending: \(outcome)")
            return
        }
        #expect(message.contains("keeps proposing what is refused"))
    }
}
