import ArgumentParser
import ClusterModel
import Dispatcher
import DispatcherShell
import Glibc
import JSON
import Manifests
import SchedulerRegistry
import Simulation

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Place pods on nodes with live scheduler processes, and report what went where.")

    @Option(name: .long, parsing: .upToNextOption) var nodes: [String] = []
    @Option(name: .long, parsing: .upToNextOption) var pods: [String] = []
    @Option(name: .long, parsing: .upToNextOption) var schedulers: [String] = []
    @Option var inject: [String] = []
    @Option(name: .shortAndLong) var output = "text"
    @Option var seed: UInt64 = 0

    func run() throws {
        var setup = SimulationSetup(registry: .builtIn(folder: Tool.folder))
        if !schedulers.isEmpty {
            setup.registry = try SchedulerRegistry(files: schedulers, toolFolder: Tool.folder)
        }
        for fault in inject { try setup.faults.add(fault) }
        setup.seed = seed
        let begin = ContinuousClock.now
        for path in nodes + pods {
            for document in try SourceReader.documents(path: path) {
                let value = document.value
                switch value["kind"] {
                case .string("Node"): setup.nodes.append(try Node(value))
                case .string("PodGroup"): setup.groups.append(try PodGroup(value))
                case .string("Pod"):
                    var pod = try Pod(value)
                    let spec = SchedulingSpec(pod)
                    if let node = pod.spec.nodeName {
                        pod.spec.nodeName = nil
                        setup.found.append(FoundPod(key: pod.metadata.key, spec: spec, group: pod.groupKey, node: node))
                    } else {
                        setup.arrivals.append(Arrival(key: pod.metadata.key, spec: spec, group: pod.groupKey, route: PodRoute(scheduler: setup.registry.names[abs(pod.metadata.name.utf8.reduce(0) { $0 &+ Int($1) }) % (getenv("SPLIT") != nil ? setup.registry.names.count : 1)])))
                    }
                default: break
                }
            }
        }
        let load = ContinuousClock.now - begin
        var result = Simulation(setup).run()
        result.loadSeconds = Double(load.components.attoseconds) / 1e18 + Double(load.components.seconds)
        if output == "json" { Terminal.print(result.value.prettyJSON) } else { Terminal.print("\(result.counts) \(result.schedulers) \(result.elapsedSeconds) \(result.podsPerSecond) \(result.notes)") }
    }
}

enum Tool {
    static var folder: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
