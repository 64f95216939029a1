/// Amounts as the planner counts them: of one resource where one is enough to know, else of all.
///
/// A plan looks at what is free thousands of times, and a single number is compared many times faster than a vector.
protocol PlanRoom: Sendable {
    /// The amounts of a demand that count.
    init(_ demand: Demand, lane: Int)

    /// Whether so much can be taken from `room`.
    func fits(in room: Self) -> Bool

    /// The sum, amount by amount.
    func plus(_ other: Self) -> Self

    /// The difference, amount by amount.
    func minus(_ other: Self) -> Self

    /// The lesser of the two, amount by amount.
    static func least(_ a: Self, _ b: Self) -> Self
}

extension Int64: PlanRoom {
    @inline(__always)
    init(_ demand: Demand, lane: Int) { self = demand.amounts[lane] }

    @inline(__always)
    func fits(in room: Int64) -> Bool { self <= room }

    @inline(__always)
    func plus(_ other: Int64) -> Int64 { self &+ other }

    @inline(__always)
    func minus(_ other: Int64) -> Int64 { self &- other }

    static func least(_ a: Int64, _ b: Int64) -> Int64 { Swift.min(a, b) }
}

extension Demand: PlanRoom {
    init(_ demand: Demand, lane: Int) { self = demand }

    func plus(_ other: Demand) -> Demand { self + other }
    func minus(_ other: Demand) -> Demand { self - other }
    static func least(_ a: Demand, _ b: Demand) -> Demand { Demand(pointwiseMin(a.amounts, b.amounts)) }
}

extension Pass {
    /// The one resource that decides, or nil where it takes more than one.
    ///
    /// A resource decides alone if every job takes a larger share of it than of any other, and no other would be scarcer if
    /// all that runs had ended: wherever a job finds room by it, it then finds room by all.
    func decidingLane(_ jobs: [BatchJob]) -> Int? {
        func share(_ demand: Demand, _ lane: Int) -> Double {
            capacity.amounts[lane] > 0 ? Double(demand.amounts[lane]) / Double(capacity.amounts[lane]) : 0
        }
        let drained = running.reduce(free) { $0 + $1.job.demand }
        func dominates(_ lane: Int, _ other: Int) -> Bool {
            let all = jobs.lazy.map(\.demand) + running.lazy.map(\.job.demand)
            if all.allSatisfy({ $0.amounts[other] == 0 }) { return true }
            return share(drained, lane) <= share(drained, other)
                && all.allSatisfy { share($0, lane) >= share($0, other) && $0.amounts[lane] > 0 }
        }
        return (0..<4).first { lane in (0..<4).allSatisfy { $0 == lane || dominates(lane, $0) } }
    }
}
