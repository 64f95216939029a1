import ClusterModel
import SchedulerProtocol

extension Check {
    /// Decisions: every pod once, where it fits, and again where the dispatcher says so.
    static var decisionChecks: [Check] {
        [
            Check(name: "batches", purpose: "every pod is decided, once, window after window", scene: batches),
            Check(name: "fits", purpose: "no placement breaks a rule that must hold", scene: fits),
            Check(
                name: "full", purpose: "pods that fit nowhere are unschedulable, with reasons and events", scene: full),
            Check(
                name: "conflict", purpose: "a placement refused with retry is decided again, elsewhere", scene: conflict
            ),
            Check(name: "gone", purpose: "a placement refused with gone is undone and forgotten", scene: gone),
            Check(name: "withdraw", purpose: "pods withdrawn are forgotten", scene: withdraw),
            Check(
                name: "groups", purpose: "a pod group is placed with enough members at once or not at all",
                scene: groups),
            Check(
                name: "group-topology", purpose: "a pod group lies in one domain where it must", scene: groupTopology),
            Check(name: "explain", purpose: "explain is answered", scene: explain),
        ]
    }

    private static func batches(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join(Scene.wideNodes(4))
            let total = min(max(64, stage.ready.window * 5 / 2), 640)
            var given: [WirePod] = []
            while given.count < total {
                let room = min(stage.ready.window - stage.ledger.undecided.count, total - given.count, 256)
                if room > 0 { given += stage.give(batch(room)) }
                // The window moves as soon as anything is decided, as the dispatcher moves it.
                let before = stage.ledger.undecided.count
                while stage.ledger.undecided.count == before, before > 0 {
                    guard try stage.next(within: stage.patience.answer) != nil else {
                        throw Fault("\(before) pods at hand, none decided within \(stage.patience.answer) s")
                    }
                }
            }
            try stage.settle(given)
            for pod in given { _ = try stage.node(of: pod, because: "there is room for it on every node") }
            try stage.catchUp()
            return "\(total) pods decided once, at most \(stage.ready.window) at hand"
        }
    }

    private static func fits(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join(Scene.mixedNodes)
            var pods: [WirePod] = []
            for spec in Scene.mixedPods {
                // One after another, so that each decision rests on the ones before.
                pods += stage.give([spec])
                try stage.settle([pods[pods.count - 1]])
            }
            let together = stage.give(Array(Scene.mixedPods.prefix(stage.ready.window)))
            try stage.settle(together)
            pods += together
            let placed = pods.count { pod in
                if case .placed = stage.ledger.decisions[pod] { true } else { false }
            }
            guard placed > 0 else {
                throw Fault("expected the plain pods among \(pods.count) to be placed, found none placed")
            }
            return "\(placed) of \(pods.count) pods placed, each where it fits"
        }
    }

    private static func full(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join([Scene.node("first"), Scene.node("second")])
            let filler = Array(repeating: Scene.pod(milliCPU: 2_000, app: "foreign"), count: 4)
            let foreign = [stage.placeForeign(filler, on: 0), stage.placeForeign(filler, on: 1)]
            let spec = Scene.pod(milliCPU: 2_000)
            let pods = stage.give([spec, spec, spec])
            try stage.settle(pods)
            var told = ""
            for pod in pods {
                guard case .unschedulable(let reasons, let events) = stage.ledger.decisions[pod] else { continue }
                guard !reasons.isEmpty, reasons.values.allSatisfy({ $0 > 0 }) else {
                    throw Fault("pod \(pod): expected reasons with node counts above 0, found \(reasons)")
                }
                guard !events.isDisjoint(with: [.podReleased, .nodeAdded]) else {
                    throw Fault(
                        "pod \(pod): expected podReleased or nodeAdded among its events, found "
                            + "[\(events.names.joined(separator: ", "))]; nothing would ever wake it")
                }
                told = reasons.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
            }
            stage.release(foreign[1])
            let next = stage.give([spec])
            try stage.settle(next)
            try stage.expectPlaced(next[0], on: 1, because: "all pods of node 1 have left")
            return told
        }
    }

    private static func conflict(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join([Scene.node("first"), Scene.node("second")])
            let pod = stage.give([Scene.pod(milliCPU: 6_000)])
            try stage.settle(pod)
            let lost = try stage.node(of: pod[0], because: "both nodes are empty")
            stage.placeForeign([Scene.pod(milliCPU: 6_000, app: "foreign")], on: lost)
            stage.reject(pod, on: lost, .retry, "Insufficient cpu")
            try stage.settle(pod)
            try stage.expectPlaced(pod[0], on: 1 - lost, because: "another scheduler was faster on node \(lost)")
            return "refused on node \(lost), then placed on node \(1 - lost)"
        }
    }

    private static func gone(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join([Scene.node("only")])
            let pod = stage.give([Scene.pod(milliCPU: 6_000)])
            try stage.settle(pod)
            _ = try stage.node(of: pod[0], because: "the node is empty")
            stage.reject(pod, on: 0, .gone, "the pod is not this scheduler's to place")
            try stage.catchUp()
            stage.endGrace()
            let next = stage.give([Scene.pod(milliCPU: 6_000)])
            try stage.settle(next)
            try stage.expectPlaced(next[0], on: 0, because: "the placement refused with gone takes no room")
            try stage.catchUp()
            return "undone and forgotten"
        }
    }

    private static func withdraw(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join([Scene.node("only")])
            let count = min(stage.ready.window, 20)
            let pods = stage.give(Array(repeating: Scene.pod(), count: count))
            stage.withdraw(pods)
            try stage.catchUp()
            stage.endGrace()
            let next = stage.give([Scene.pod(milliCPU: 6_000)])
            try stage.settle(next)
            try stage.expectPlaced(next[0], on: 0, because: "the pods withdrawn take no room")
            try stage.catchUp()
            return "\(count) pods forgotten"
        }
    }

    private static func requireTransactions(_ stage: Rehearsal) throws(Stop) {
        guard stage.ready.capabilities.contains(.transaction) else {
            throw .skipped("it does not have the capability transaction; the dispatcher reserves members one by one")
        }
    }

    private static func groups(_ stage: Rehearsal) throws(Stop) -> String {
        try requireTransactions(stage)
        return try played { () throws(Fault) in
            stage.join((0..<3).map { Scene.node("node-\($0)") })
            let member = Scene.pod(milliCPU: 3_000, app: "member")
            // Six seats: four for the first group, then too few for the second.
            let first = try giveGroup(stage, 0, named: "fits", Array(repeating: member, count: 4))
            for pod in first { _ = try stage.node(of: pod, because: "there is room for the whole group") }
            let second = try giveGroup(stage, 1, named: "too-large", Array(repeating: member, count: 4))
            for pod in second {
                guard case .unschedulable(let reasons, _) = stage.ledger.decisions[pod], !reasons.isEmpty else {
                    throw Fault("pod \(pod) of a group that does not fit: expected unschedulable with reasons")
                }
            }
            return "a group of 4 placed at once, another left alone"
        }
    }

    private static func groupTopology(_ stage: Rehearsal) throws(Stop) -> String {
        try requireTransactions(stage)
        return try played { () throws(Fault) in
            let rack = "example.com/rack"
            // Rack a has more room on its best node, but only rack b holds all four members.
            stage.join([
                Scene.node("a-0", cpu: 12, labels: [rack: "a"]), Scene.node("b-0", labels: [rack: "b"]),
                Scene.node("b-1", labels: [rack: "b"]),
            ])
            let member = Scene.pod(milliCPU: 4_000, app: "member")
            let pods = try giveGroup(
                stage, 0, named: "close", Array(repeating: member, count: 4), requiredKeys: [rack])
            for pod in pods {
                let node = try stage.node(of: pod, because: "rack b has room for the whole group")
                if node == 0 { throw Fault("it placed pod \(pod) in rack a, which cannot hold the whole group") }
            }
            return "placed in the one rack that holds it"
        }
    }

    private static func giveGroup(
        _ stage: Rehearsal, _ id: WireGroup, named name: String, _ members: [SchedulingSpec],
        requiredKeys: [String] = []
    ) throws(Fault) -> [WirePod] {
        stage.declare(
            PodGroup(
                metadata: ObjectMeta(name: name, namespace: "rehearsal"), minMember: members.count,
                requiredTopologyKeys: requiredKeys),
            id: id)
        let pods = stage.give(members, group: id)
        try stage.settle(pods)
        return pods
    }

    private static func explain(_ stage: Rehearsal) throws(Stop) -> String {
        guard stage.ready.capabilities.contains(.explain) else {
            throw .skipped("it does not have the capability explain")
        }
        return try played { () throws(Fault) in
            stage.join(Scene.wideNodes(2))
            let found = try stage.explanation(of: Scene.pod())
            guard found != .null else { throw Fault("expected an explanation, found null") }
            return "answered"
        }
    }
}
