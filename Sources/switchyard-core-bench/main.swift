import CoreBench
import Placement

// switchyard-core-bench [PROFILE] [WORKLOAD|all] [NODES,…] [PODS]
// switchyard-core-bench openb FOLDER WORKLOAD,… PROFILE,… SEEDS
func measureCore(_ arguments: [String]) {
    let profile = Profile.named(arguments.first ?? "kube-default") ?? .kubeDefault
    let wanted = arguments.count > 1 ? arguments[1] : "all"
    let sizes = (arguments.count > 2 ? arguments[2] : "1000,5000,100000").split(separator: ",").compactMap { Int($0) }
    let limit = arguments.count > 3 ? Int(arguments[3]) : nil
    print(CoreReport.header)
    for workload in CoreBench.Workload.allCases where wanted == "all" || wanted == workload.rawValue {
        var first: CoreBench.Measurement?
        for nodes in sizes {
            let pods = limit ?? CoreReport.usualPods(workload, nodes)
            let measurement = CoreBench(profile: profile).run(workload, nodes: nodes, pods: pods)
            print(CoreReport.line(measurement, first: first ?? measurement))
            first = first ?? measurement
        }
    }
}

func measureOpenb(_ arguments: [String]) {
    guard arguments.count >= 5, let seeds = UInt64(arguments[4]) else {
        print("usage: switchyard-core-bench openb FOLDER WORKLOAD,… PROFILE,… SEEDS")
        return
    }
    for workload in arguments[2].split(separator: ",") {
        guard let experiment = OpenbExperiment(folder: arguments[1], workload: String(workload)) else {
            print("cannot read \(workload)")
            continue
        }
        for name in arguments[3].split(separator: ",") {
            let parts = name.split(separator: "@")
            guard var profile = Profile.named(String(parts[0])) else { continue }
            // `binpack@2@50` takes steps of two hundredths and renews the prices every 50 pods.
            if parts.count > 1, let percent = Double(parts[1]) { profile.priceQuantum = percent / 100 }
            if parts.count > 2, let pods = Int(parts[2]) { profile.priceRenewalPods = pods }
            let outcomes = (1...seeds).map { experiment.run(profile: profile, seed: $0) }
            print(CoreReport.openb(String(workload), profile.name, outcomes))
        }
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "openb" { measureOpenb(arguments) } else { measureCore(arguments) }
