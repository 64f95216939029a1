import ClusterModel

/// The `plan` policy: at each decision it lays out a plan of starts for the waiting jobs in several orders, improves the best
/// by trying changes, and starts what the plan starts now.
///
/// Plan-based scheduling is known from Zheng et al. 2016 and Kopanski and Rzadca 2021, who minimise a sum of powers of waits.
/// Here the value of a plan is the sum over jobs of
///
///     x × (mean length / length)^(1/4) + weight × x^16,   x = wait / bound
///
/// where the bound is the longest wait that anybody has had so far, or the longest that starting the waiting jobs in the
/// order of submission would bring now, whichever is less, shortened by how uncertain predictions are: groups run
/// longer than thought, and a wait that is planned to end at the bound ends beyond it. The first part lies between the
/// mean wait and the mean slowdown. The second is nothing for most jobs and steep for those near the bound, so short jobs go
/// first as long as nobody waits longer for it than he would without. Nothing in it depends on units or sizes; how wrong
/// estimates are and how long waits must be, it learns while it runs. All of it is forgotten with the process, and learned
/// anew.
struct Planner: Sendable {
    /// How much the steep part counts.
    static let steepWeight = 10.0
    /// Jobs that a plan is made of, the oldest; later ones start only where they do not touch the plan.
    static let window = 160
    /// Changes tried at each decision.
    static let attempts = 80
    /// The least bound, in milliseconds, so that the first waits on an idle machine are not steep at once.
    static let leastBound = 60_000.0

    private var predictor = RunTimePredictor()
    /// The longest wait so far, in milliseconds.
    private var longestWait = 0.0
    /// The order of the last plan, by job, from which the next search sets out.
    private var lastOrder: [Int] = []
    private var random = SeededGenerator(seed: 1)

    /// A job ended that had been expected to run longer, or as long.
    mutating func learn(ran: Int, expected: Int) { predictor.learn(ran: ran, expected: expected) }

    /// Starts jobs of `queue`, which is in the order of submission.
    mutating func decide(_ queue: [BatchJob], in pass: inout Pass) {
        // No plan starts anything now where nothing has room now.
        guard queue.contains(where: { pass.fits($0) }) else { return }
        if let lane = pass.decidingLane(queue) {
            decide(queue, in: &pass, Int64.self, lane: lane)
        } else {
            decide(queue, in: &pass, Demand.self, lane: 0)
        }
    }

    private mutating func decide<Room: PlanRoom>(
        _ queue: [BatchJob], in pass: inout Pass, _: Room.Type, lane: Int
    ) {
        let jobs = Array(queue.prefix(Planner.window))
        let profile: FreeProfile<Room> = profile(pass, lane)
        let sheet = PlanSheet(
            jobs, lengths: jobs.map(length), misfits: pass.misfits, now: pass.now, profile: profile,
            capacity: pass.capacity, lane: lane)
        // Jobs are in the order of submission, so the first has waited longest, and whoever starts now waited no longer.
        longestWait = max(longestWait, Double(pass.now - jobs[0].submitted))
        let allowed = min(longestWait, Double(sheet.longestWait(Array(jobs.indices))))
        let bound = max(Planner.leastBound, allowed * (1 - predictor.deviation))
        let order = search(sheet, jobs, bound)
        lastOrder = order.map { jobs[$0].id }
        var rest = profile
        for index in order { start(jobs[index], in: &pass, &rest, lane, isPlanned: true) }
        for job in queue.dropFirst(Planner.window).sorted(by: { $0.isShorter(than: $1) }) {
            start(job, in: &pass, &rest, lane, isPlanned: false)
        }
    }

    /// How long a waiting job is thought to run, at least a second, in milliseconds.
    private func length(_ job: BatchJob) -> Int { max(1_000, predictor.predict(expected: job.expected)) }

