import ClusterModel
import CoreBench
import Glibc
import JSON
import Placement

// switchyard-core-bench [PROFILE] [WORKLOAD|all] [NODES,…] [PODS] [-o json]
// switchyard-core-bench openb FOLDER [WORKLOAD,…|all] [PROFILE,…] [SEEDS] [-o json]
// switchyard-core-bench packing [PROFILE,…] [SEEDS]

func fail(_ message: String) -> Never {
    let text = Array("switchyard-core-bench: \(message)\n".utf8)
    _ = Glibc.write(STDERR_FILENO, text, text.count)
    exit(2)
}

func profile(_ name: String) -> Profile {
    guard let found = Profile.named(name) else {
        fail("no profile \(name); there are \(Profile.builtIn.map(\.name).joined(separator: ", "))")
    }
    return found
}

func write(_ value: Value) {
    var writer = JSONWriter(pretty: true)
    writer.value(value)
    print(String(decoding: writer.bytes, as: UTF8.self))
}

func measureCore(_ arguments: [String], json: Bool) {
    let profile = profile(arguments.first ?? "kube-default")
    let wanted = arguments.count > 1 ? arguments[1] : "all"
    let workloads = CoreBench.Workload.allCases.filter { wanted == "all" || wanted == $0.rawValue }
    guard !workloads.isEmpty else { fail("no workload \(wanted)") }
    let sizes = (arguments.count > 2 ? arguments[2] : "1000,5000,100000").split(separator: ",").compactMap { Int($0) }
    let pods = arguments.count > 3 ? Int(arguments[3]) : nil
    if !json { print(CoreReport.header) }
    let all = CoreReport.run(CoreBench(profile: profile), workloads, sizes: sizes, pods: pods) {
        if !json { print(CoreReport.line($0, first: $1)) }
    }
    if json { write(CoreReport.value(all)) }
}

func measureOpenb(_ arguments: [String], json: Bool) {
    guard let folder = arguments.dropFirst().first else {
        fail("usage: switchyard-core-bench openb FOLDER [WORKLOAD,…|all] [PROFILE,…] [SEEDS] [-o json]")
    }
    let wanted = arguments.count > 2 ? arguments[2] : "all"
    let workloads =
        wanted == "all" ? OpenbReference.all.map(\.workload) : wanted.split(separator: ",").map(String.init)
    let profiles = (arguments.count > 3 ? arguments[3] : "binpack").split(separator: ",").map { profile(String($0)) }
    let seeds = arguments.count > 4 ? Int(arguments[4]) ?? 0 : 10
    var reports: [OpenbReport] = []
    if !json { print(OpenbReport.header) }
    for workload in workloads {
        guard let experiment = OpenbExperiment(folder: folder, workload: workload) else {
            fail("cannot read the workload \(workload) in \(folder)")
        }
        for profile in profiles {
            let report = OpenbReport(experiment, workload: workload, profile: profile, seeds: seeds)
            if !json { print(report.line) }
            reports.append(report)
        }
    }
    if json { write(.array(reports.map(\.value))) }
}

func measurePacking(_ arguments: [String]) {
    let names = arguments.count > 1 ? arguments[1] : "most-allocated,binpack"
    let profiles = names.split(separator: ",").map { profile(String($0)) }
    let seeds = arguments.count > 2 ? Int(arguments[2]) ?? 10 : 10
    print(PackingExperiment.header)
    for scene in PackingExperiment.Scene.allCases {
        for profile in profiles { print(PackingExperiment(scene).line(profile: profile, seeds: seeds)) }
    }
}

var arguments = Array(CommandLine.arguments.dropFirst())
let json = arguments.suffix(2) == ["-o", "json"]
if json { arguments.removeLast(2) }
switch arguments.first {
case "openb": measureOpenb(arguments, json: json)
case "packing": measurePacking(arguments)
default: measureCore(arguments, json: json)
}
