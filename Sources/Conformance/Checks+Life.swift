import ClusterModel
import DispatcherShell
import SchedulerProtocol

extension Check {
    /// The process: how it starts, shows that it lives, and ends.
    static var lifeChecks: [Check] {
        [
            Check(name: "handshake", purpose: "hello is answered by ready in time", scene: handshake),
            Check(name: "idle", purpose: "with nothing to decide nothing is said", scene: idle),
            Check(name: "ping", purpose: "ping is answered while pods are at hand", scene: ping),
            Check(name: "drain", purpose: "after drain what is at hand is decided, then stop ends it", scene: drain),
            Check(name: "stop", purpose: "stop ends it with status 0 even with pods at hand", scene: stop),
            Check(name: "end-of-input", purpose: "it ends when the dispatcher is gone", scene: endOfInput),
        ]
    }

    private static func handshake(_ stage: Rehearsal) throws(Stop) -> String {
        // The greeting is the runner's, as for every check; that it went well is all there is to see.
        let names = stage.ready.capabilities.nameList
        return "window \(stage.ready.window), capabilities: \(names.isEmpty ? "none" : names.joined(separator: ", "))"
    }

    /// Messages that a scheduler may send unasked while it has nothing to decide: now and then some stats.
    private static let idleMessages = 5

    private static func idle(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join(Scene.wideNodes(2))
            try stage.catchUp()
            let before = stage.messageCount
            while try stage.next(within: stage.patience.quiet) != nil {
                let count = stage.messageCount - before
                if count > idleMessages {
                    throw Fault("expected silence with no pod at hand, found \(count) messages unasked for")
                }
            }
            return "silent"
        }
    }

    private static func ping(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join(Scene.wideNodes(20))
            let pods = stage.give(batch(min(stage.ready.window, 256)))
            // The ping must not be read together with the pods.
            _ = try stage.next(within: stage.patience.quiet)
            try stage.catchUp()
            let left = pods.count(where: stage.ledger.undecided.contains)
            return "answered with \(left) of \(pods.count) pods undecided"
        }
    }

    private static func drain(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join(Scene.wideNodes(4))
            let pods = stage.give(batch(min(stage.ready.window, 32)))
            stage.send(.drain)
            try stage.settle(pods)
            stage.send(.stop)
            try expectCleanEnd(stage)
            return "\(pods.count) pods decided, then ended"
        }
    }

    private static func stop(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join(Scene.wideNodes(4))
            _ = stage.give(batch(min(stage.ready.window, 32)))
            stage.send(.stop)
            try expectCleanEnd(stage)
            return "ended with status 0"
        }
    }

    private static func expectCleanEnd(_ stage: Rehearsal) throws(Fault) {
        guard let end = try stage.end(within: stage.patience.exit) else {
            throw Fault("expected an end within \(stage.patience.exit) s of stop, found none")
        }
        guard end.status == 0 else { throw Fault("expected exit status 0 after stop, found that it \(end)") }
    }

    private static func endOfInput(_ stage: Rehearsal) throws(Stop) -> String {
        try played { () throws(Fault) in
            stage.join(Scene.wideNodes(1))
            try stage.catchUp()
            stage.closeInput()
            guard let end = try stage.end(within: stage.patience.exit) else {
                throw Fault("expected an end within \(stage.patience.exit) s of its stdin being closed, found none")
            }
            return "\(end)"
        }
    }

    /// So many small pods, of three templates in turn.
    static func batch(_ count: Int) -> [SchedulingSpec] {
        (0..<count).map { Scene.pod(milliCPU: 10 + 10 * Int64($0 % 3)) }
    }

    /// Runs a scene; what is thrown in it fails the check.
    static func played<T>(_ scene: () throws(Fault) -> T) throws(Stop) -> T {
        do { return try scene() } catch { throw .failed(error) }
    }
}
