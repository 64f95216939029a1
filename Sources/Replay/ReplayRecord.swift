import ClusterModel
import Dispatcher
import HeapModule
import Placement
import Simulation

/// What a replay knows of its jobs while it goes on.
///
/// A class because the shell's observer and the replay's loop write to it in turn; one thread owns both.
final class ReplayRecord {
    private let jobs: [ReplayJob]
    private(set) var outcomes: [ReplayResult.Job]
    /// How many of a job's pods are on nodes.
    private var seated: [Int]
    /// Counts the starts of a job, so that the end of one that was pushed off does not count.
    private var starts: [Int]
    /// The dispatcher's number of the trace's first pod; the others follow in the order of arrival.
    private let firstPod: Int
    /// Which job each pod of the trace belongs to.
    private var jobOfPod: [Int32] = []
    /// The first pod of each job that has arrived, as an index into `jobOfPod`.
    private var firstOfJob: [Int] = []
    /// The last place of each pod of the trace.
    private var places: [Binding?] = []
    private var ends = Heap<End>()
    /// Jobs whose last pod was bound in the moment at hand.
    private var justSeated: [Int] = []
    private(set) var arrived = 0
    private(set) var waiting = 0
    private var used = 0.0
    private var restarts = 0
    private var moments = 0
    private var timeline = Timeline()
    private var meter: UseMeter
    private var services: ServiceMeter
    /// The names of nodes, by the dispatcher's number.
    var nodeName: (Int) -> String? = { _ in nil }
    private var moment = 0
    private var lastTime = 0

    private struct End: Comparable {
        var time: Int
        var job: Int
        var start: Int

        static func < (a: End, b: End) -> Bool { (a.time, a.job) < (b.time, b.job) }
    }

    /// A record of jobs in the order of submission, whose first pod will have the given number.
    init(_ jobs: [ReplayJob], nodes: [Node], firstPod: Int) {
        self.jobs = jobs
        self.firstPod = firstPod
        outcomes = jobs.map {
            ReplayResult.Job(
                id: $0.id, submitted: $0.submitted, run: $0.run, size: $0.size, isGroup: $0.group != nil, start: nil)
        }
        meter = UseMeter(jobs)
        services = ServiceMeter(nodes)
        seated = Array(repeating: 0, count: jobs.count)
        starts = Array(repeating: 0, count: jobs.count)
    }

    /// The time of the next arrival or end; nil where there is none.
    var nextMoment: Int? {
        while let end = ends.min, starts[end.job] != end.start { ends.removeMin() }
        let arrival = arrived < jobs.count ? jobs[arrived].submitted : nil
        return [arrival, ends.min?.time].compactMap { $0 }.min()
    }

    /// Tells of all that happens at a time: first what ends, then what arrives.
    func advance(to time: Int, _ submit: (Event) -> Void) {
        moments += 1
        moment = time
        while let end = ends.min, end.time == time {
            ends.removeMin()
            guard starts[end.job] == end.start else { continue }
            used -= jobs[end.job].size
            for arrival in jobs[end.job].arrivals { submit(.podRemoved(arrival.key)) }
            for pod in firstOfJob[end.job]..<firstOfJob[end.job] + jobs[end.job].arrivals.count { left(pod) }
        }
        var arrivals: [Arrival] = []
        while arrived < jobs.count, jobs[arrived].submitted == time {
            if let group = jobs[arrived].group { submit(.groupChanged(group)) }
            arrivals += jobs[arrived].arrivals
            firstOfJob.append(jobOfPod.count)
            jobOfPod += repeatElement(Int32(arrived), count: jobs[arrived].arrivals.count)
            places += repeatElement(nil, count: jobs[arrived].arrivals.count)
            waiting += 1
            arrived += 1
        }
        if !arrivals.isEmpty { submit(.podsArrived(arrivals)) }
    }

    /// The job of a pod, or nil for one that was there before.
    private func job(of pod: Int) -> Int? {
        let index = pod - firstPod
        return jobOfPod.indices.contains(index) ? Int(jobOfPod[index]) : nil
    }

