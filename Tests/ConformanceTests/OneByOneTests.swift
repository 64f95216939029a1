import ClusterModel
import Dispatcher
import DispatcherShell
import Foundation
import Testing

/// Runs of the dispatcher with real processes that place the members of groups one by one.
@Suite(.serialized) struct OneByOneTests {
    /// Two groups, of which neither ever has room for all its members: each is reserved places and gives them back, and
    /// the run ends all the same.
    @Test(.timeLimit(.minutes(1))) func groupsThatNeverFitComeToRest() async {
        let outcomes = await run(cpus: 8, groups: 2, members: 10)
        #expect(outcomes.count == 20)
        for outcome in outcomes {
            guard case .unschedulable(_, let reasons) = outcome else {
                Issue.record("expected unschedulable, found \(outcome)")
                continue
            }
            #expect(!reasons.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aGroupThatFitsIsBoundWhole() async {
        let outcomes = await run(cpus: 16, groups: 1, members: 10)
        let bound = outcomes.count { if case .bound = $0 { true } else { false } }
        #expect(bound == 10, "\(outcomes)")
    }

    private func run(cpus: Int64, groups: Int, members: Int) async -> [Outcome] {
        await onOwnThread {
            let shell = Shell(
                dispatcher: Dispatcher(schedulers: [Registration(name: "one-by-one")]),
                specs: [Fixture.broken("one-by-one")])
            shell.submit(.nodeChanged(node("only", cpus: cpus)))
            for group in 0..<groups {
                let metadata = ObjectMeta(name: "g\(group)", namespace: "default")
                shell.submit(.groupChanged(PodGroup(metadata: metadata, minMember: members)))
            }
            shell.submit(.podsArrived(arrivals(groups, members)))
            shell.run { $0.dispatcher.isSettled }
            let outcomes = (0..<shell.dispatcher.podCount).map { shell.dispatcher.outcome(of: $0) }
            shell.stop()
            return outcomes
        }
    }
}

/// The members of the groups in turn, so that they get in each other's way.
private func arrivals(_ groups: Int, _ members: Int) -> [Arrival] {
    (0..<groups * members).map { number in
        Arrival(
            key: ObjectKey(namespace: "default", name: "pod-\(number)"),
            spec: SchedulingSpec(requests: ["cpu": Quantity(1)]),
            group: ObjectKey(namespace: "default", name: "g\(number % groups)"),
            route: PodRoute(scheduler: "one-by-one"))
    }
}
