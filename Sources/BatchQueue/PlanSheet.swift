/// The jobs of one decision with what is free when, against which orders of them are laid out and valued.
struct PlanSheet<Room: PlanRoom> {
    let now: Int
    /// How long each job is thought to run, in milliseconds.
    let lengths: [Int]
    let capacity: Demand
    /// How much the wait of each job counts: more, the shorter it is.
    private let weights: [Double]
    private let demands: [Room]
    private let submitted: [Int]
    private let isMisfit: [Bool]
    private let profile: FreeProfile<Room>
    /// The least of each resource that any of the jobs takes.
    private let least: Room

    init(
        _ jobs: [BatchJob], lengths: [Int], misfits: Set<Int>, now: Int, profile: FreeProfile<Room>, capacity: Demand,
        lane: Int
    ) {
        self.now = now
        self.lengths = lengths
        self.capacity = capacity
        let mean = Double(lengths.reduce(0, +)) / Double(max(1, lengths.count))
        weights = lengths.map { (mean / Double(max(1, $0))).squareRoot().squareRoot() }
        let demands = jobs.map { Room($0.demand, lane: lane) }
        self.demands = demands
        submitted = jobs.map(\.submitted)
        isMisfit = jobs.map { misfits.contains($0.id) }
        self.profile = profile
        least = demands.dropFirst().reduce(demands[0]) { Room.least($0, $1) }
    }

    /// What an order costs: the sum of `weight × x + steepWeight × x^16` with `x` the wait over the bound. Infinite where it
    /// is over `limit`, which is found out early.
    ///
    /// - Complexity: O(jobs × steps of the profile).
    func cost(_ order: [Int], bound: Double, limit: Double) -> Double {
        var cost = 0.0
        let scale = 1 / bound
        layOut(order) { index, wait in
            let x = Double(wait) * scale
            let square = x * x
            let fourth = square * square
            let eighth = fourth * fourth
            cost += weights[index] * x + Planner.steepWeight * eighth * eighth
            return cost < limit
        }
        return cost < limit ? cost : .infinity
    }

    /// The longest wait that an order brings, in milliseconds.
    func longestWait(_ order: [Int]) -> Int {
        var longest = 0
        layOut(order) { _, wait in
            longest = max(longest, wait)
            return true
        }
        return longest
    }

    /// Gives each job in turn the earliest place that is left, and tells how long it waits, until the body has had enough.
    private func layOut(_ order: [Int], _ body: (_ index: Int, _ wait: Int) -> Bool) {
        var rest = profile
        for index in order {
            rest.skip(without: least)
            guard let place = rest.earliest(demands[index], length: lengths[index], later: isMisfit[index]) else {
                continue
            }
            rest.take(demands[index], length: lengths[index], from: place.step)
            guard body(index, place.time - submitted[index]) else { return }
        }
    }
}
