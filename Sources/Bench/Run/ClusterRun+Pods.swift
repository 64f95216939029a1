import Admission
import ClusterModel
import Dispatcher
import DispatcherShell
import Manifests
import PolicyEngine
import Simulation

/// How pods are made, admitted and handed over, and deleted again.
extension ClusterRun {
    /// Whether the stream's next pod could be handed over now.
    func hasRoom(_ index: Int, _ loads: [SchedulerLoad]) -> Bool {
        let stream = streams[index]
        // In an open loop the time alone decides, of which `nextDue` knows.
        guard !stream.isExhausted, stream.order.perSecond == nil else { return false }
        guard stream.head < stream.ready.count else { return true }
        let scheduler = stream.ready[stream.head].scheduler
        return room(scheduler, loads, stream.order.groupSize) >= min(64, window[shards[scheduler][0]])
    }

    /// How many more pods of the stream a scheduler's queue takes in a closed loop: it holds a window's worth beyond the
    /// window itself, so that the scheduler never waits for the next pod.
    private func room(_ scheduler: Int, _ loads: [SchedulerLoad], _ groupSize: Int) -> Int {
        shards[scheduler].reduce(0) { room, shard in
            room + 2 * window[shard] - loads[shard].undecided - loads[shard].queued * groupSize
        }
    }

    /// Hands over what the stream may hand over now.
    func feed(_ index: Int) throws(Failure) {
        guard !streams[index].isExhausted else { return }
        var loads = shell.look({ $0.loads })
        for (scheduler, load) in loads.enumerated() where load.window > 0 { window[scheduler] = load.window }
        var batch: [Arrival] = []
        let before = ProcessMeter.threadCPUSeconds
        var apart = 0.0
        let remembers = keepsAlive(index)
        let now = shell.now.nanoseconds
        while true {
            if streams[index].head >= streams[index].ready.count {
                // Only what is due is put through admission, so that admission is part of what an arrival waits for.
                guard let wanted = due(index, now), wanted > 0 else { break }
                apart += try fill(index, min(wanted, BenchmarkLimits.chunk))
                continue
            }
            let next = streams[index].ready[streams[index].head]
            var moment = now
            if let intended = streams[index].intended(next.number) {
                guard intended <= now else { break }
                moment = intended
            } else {
                guard room(next.scheduler, loads, streams[index].order.groupSize) > 0 else { break }
            }
            loads[shards[next.scheduler][0]].undecided += 1
            streams[index].head += 1
            batch.append(next.arrival)
            scribe.ledger.append(
                stream: index, intended: moment, cpuMilli: cpuMilli(of: next.arrival.sharedSpec))
            streams[index].submitted += 1
            if remembers { streams[index].alive.append((next.arrival.key, moment)) }
        }
        compact(index)
        generatorSeconds += ProcessMeter.threadCPUSeconds - before - apart
        guard !batch.isEmpty else { return }
        if streams[index].order.isMeasured, scribe.firstMeasured == nil {
            scribe.firstMeasured = streams[index].intended(0) ?? now
        }
        shell.submit(.podsArrived(batch))
        guard shell.look({ $0.podCount }) == scribe.ledger.count else {
            throw Failure(description: "the dispatcher passed over a pod of \(streams[index].order.name)")
        }
    }

    /// The CPU that a pod asks for; pods of one spec come together.
    private func cpuMilli(of spec: SharedSpec) -> Int64 {
        if let latestCPU, latestCPU.spec.isSame(as: spec) { return latestCPU.milli }
        let milli = spec.spec.requests["cpu"]?.milliValue ?? 0
        latestCPU = (spec, milli)
        return milli
    }

    /// How many pods of the stream may be made now; nil for none.
    private func due(_ index: Int, _ now: Int64) -> Int? {
        let stream = streams[index]
        guard !stream.isStopped else { return nil }
        let left = stream.order.count - stream.made
        guard let perSecond = stream.order.perSecond else { return left }
        let elapsed = Double(now - stream.start.nanoseconds) / 1e9
        guard elapsed >= 0 else { return nil }
        return min(left, Int(elapsed * perSecond) + 1 - stream.made)
    }

