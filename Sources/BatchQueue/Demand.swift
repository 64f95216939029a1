/// Amounts of the resources that a forecast counts: what a job takes, what is free, what there is in all.
///
/// One lane a resource. A job that asks for nothing of a resource fits however short that is.
public struct Demand: Hashable, Sendable {
    /// The amounts; which lane is which resource is up to the caller.
    public var amounts: SIMD4<Int64>

    /// The given amounts.
    public init(_ amounts: SIMD4<Int64>) { self.amounts = amounts }

    /// Amounts of the first resource alone, such as processors.
    public init(_ amount: Int) { amounts = SIMD4(Int64(amount), 0, 0, 0) }

    /// Nothing of anything.
    public static let zero = Demand(SIMD4(repeating: 0))

    /// Whether so much can be taken from `room`.
    @inline(__always)
    public func fits(in room: Demand) -> Bool {
        all((amounts .<= room.amounts) .| (amounts .== SIMD4(repeating: 0)))
    }

    /// Whether all of a resource that anybody counts is gone.
    var isExhausted: Bool { all(amounts .<= SIMD4(repeating: 0)) }

    /// The largest share of any resource that this is of `total`, 0 for a total of nothing.
    public func dominantShare(of total: Demand) -> Double {
        var share = 0.0
        for lane in 0..<4 where amounts[lane] > 0 && total.amounts[lane] > 0 {
            share = max(share, Double(amounts[lane]) / Double(total.amounts[lane]))
        }
        return share
    }

    /// Adds lane by lane.
    public static func + (a: Demand, b: Demand) -> Demand { Demand(a.amounts &+ b.amounts) }
    /// Subtracts lane by lane.
    public static func - (a: Demand, b: Demand) -> Demand { Demand(a.amounts &- b.amounts) }
    /// Adds lane by lane.
    public static func += (a: inout Demand, b: Demand) { a = a + b }
    /// Subtracts lane by lane.
    public static func -= (a: inout Demand, b: Demand) { a = a - b }
}
