import ClusterModel
import Manifests
import Traces

extension BatchCase {
    /// The case's jobs, from the traces in a folder.
    public func trace(in folder: String) throws(InputErrors) -> JobTrace {
        make(of: try JobTable.load(path: "\(folder)/\(workload.trace).csv", capacity: workload.capacity))
    }

    /// The case's jobs.
    func make(of trace: JobTrace) -> JobTrace {
        var trace = trace
        let load = trace.offeredLoad
        var random = SeededGenerator(seed: seed)
        trace.change { variation.apply(to: &$0, &random) }
        switch variation {
        case .same, .jitter: break
        case .subset, .shuffled, .runs, .first, .last: trace.scale(toLoad: load)
        case .load(let other): trace.scale(toLoad: other)
        }
        // Estimates have numbers of their own, so that they are the same whatever is changed.
        var beliefs = SeededGenerator(seed: seed &+ 77)
        trace.change { jobs in
            for index in jobs.indices { jobs[index].estimate = estimates.estimate(of: jobs[index], &beliefs) }
        }
        return trace
    }
}

extension BatchCase.Variation {
    fileprivate func apply(to jobs: inout [JobTrace.Job], _ random: inout SeededGenerator) {
        switch self {
        case .same, .load: break
        case .jitter:
            for index in jobs.indices {
                jobs[index].submitted = max(0, jobs[index].submitted + Int((random.share() - 0.5) * 14_400))
            }
        case .subset: jobs.removeAll { _ in random.share() >= 0.7 }
        case .shuffled: shuffle(&jobs, pieces: 12, &random)
        case .runs:
            for index in jobs.indices {
                let factor = 0.7 + 0.6 * random.share()
                jobs[index].run = max(1, Int(Double(jobs[index].run) * factor))
                jobs[index].estimate = max(jobs[index].run, Int(Double(jobs[index].estimate) * factor))
            }
        case .first: jobs.removeLast(jobs.count - jobs.count / 2)
        case .last: jobs.removeFirst(jobs.count - jobs.count / 2)
        }
    }

    /// Puts the pieces of the trace's time, equally long, into another order.
    private func shuffle(_ jobs: inout [JobTrace.Job], pieces: Int, _ random: inout SeededGenerator) {
        guard let first = jobs.first?.submitted, let last = jobs.last?.submitted else { return }
        let length = (last - first + pieces) / pieces
        var order = Array(0..<pieces)
        random.shuffle(&order)
        var places = order
        for (place, piece) in order.enumerated() { places[piece] = place }
        for index in jobs.indices {
            let offset = jobs[index].submitted - first
            jobs[index].submitted = first + places[offset / length] * length + offset % length
        }
    }
}

extension BatchCase.Estimates {
    /// Limits that people ask for, in seconds: from a minute to two weeks.
    private static let limits = [
        60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600,
    ]

    fileprivate func estimate(of job: JobTrace.Job, _ random: inout SeededGenerator) -> Int {
        let run = Double(job.run)
        switch self {
        case .perfect: return job.run
        case .file: return job.estimate
        case .twofold: return Int(run * (1 + random.share()))
        case .fivefold: return Int(run * (1 + 4 * random.share()))
        case .modal:
            let wanted = run * (1 + 4 * random.share())
            return BatchCase.Estimates.limits.first { Double($0) >= wanted } ?? Int(wanted)
        }
    }
}

extension SeededGenerator {
    /// A number from 0 to 1, without 1.
    fileprivate mutating func share() -> Double { Double(next(below: 1 << 30)) / Double(1 << 30) }
}
