import ClusterModel
import Dispatcher
import DispatcherShell
import Histogram

/// What the figures are made of, after a run.
extension ClusterRun {
    /// The figures of the run, and what was wrong with them.
    func result(expected: Benchmark.Expectation) -> (RunResult, failures: [String]) {
        var result = RunResult()
        result.pods = scribe.log.boundAt.count
        result.seconds = Double(measuredNanoseconds) / 1e9
        result.podsPerSecond = result.seconds > 0 ? Double(result.pods) / result.seconds : 0
        result.latency = latency
        if let begin, let finish {
            result.generatorCPUSeconds = finish.generatorSeconds - begin.generatorSeconds
            result.admissionCPUSeconds = finish.admissionSeconds - begin.admissionSeconds
            result.dispatcherCPUSeconds = max(
                0,
                finish.ownCPUSeconds - begin.ownCPUSeconds - result.generatorCPUSeconds - result.admissionCPUSeconds)
        }
        result.dispatcherPeakBytes = ProcessMeter.peakMemoryBytes() ?? 0
        result.schedulers = schedulerResults
        let conflicts = result.schedulers.reduce(0) { $0 + $1.conflicts }
        let bound = result.schedulers.reduce(0) { $0 + $1.bound }
        result.conflictRate = conflicts == 0 ? 0 : Double(conflicts) / Double(conflicts + bound)
        count(into: &result)
        result.overcommits = scribe.ledger.overcommits
        result.refusals = refusals
        result.notes = scribe.log.notes
        return (result, failures(result, expected))
    }

    private func failures(_ result: RunResult, _ expected: Benchmark.Expectation) -> [String] {
        var failures: [String] = []
        func check(_ what: String, _ wanted: Int?, _ found: Int) {
            guard let wanted, wanted != found else { return }
            failures.append("expected \(wanted) pods \(what), found \(found)")
        }
        let measured = streams.filter(\.order.isMeasured).reduce(0) { $0 + $1.submitted + $1.gated + $1.refused }
        check("measured and bound", expected.measured ?? measured, result.pods)
        check("bound", expected.bound, result.counts.bound)
        check("unschedulable", expected.unschedulable, result.counts.unschedulable)
        check("pending", expected.pending, result.counts.pending)
        check("refused", expected.refused, result.counts.refused)
        if result.overcommits > 0 { failures.append("\(result.overcommits) bindings over-committed a node") }
        return failures
    }

    /// Counts every pod once, and sums up who is where.
    private func count(into result: inout RunResult) {
        let dispatcher = shell.dispatcher
        var checksum = Checksum()
        for pod in 0..<dispatcher.podCount {
            switch dispatcher.outcome(of: pod) {
            case .bound(let node, let devices, _):
                result.counts.bound += 1
                let key = dispatcher.key(of: pod)
                for text in [key.namespace, key.name, node] + devices.map(String.init) { checksum.add(text) }
            case .unschedulable: result.counts.unschedulable += 1
            case .pending: result.counts.pending += 1
            case .refused: result.counts.refused += 1
            case .gone: result.counts.gone += 1
            }
        }
        for stream in streams {
            result.counts.pending += stream.gated
            result.counts.refused += stream.refused
        }
        result.checksum = checksum.text
    }

    private var schedulerResults: [RunResult.SchedulerResult] {
        guard let begin, let finish else { return [] }
        let names = shell.dispatcher.schedulerNames
        var last = [Int64](repeating: 0, count: names.count)
        var count = [Int](repeating: 0, count: names.count)
        for (index, scheduler) in scribe.log.schedulers.enumerated() where Int(scheduler) < names.count {
            last[Int(scheduler)] = scribe.log.boundAt[index]
            count[Int(scheduler)] += 1
        }
        return names.indices.map { index in
            let before = begin.figures[index]
            let after = finish.figures[index]
            var result = RunResult.SchedulerResult()
            result.name = names[index]
            result.routed = after.routed - before.routed
            result.bound = after.bound - before.bound
            if count[index] > 0, let first = scribe.firstMeasured, last[index] > first {
                result.podsPerSecond = Double(count[index]) / (Double(last[index] - first) / 1e9)
            }
            result.cpuSeconds = meters[index].cpuSeconds
            result.peakBytes = meters[index].peakMemoryBytes
            result.bytesSent = finish.traffic[index].bytesSent - begin.traffic[index].bytesSent
            result.bytesReceived = finish.traffic[index].bytesReceived - begin.traffic[index].bytesReceived
            for (other, number) in after.conflictsWith.enumerated() {
                let conflicts = number - before.conflictsWith[other]
                if conflicts > 0 { result.conflictsWith[other < names.count ? names[other] : "cluster"] = conflicts }
            }
            result.misplaced = after.misplaced - before.misplaced
            result.badLines = after.badLines - before.badLines
            result.restarts = after.restarts - before.restarts
            result.evictions = after.evictions - before.evictions
            return result
        }
    }

    // MARK: - Latency

    /// The latencies in a histogram of three significant digits, in microseconds, up to an hour.
    private var histogram: Histogram<UInt64> {
        var histogram = Histogram<UInt64>(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
        for latency in scribe.log.latencies { histogram.record(UInt64(min(max(0, latency / 1_000), 3_600_000_000))) }
        return histogram
    }

    private var latency: RunResult.Latency {
        guard !scribe.log.latencies.isEmpty else { return RunResult.Latency() }
        let histogram = histogram
        func milliseconds(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1e3 }
        return RunResult.Latency(
            p50: milliseconds(50), p90: milliseconds(90), p99: milliseconds(99), p999: milliseconds(99.9),
            max: Double(scribe.log.latencies.max() ?? 0) / 1e6, mean: histogram.mean / 1e3)
    }

    /// How the run went over time.
    var series: RunSeries {
        var series = RunSeries()
        guard let first = scribe.firstMeasured, !scribe.log.boundAt.isEmpty else { return series }
        let duration = max(1, measuredNanoseconds)
        // Sixty bins or fewer, of a round length, none shorter than the loop's own turns.
        let lengths: [Int64] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000].map {
            $0 * 1_000_000
        }
        let bin = lengths.first { duration / $0 <= 60 } ?? duration / 60
        var bins = [[Int64]](repeating: [], count: Int(duration / bin) + 1)
        for (moment, latency) in zip(scribe.log.boundAt, scribe.log.latencies) {
            bins[min(bins.count - 1, Int(max(0, moment - first) / bin))].append(latency)
        }
        series.binSeconds = Double(bin) / 1e9
        for index in bins.indices {
            let sorted = bins[index].sorted()
            // The last bin ends with the last binding.
            let length = index == bins.count - 1 ? max(1, duration - Int64(index) * bin) : bin
            series.throughput.append(Double(sorted.count) / (Double(max(length, bin / 5)) / 1e9))
            series.p50.append(ClusterRun.milliseconds(sorted, 0.5))
            series.p99.append(ClusterRun.milliseconds(sorted, 0.99))
        }
        for sample in scribe.log.samples {
            series.sampleSeconds.append(Double(sample.time - first) / 1e9)
            series.queues.append(sample.loads)
            series.utilization.append(sample.utilization)
        }
        series.nodes = nodes.count { $0 != nil }
        for point in histogram.percentiles(ticksPerHalfDistance: 4) {
            series.percentiles.append(.init(percentile: point.percentile, milliseconds: Double(point.value) / 1e3))
        }
        return series
    }

    private static func milliseconds(_ sorted: [Int64], _ share: Double) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
        return Double(sorted[max(0, min(sorted.count - 1, rank))]) / 1e6
    }
}