    /// Only streams that something deletes from remember their pods.
    private func keepsAlive(_ index: Int) -> Bool {
        if streams[index].lifetime != nil { return true }
        let name = streams[index].order.name
        return plan.operations.contains {
            if case .deletePods(name, _, _) = $0 { true } else { false }
        }
    }

    private func compact(_ index: Int) {
        guard streams[index].head >= streams[index].ready.count else { return }
        streams[index].ready.removeAll(keepingCapacity: true)
        streams[index].head = 0
    }

    /// Makes pods and puts them through admission.
    ///
    /// - Returns: the processor time of admission.
    private func fill(_ index: Int, _ count: Int) throws(Failure) -> Double {
        var pods: [Pod] = []
        pods.reserveCapacity(count)
        let first = streams[index].made
        do {
            for number in first..<first + count { pods.append(try streams[index].pod(number)) }
        } catch {
            throw Failure(description: "pod \(first + pods.count) of \(streams[index].order.name): \(error)")
        }
        streams[index].made += count
        declareGroups(index, pods, first)
        let start = ProcessMeter.threadCPUSeconds
        shell.look { intake.note($0) }
        for (offset, pod) in pods.enumerated() {
            intake.reload(from: feed)
            switch intake.admit(pod, service: service.selector(for: pod)) {
            case .arrival(let arrival, _):
                streams[index].ready.append(
                    .init(
                        arrival: arrival, number: first + offset,
                        scheduler: schedulerNumbers[arrival.route.scheduler] ?? 0))
            case .gated: streams[index].gated += 1
            case .refused(let refusal):
                streams[index].refused += 1
                refusals[refusal.message, default: 0] += 1
            }
        }
        let seconds = ProcessMeter.threadCPUSeconds - start
        admissionSeconds += seconds
        return seconds
    }

    /// Groups are there before their first pod, as their controllers make them.
    private func declareGroups(_ index: Int, _ pods: [Pod], _ first: Int) {
        let order = streams[index].order
        guard order.groupSize > 1 else { return }
        for (offset, pod) in pods.enumerated() where (first + offset) % order.groupSize == 0 {
            guard let key = pod.groupKey else { continue }
            let group = PodGroup(
                metadata: ObjectMeta(name: key.name, namespace: key.namespace), minMember: order.minMember,
                requiredTopologyKeys: order.topologyKeys)
            intake.admission.policies.engine.setGroup(group)
            shell.submit(.groupChanged(group))
        }
    }

    // MARK: - Deleting

    /// Deletes what is to be deleted by now.
    func deleteDue(_ now: Instant) {
        for index in streams.indices {
            guard let lifetime = streams[index].lifetime else { continue }
            while streams[index].firstAlive < streams[index].alive.count {
                let oldest = streams[index].alive[streams[index].firstAlive]
                guard Instant(nanoseconds: oldest.arrived).advanced(bySeconds: lifetime) <= now else { break }
                deleteOldest(index)
            }
        }
        for index in deletions.indices {
            let elapsed = now.seconds(since: deletions[index].start)
            let wanted = min(
                deletions[index].left, Int(elapsed * deletions[index].perSecond) + 1 - deletions[index].done)
            for _ in 0..<max(0, wanted) {
                deleteOldest(deletions[index].stream)
                deletions[index].done += 1
                deletions[index].left -= 1
            }
        }
        deletions.removeAll { $0.left <= 0 }
    }

    /// Deletes the oldest pod of a stream that is still there.
    func deleteOldest(_ index: Int) {
        guard streams[index].firstAlive < streams[index].alive.count else { return }
        let key = streams[index].alive[streams[index].firstAlive].key
        streams[index].firstAlive += 1
        guard let pod = shell.look({ $0.number(of: key) }) else { return }
        scribe.ledger.release(pod)
        shell.submit(.podRemoved(key))
    }
}
