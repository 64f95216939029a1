import Dispatcher
import DispatcherShell

/// Where what is measured begins and ends, and what is read in between.
extension ClusterRun {
    /// Counters as they stood at a moment.
    struct Snapshot {
        var moment: Instant
        var ownCPUSeconds: Double
        var generatorSeconds: Double
        var admissionSeconds: Double
        var traffic: [Shell.Traffic]
        var figures: [SchedulerFigures]
    }

    private func snapshot() -> Snapshot {
        Snapshot(
            moment: shell.now, ownCPUSeconds: ProcessMeter.ownCPUSeconds, generatorSeconds: generatorSeconds,
            admissionSeconds: admissionSeconds, traffic: shell.traffic, figures: shell.look({ $0.figures }))
    }

    func beginMeasuring() {
        sampleMeters()
        for index in meters.indices { meters[index].begin() }
        scribe.forgetLines()
        begin = snapshot()
    }

    /// Reads the clocks of all processes a last time.
    func end() {
        sampleMeters()
        finish = snapshot()
        sample(shell.now)
    }

    func sampleMeters() {
        for (index, process) in shell.processIDs.enumerated() { meters[index].sample(process) }
    }

    func sample(_ now: Instant) {
        scribe.log.add(
            RunLog.Sample(
                time: now.nanoseconds, loads: shell.look({ $0.loads }).map { $0.queued + $0.undecided },
                utilization: RunLog.utilization(scribe.ledger, rows: BenchmarkLimits.heatMapRows)))
    }

    /// The time from the first measured arrival to the last measured binding, in nanoseconds.
    var measuredNanoseconds: Int64 {
        guard let first = scribe.firstMeasured else { return 0 }
        return max(0, scribe.lastMeasured - first)
    }
}
