import Dispatcher

/// What is written down while a run goes on, cheaply; the figures are made of it afterwards.
struct RunLog {
    /// One look at the queues and the nodes.
    struct Sample {
        /// Nanoseconds on the shell's clock.
        var time: Int64
        /// Entries queued and pods undecided, by scheduler.
        var loads: [Int]
        /// The share of CPU taken, by group of nodes.
        var utilization: [Float]
    }

    /// For each measured pod in the order of binding: when it was bound, and how long after its intended arrival.
    private(set) var boundAt: [Int64] = []
    private(set) var latencies: [Int64] = []
    /// The scheduler that placed each.
    private(set) var schedulers: [UInt8] = []
    private(set) var samples: [Sample] = []
    private var interval = BenchmarkLimits.sampleNanoseconds
    private var nextSample = Int64.min
    /// Notes of the dispatcher and lines from stderr, each once, with how often.
    private(set) var notes: [String: Int] = [:]

    mutating func bound(at moment: Int64, latency: Int64, by scheduler: Int) {
        boundAt.append(moment)
        latencies.append(latency)
        schedulers.append(UInt8(truncatingIfNeeded: scheduler))
    }

    /// Whether a sample is due.
    func wantsSample(_ moment: Int64) -> Bool { moment >= nextSample }

    mutating func add(_ sample: Sample) {
        samples.append(sample)
        if samples.count > BenchmarkLimits.maxSamples {
            samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            interval *= 2
        }
        nextSample = sample.time + interval
    }

    /// Counts a note; of very many different ones the first are kept, and the rest are counted together.
    mutating func add(note: String) {
        let limits = Limits()
        let text = note.shortened(toBytes: limits.noteBytes)
        let isKept = notes[text] != nil || notes.count < limits.notesKept
        notes[isKept ? text : "further notes are left out", default: 0] += 1
    }

    /// The mean share of CPU taken in each of so many groups of nodes.
    static func utilization(_ ledger: PodLedger, rows: Int) -> [Float] {
        let count = ledger.offeredMilli.count
        guard count > 0 else { return [] }
        return (0..<min(rows, count)).map { row in
            let range = row * count / min(rows, count)..<(row + 1) * count / min(rows, count)
            var used: Int64 = 0
            var offered: Int64 = 0
            for node in range {
                used += ledger.usedMilli[node]
                offered += ledger.offeredMilli[node]
            }
            return offered > 0 ? Float(used) / Float(offered) : 0
        }
    }
}