    private func profile<Room: PlanRoom>(_ pass: Pass, _ lane: Int) -> FreeProfile<Room> {
        let ends = pass.running.map { entry in
            let start = entry.end - entry.job.expected
            let length = predictor.predict(expected: entry.job.expected, ran: pass.now - start)
            return (time: max(start + length, pass.now + 1_000), amount: Room(entry.job.demand, lane: lane))
        }
        return FreeProfile(
            now: pass.now, free: Room(pass.free, lane: lane), changes: ends.sorted { $0.time < $1.time })
    }

    /// Takes a job's place in the profile, and starts it if that is now. One that is not planned takes only a place of now.
    private func start<Room: PlanRoom>(
        _ job: BatchJob, in pass: inout Pass, _ profile: inout FreeProfile<Room>, _ lane: Int, isPlanned: Bool
    ) {
        guard isPlanned || pass.fits(job) else { return }
        let demand = Room(job.demand, lane: lane)
        let isMisfit = pass.misfits.contains(job.id)
        guard let place = profile.earliest(demand, length: length(job), later: isMisfit) else { return }
        let isNow = place.step == 0 && pass.fits(job)
        guard isPlanned || isNow else { return }
        profile.take(demand, length: length(job), from: place.step)
        if isNow { pass.start(job) }
    }

    // MARK: - Search

    private mutating func search<Room>(_ sheet: PlanSheet<Room>, _ jobs: [BatchJob], _ bound: Double) -> [Int] {
        var best = Array(jobs.indices)
        var leastCost = Double.infinity
        for order in candidates(sheet, jobs) {
            let cost = sheet.cost(order, bound: bound, limit: leastCost)
            if cost < leastCost { (leastCost, best) = (cost, order) }
        }
        guard best.count > 1 else { return best }
        for attempt in 0..<Planner.attempts {
            let (from, to) = (random.next(below: best.count), random.next(below: best.count))
            guard from != to else { continue }
            var order = best
            if attempt % 2 == 0 { order.insert(order.remove(at: from), at: to) } else { order.swapAt(from, to) }
            let cost = sheet.cost(order, bound: bound, limit: leastCost)
            if cost < leastCost { (leastCost, best) = (cost, order) }
        }
        return best
    }

    /// Orders to begin with: by submission, length, work, slowdown, width, and that of the last plan.
    private func candidates<Room>(_ sheet: PlanSheet<Room>, _ jobs: [BatchJob]) -> [[Int]] {
        func ascending(_ key: (Int) -> Double) -> [Int] {
            let keys = jobs.indices.map(key)
            return jobs.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        }
        let lengths = sheet.lengths.map(Double.init)
        let waits = jobs.map { Double(sheet.now - $0.submitted) }
        let widths = jobs.map { $0.demand.dominantShare(of: sheet.capacity) }
        return [
            Array(jobs.indices), ascending { lengths[$0] }, ascending { lengths[$0] * widths[$0] },
            ascending { -waits[$0] / lengths[$0] }, ascending { -widths[$0] }, ascending { -widths[$0] * lengths[$0] },
            ascending { index in
                let ratio = waits[index] / lengths[index]
                return -ratio * ratio * ratio * widths[index]
            },
        ] + continuations(jobs, lengths, widths)
    }

    /// The order of the last plan with the newcomers at its end, and with each before the first that is more work.
    private func continuations(_ jobs: [BatchJob], _ lengths: [Double], _ widths: [Double]) -> [[Int]] {
        var indices: [Int: Int] = [:]
        for (index, job) in jobs.enumerated() { indices[job.id] = index }
        let known = lastOrder.compactMap { indices[$0] }
        guard !known.isEmpty else { return [] }
        let isKnown = Set(known)
        let newcomers = jobs.indices.filter { !isKnown.contains($0) }
        guard !newcomers.isEmpty else { return [known] }
        var merged = known
        for index in newcomers {
            let work = lengths[index] * widths[index]
            let place = merged.firstIndex { lengths[$0] * widths[$0] > work } ?? merged.count
            merged.insert(index, at: place)
        }
        return [known + newcomers, merged]
    }
}
