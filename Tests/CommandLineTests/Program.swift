import ClusterTestKit
import Foundation
import Testing

/// The programs that were built with the tests, run as a user runs them.
enum Program {
    static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    static let switchyard = folder + "/switchyard"

    /// How a run ended.
    struct Outcome: Sendable {
        /// The exit code; what a shell says (128 and the number) where a signal ended it.
        var code: Int32
        var output: String
        var errors: String
        /// The largest resident size seen, in kilobytes.
        var peakKilobytes = 0
    }

    /// A program that runs.
    final class Run {
        let process = Process()
        private let files: TemporaryFolder
        private(set) var peakKilobytes = 0

        /// Starts a command; its stdout goes to a file unless another place is named.
        init(
            _ command: [String], in folder: TemporaryFolder, environment: [String: String] = [:], output: String? = nil
        ) throws {
            files = try TemporaryFolder()
            process.executableURL = URL(fileURLWithPath: command[0])
            process.arguments = Array(command.dropFirst())
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try Run.file(output ?? files.path + "/output", isNew: output == nil)
            process.standardError = try Run.file(files.path + "/errors", isNew: true)
            try process.run()
        }

        private static func file(_ path: String, isNew: Bool) throws -> FileHandle {
            if isNew { FileManager.default.createFile(atPath: path, contents: nil) }
            return try #require(FileHandle(forWritingAtPath: path), "\(path) cannot be written")
        }

        func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

        /// Waits for the end; a program that takes longer is killed, which is a fault.
        func end(within seconds: Double = 60) -> Outcome {
            let deadline = Date().addingTimeInterval(seconds)
            while process.isRunning, Date() < deadline {
                sample()
                usleep(10_000)
            }
            if process.isRunning {
                Issue.record("still runs after \(seconds) s: \(process.arguments ?? [])")
                send(SIGKILL)
                process.waitUntilExit()
            }
            let wasKilled = process.terminationReason == .uncaughtSignal
            return Outcome(
                code: process.terminationStatus + (wasKilled ? 128 : 0), output: text("output"), errors: text("errors"),
                peakKilobytes: peakKilobytes)
        }

        private func sample() {
            let path = "/proc/\(process.processIdentifier)/status"
            guard let status = try? String(contentsOfFile: path, encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
                let size = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            else { return }
            peakKilobytes = max(peakKilobytes, size)
        }

        private func text(_ name: String) -> String {
            (try? String(contentsOfFile: files.path + "/" + name, encoding: .utf8)) ?? ""
        }
    }

    /// Runs a command to its end.
    static func run(
        _ command: [String], in folder: TemporaryFolder, within seconds: Double = 60,
        environment: [String: String] = [:], output: String? = nil
    ) throws -> Outcome {
        try Run(command, in: folder, environment: environment, output: output).end(within: seconds)
    }

    /// Processes with a variable in their environment and a word in their command, by number.
    static func processes(tagged tag: String, saying word: String) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { process in
            guard let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ"),
                let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
            else { return false }
            return environment.range(of: Data("SWITCHYARD_TEST_TAG=\(tag)".utf8)) != nil
                && command.range(of: Data(word.utf8)) != nil
        }
    }

    /// Waits until there are none, and kills those that stay.
    static func leftBehind(tagged tag: String, saying word: String, within seconds: Double = 5) -> Int {
        let deadline = Date().addingTimeInterval(seconds)
        while !processes(tagged: tag, saying: word).isEmpty, Date() < deadline { usleep(20_000) }
        let left = processes(tagged: tag, saying: word)
        for process in left { kill(process, SIGKILL) }
        return left.count
    }
}

/// A small cluster in files, beside a scheduler that misbehaves in one way.
struct Scene {
    let folder: TemporaryFolder
    var tag = UUID().uuidString

    /// Makes the files: some nodes of 4 cpu, pods of half a cpu, and a scheduler in Python that does `body` at `pods`.
    init(nodes: Int = 2, pods: Int = 4, beforeHello: String = "", atPods body: String = "pass") throws {
        folder = try TemporaryFolder()
        let nodeTexts = (0..<nodes).map { number in
            """
            apiVersion: v1
            kind: Node
            metadata: {name: n\(number)}
            status: {allocatable: {cpu: "4", memory: 15277216Ki, pods: "110"}}
            """
        }
        let podTexts = (0..<pods).map { number in
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p\(number), namespace: default}
            spec: {containers: [{name: c, image: x, resources: {requests: {cpu: 500m}}}]}
            """
        }
        _ = try folder.write("nodes.yaml", text: nodeTexts.joined(separator: "\n---\n"))
        _ = try folder.write("pods.yaml", text: podTexts.joined(separator: "\n---\n"))
        _ = try folder.write("schedulers.yaml", text: Scene.registration("evil", "[python3, evil.py]"))
        let script = """
            import json, os, subprocess, sys, time
            def say(**m): os.write(1, (json.dumps(m) + "\\n").encode())
            \(beforeHello)
            for line in sys.stdin.buffer:
                m = json.loads(line); t = m["type"]
                if t == "hello": say(type="ready", protocol=1, window=256, capabilities=[])
                elif t == "ping": say(type="pong", id=m["id"])
                elif t == "stop": break
                elif t == "pods":
                    pods = [p[0] for p in m["pods"]]
                    \(body)

            """
        _ = try folder.write("evil.py", text: script)
    }

    /// A registration of the scheduler of a command.
    static func registration(_ name: String, _ command: String, _ more: String = "") -> String {
        """
        apiVersion: switchyard.dev/v1alpha1
        kind: Scheduler
        metadata: {name: \(name)}
        spec:
          command: \(command)
          \(more)
        """
    }

    static let files = ["simulate", "--nodes", "nodes.yaml", "--pods", "pods.yaml"]

    /// `simulate` with the scheduler that misbehaves.
    func command(_ more: String...) -> [String] {
        [Program.switchyard] + Scene.files + ["--schedulers", "schedulers.yaml"] + more
    }

    func start(_ more: String...) throws -> Program.Run {
        try Program.Run(
            [Program.switchyard] + Scene.files + ["--schedulers", "schedulers.yaml"] + more, in: folder,
            environment: ["SWITCHYARD_TEST_TAG": tag])
    }

    func run(_ more: String..., within seconds: Double = 60) throws -> Program.Outcome {
        try Program.run(
            [Program.switchyard] + Scene.files + ["--schedulers", "schedulers.yaml"] + more, in: folder,
            within: seconds, environment: ["SWITCHYARD_TEST_TAG": tag])
    }
}