    func bound(_ bindings: [Binding]) {
        for binding in bindings {
            guard let job = job(of: binding.pod) else { continue }
            let index = binding.pod - firstPod
            places[index] = binding
            came(index)
            seated[job] += 1
            if seated[job] == jobs[job].arrivals.count { justSeated.append(job) }
        }
    }

    /// A pod stands on a node from now on.
    private func came(_ pod: Int) {
        let job = jobs[Int(jobOfPod[pod])]
        meter.took(job.arrivals[pod - firstOfJob[Int(jobOfPod[pod])]])
        follow(job, pod, by: 1)
    }

    /// A pod leaves its node.
    private func left(_ pod: Int) {
        let job = jobs[Int(jobOfPod[pod])]
        meter.gave(job.arrivals[pod - firstOfJob[Int(jobOfPod[pod])]])
        follow(job, pod, by: -1)
    }

    private func follow(_ job: ReplayJob, _ pod: Int, by delta: Int) {
        guard let service = job.service, let place = places[pod] else { return }
        services.account(service, until: moment)
        services.change(service, node: place.node, named: nodeName(place.node), by: delta)
    }

    func evicted(_ evictions: [Eviction]) {
        for eviction in evictions {
            guard let job = job(of: eviction.pod) else { continue }
            left(eviction.pod - firstPod)
            places[eviction.pod - firstPod] = nil
            seated[job] -= 1
            guard outcomes[job].start != nil else { continue }
            outcomes[job].start = nil
            starts[job] += 1
            restarts += 1
            waiting += 1
            used -= jobs[job].size
        }
    }

    /// Jobs all of whose pods were bound at this moment run from now on.
    func settle(at time: Int, _ cell: Cell) {
        for job in justSeated where seated[job] == jobs[job].arrivals.count && outcomes[job].start == nil {
            outcomes[job].start = time
            starts[job] += 1
            waiting -= 1
            used += jobs[job].size
            if let run = jobs[job].run { ends.insert(End(time: time + run, job: job, start: starts[job])) }
        }
        justSeated.removeAll(keepingCapacity: true)
        services.settle(at: time)
        timeline.note(at: time, waiting: waiting, used: used, use: meter.use(of: cell, at: time))
        lastTime = time
    }

    /// Adds what the replay knows to what the simulation tells.
    func complete(_ result: inout ReplayResult, _ dispatcher: Dispatcher, capacity: Double) {
        result.jobs = outcomes
        result.figures = ScheduleFigures(outcomes, capacity: capacity)
        result.timeline = timeline.slices(200, outcomes)
        result.use = UseFigures(timeline.moments, outcomes)
        let conflicts = result.simulation.schedulers.reduce(0) { $0 + $1.conflicts }
        let bound = result.simulation.schedulers.reduce(0) { $0 + $1.bound }
        if conflicts > 0 { result.use.podsPerConflict = Double(bound) / Double(conflicts) }
        result.services = services.spreads(until: lastTime)
        result.restarts = restarts
        result.moments = moments
        result.traceSeconds = lastTime - (jobs.first?.submitted ?? 0)
        // Pods that ended are gone from the dispatcher; they ran all the same.
        let names = dispatcher.schedulerNames
        for (index, place) in places.enumerated() {
            guard let place, case .gone = dispatcher.outcome(of: place.pod) else { continue }
            let job = jobs[Int(jobOfPod[index])]
            let route = job.arrivals[0].route
            let devices = (0..<GPU.maxDevices).filter { place.devices & 1 << UInt64($0) != 0 }
            result.simulation.placements.append(
                .init(
                    key: dispatcher.key(of: place.pod), node: dispatcher.nodeName(place.node) ?? "",
                    scheduler: names[place.scheduler], policy: route.policy, gpus: devices,
                    wantsGPU: !devices.isEmpty))
        }
        result.simulation.counts.bound = result.simulation.placements.count
        result.simulation.counts.total = jobs.reduce(result.simulation.rejected.count) { $0 + $1.arrivals.count }
    }
}
