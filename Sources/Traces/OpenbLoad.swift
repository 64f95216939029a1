import ClusterModel
import Manifests

/// The published experiment's arrivals: the whole trace shuffled, then draws from it with replacement.
struct OpenbLoad {
    /// How many times the cluster's GPUs all pods together ask for.
    let load: Double
    /// The cluster's GPUs.
    let devices: Int64
    /// Fixes shuffle and draws.
    let seed: UInt64
    /// The file with the pods, for errors.
    let file: String

    /// Shuffles the pods and appends draws.
    ///
    /// A trace that asks for more than the load stays whole.
    func apply(to pods: inout [Pod]) throws(InputError) {
        guard load > 0, load <= TraceLimits.load else {
            throw fault("a load above 0 and at most \(Int(TraceLimits.load))", found: "\(load)")
        }
        var generator = SeededGenerator(seed: seed)
        generator.shuffle(&pods)
        let goalMilli = load * Double(devices * GPU.milliPerDevice)
        let milli = pods.map(\.requestedGPUMilli)
        var sumMilli = milli.reduce(0, +)
        guard sumMilli > 0 else { throw fault("pods that ask for GPUs, to reach a load", found: "none") }
        let original = pods
        var copies = [Int](repeating: 1, count: original.count)
        while Double(sumMilli) < goalMilli {
            guard pods.count < TraceLimits.pods else {
                throw fault(
                    "a load that \(TraceLimits.pods.grouped) pods of the trace reach", found: "a load of \(load)")
            }
            let drawn = generator.next(below: original.count)
            copies[drawn] += 1
            pods.append(OpenbLoad.copy(original[drawn], number: copies[drawn]))
            sumMilli += milli[drawn]
        }
    }

    /// The copy of a pod under a name, and where it has one a Job, of its own.
    private static func copy(_ pod: Pod, number: Int) -> Pod {
        var copy = pod
        copy.metadata.name = "\(pod.metadata.name)--\(number)"
        if pod.metadata.controller?.kind == "Job" {
            copy.metadata.ownerReferences = [OpenbTrace.job(of: copy.metadata.name)]
        }
        return copy
    }

    private func fault(_ expected: String, found: String) -> InputError {
        InputError(.field, file: file, expected: expected, found: found)
    }
}
