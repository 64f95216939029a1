import ClusterModel
import JSON
import SchedulerProtocol

extension Check {
    /// What other versions and mishaps bring: it must not disturb.
    static var toleranceChecks: [Check] {
        [
            Check(name: "garbage", purpose: "lines that are no messages are passed over", scene: garbage),
            Check(name: "unknown-types", purpose: "messages of unknown types are passed over", scene: unknownTypes),
            Check(name: "unknown-fields", purpose: "fields of unknown names are passed over", scene: unknownFields),
        ]
    }

    private static func garbage(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            let lines: [[UInt8]] = [
                Array("Warning: something".utf8), Array("[]".utf8), Array(#"{"type":17}"#.utf8), Array("{}".utf8), [],
                [0xFF, 0xFE, 0x00, 0x80, 0x1B], Array(#"{"type":"pods","pods":[[1"#.utf8),
                Array(repeating: UInt8(ascii: "x"), count: 100_000),
            ]
            for line in lines { stage.send(line + [0x0A]) }
            try expectService(stage, because: "lines that are no messages mean nothing")
            return "\(lines.count) lines passed over"
        }
    }

    private static func unknownTypes(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.send(Array((#"{"type":"teleport","pods":"all"}"# + "\n").utf8))
            stage.send(Array((#"{"type":"weather","revision":9000,"nodes":[]}"# + "\n").utf8))
            try expectService(stage, because: "messages of unknown types mean nothing")
            return "passed over"
        }
    }

    private static func unknownFields(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.extraFields = true
            try expectService(stage, because: "fields of unknown names mean nothing")
            return "passed over"
        }
    }

    /// Shows that the scheduler still does its work.
    private static func expectService(_ stage: Rehearsal, because: String) throws(Fault) {
        stage.join([Scene.node("first"), Scene.node("second", isCordoned: true)])
        let pods = stage.give([Scene.pod(), Scene.pod(milliCPU: 500)])
        try stage.settle(pods)
        for pod in pods { try stage.expectPlaced(pod, on: 0, because: because) }
        try stage.catchUp()
    }
}
