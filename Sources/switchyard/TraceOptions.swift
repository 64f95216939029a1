import ArgumentParser
import ClusterModel
import Manifests
import Traces

/// The public traces that can stand in place of manifests.
enum TraceKind: String, ExpressibleByArgument, CaseIterable {
    case openb, dlrm, swf, jobs

    /// Whether the trace is of jobs that run for a time, which is nothing without a replay.
    var isOfJobs: Bool { self == .swf || self == .jobs }
}

/// The flags that take a public trace in place of manifests.
struct TraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take a public trace instead of manifests: openb (GPU packing; it brings its nodes), dlrm (services with a limit "
                + "a node; a cluster that holds them is generated), swf (Standard Workload Format) or jobs (CSV): parallel "
                + "jobs as gangs, in virtual time.", valueName: "openb|dlrm|swf|jobs"))
    var trace: TraceKind?

    @Option(help: ArgumentHelp("The folder of the trace's files, or its file.", valueName: "path"))
    var data: String?

    @Option(help: ArgumentHelp("openb: which list of pods, such as cpu100 or gpushare40.", valueName: "name"))
    var workload = "default"

    @Flag(help: "openb: leave out the nodes without GPUs.")
    var gpuNodesOnly = false

    @Option(
        help: ArgumentHelp(
            "openb: shuffle the pods by the seed, then draw more with replacement until their GPU requests reach this many "
                + "times the cluster's GPUs. swf, jobs, and openb with --replay: move the submissions closer together, or apart, until the offered "
                + "load is this.", valueName: "x"))
    var load: Double?

    @Flag(
        help: ArgumentHelp(
            "openb, dlrm: let pods come and go when the trace says, in virtual time, rather than all at once."))
    var replay = false

    @OptionGroup var jobs: JobTraceOptions

    var isGiven: Bool { trace != nil }

    func validate() throws {
        if trace == nil, data != nil { throw ValidationError("--data goes with --trace") }
        if trace?.isOfJobs != true, let flag = jobs.given {
            throw ValidationError("\(flag) goes with --trace swf or --trace jobs")
        }
        if replay, trace != .openb, trace != .dlrm {
            throw ValidationError("--replay goes with --trace openb or --trace dlrm; swf and jobs are always replayed")
        }
        if let load, !(0.001...100).contains(load) { throw ValidationError("--load must be from 0.001 to 100") }
    }

    func input(seed: UInt64, withTimes: Bool = false) throws -> TraceInput {
        guard let data else {
            throw Failure.input([
                "--data: expected the folder of the trace's files (docs/traces.md says where they are from)"
            ])
        }
        switch trace {
        case .openb:
            return try OpenbTrace.load(
                folder: data, workload: workload, gpuNodesOnly: gpuNodesOnly, load: withTimes ? nil : load, seed: seed,
                withTimes: withTimes)
        case .dlrm: return try DlrmTrace.load(path: data, seed: seed, withTimes: withTimes)
        case .swf, .jobs:
            throw Failure.input(["--trace: expected openb or dlrm; jobs with run times are for simulate alone"])
        case nil: throw Failure.input(["--trace: expected openb or dlrm"])
        }
    }

    func cluster(seed: UInt64) throws -> Cluster { cluster(try input(seed: seed)) }

    /// What was read as a cluster with its pods.
    func cluster(_ input: TraceInput) -> Cluster {
        var cluster = Cluster(title: input.description, nodes: input.nodes, pods: input.pods)
        cluster.groups = input.groups
        cluster.serviceSelector = { TraceInput.serviceSelector(for: $0) }
        return cluster
    }
}

struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a public trace as Kubernetes manifests.",
        discussion: """
            Examples:
              switchyard convert --trace dlrm --data alibaba_dlrm_2025.csv --out dlrm
              switchyard simulate --nodes dlrm/nodes.yaml --pods dlrm/pods.yaml \\
                  --policies policies
            """)

    @OptionGroup var trace: TraceOptions

    @Option(help: "The seed of the generated cluster and of the load.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("The folder for nodes.yaml and pods.yaml.", valueName: "dir"))
    var out: String

    func validate() throws {
        if trace.replay { throw ValidationError("--replay goes with simulate: manifests have no times") }
    }

    func run() throws {
        let input = try trace.input(seed: seed)
        try input.write(to: out)
        Terminal.print("\(input.description)\nwrote \(out)/nodes.yaml and \(out)/pods.yaml")
    }
}
