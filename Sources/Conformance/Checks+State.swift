import ClusterModel
import SchedulerProtocol

extension Check {
    /// The mirror: what the scheduler is told of the cluster counts in its decisions.
    static var stateChecks: [Check] {
        [
            Check(name: "nodes", purpose: "nodes that join, change and leave are taken into account", scene: nodes),
            Check(
                name: "placements", purpose: "pods that others place and release are taken into account",
                scene: placements),
        ]
    }

    private static func nodes(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join([Scene.node("first")])
            try expectNext(stage, on: 0, because: "node 0 is the only one")
            stage.join([Scene.node("first", isCordoned: true), Scene.node("second")])
            try expectNext(stage, on: 1, because: "node 0 was cordoned and node 1 joined")
            stage.remove(node: 1)
            stage.join([Scene.node("first")])
            try expectNext(stage, on: 0, because: "node 0 was uncordoned and node 1 left")
            stage.join([Scene.node("first", cpu: 2)])
            stage.join([Scene.node("third")], first: 2)
            try expectNext(stage, on: 2, because: "node 0 shrank below what its pods take and node 2 joined")
            return "4 changes followed"
        }
    }

    private static func placements(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join([Scene.node("first"), Scene.node("second")])
            let filler = Array(repeating: Scene.pod(milliCPU: 2_000, app: "foreign"), count: 4)
            let first = stage.placeForeign(filler, on: 0)
            try expectNext(stage, on: 1, because: "others filled node 0")
            stage.placeForeign(Array(filler.dropLast()), on: 1)
            stage.release(first)
            try expectNext(stage, on: 0, because: "others filled node 1 and left node 0")
            // A node can have left by the time that its last placements are told of.
            let late = PlacedPod(pod: 1, template: 0, node: 99)
            stage.send(.placed(revision: stage.nextRevision(), [late]))
            stage.send(.released(revision: stage.nextRevision(), [late.pod]))
            try expectNext(stage, on: 0, because: "a placement on a node that left changes nothing")
            return "placements and releases by others followed"
        }
    }

    /// Gives a pod of two cpu and expects it on a node.
    private static func expectNext(_ stage: Rehearsal, on node: WireNode, because: String) throws(Fault) {
        let pods = stage.give([Scene.pod(milliCPU: 2_000)])
        try stage.settle(pods)
        try stage.expectPlaced(pods[0], on: node, because: because)
    }
}
