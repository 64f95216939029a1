import ArgumentParser
import BatchQueue
import Traces

extension QueuePolicy: ExpressibleByArgument {}
extension JobTrace.Estimates: ExpressibleByArgument {}

/// The flags of traces of parallel jobs.
struct JobTraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "swf, jobs: processors in all. Without it, swf takes them from the file's header.", valueName: "n"))
    var capacity: Int?

    @Option(
        help: ArgumentHelp(
            "swf, jobs: the processors are GPUs, so many on each node, rather than nodes of one processor each.",
            valueName: "n"))
    var gpusPerNode: Int?

    @Option(
        help: ArgumentHelp(
            "swf, jobs: what schedulers are told of run times: perfect, or the trace's own estimates.",
            valueName: "perfect|inflated"))
    var estimates: JobTrace.Estimates?

    @Option(
        help: ArgumentHelp(
            "swf, jobs: how the gang scheduler orders its queue.",
            valueName: QueuePolicy.allCases.map(\.rawValue).joined(separator: "|")))
    var batchPolicy: QueuePolicy?

    /// The first of these flags that was given.
    var given: String? {
        if capacity != nil { return "--capacity" }
        if gpusPerNode != nil { return "--gpus-per-node" }
        if estimates != nil { return "--estimates" }
        return batchPolicy == nil ? nil : "--batch-policy"
    }

    func validate() throws {
        if let capacity, !(1...1_000_000).contains(capacity) {
            throw ValidationError("--capacity must be from 1 to 1,000,000")
        }
        if let gpusPerNode, !(1...64).contains(gpusPerNode) {
            throw ValidationError("--gpus-per-node must be from 1 to 64")
        }
    }

    /// The trace of a kind, as these flags want it.
    func trace(_ kind: TraceKind, data: String?, load: Double?) throws -> JobTrace {
        guard let data else {
            throw Failure.input(["--data: expected the trace's file (docs/traces.md says where they are from)"])
        }
        var trace: JobTrace
        if kind == .swf {
            trace = try SWFTrace.load(path: data, capacity: capacity)
        } else {
            guard let capacity else { throw Failure.input(["--capacity: expected the number of processors"]) }
            trace = try JobTable.load(path: data, capacity: capacity)
        }
        trace.use(estimates ?? .perfect)
        if let load { trace.scale(toLoad: load) }
        return trace
    }

    /// What the processors of the trace are.
    var processors: JobTrace.Processors { gpusPerNode.map { .gpus(perNode: $0) } ?? .single }
}
