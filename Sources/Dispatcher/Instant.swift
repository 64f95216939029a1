/// A moment on the dispatcher's clock: nanoseconds since it started. Tests bring their own clock.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the start.
    public var nanoseconds: Int64

    /// The moment so many nanoseconds after the start.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The start.
    public static let start = Instant(nanoseconds: 0)

    /// Orders by time.
    public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The moment `seconds` later.
    ///
    /// A moment beyond what can be counted is the last one there is (or the first); so is "not a number" later.
    public func advanced(bySeconds seconds: Double) -> Instant {
        let shift = seconds * 1e9
        guard shift.isNaN || abs(shift) >= 9.2e18 else { return advanced(byNanoseconds: Int64(shift)) }
        return Instant(nanoseconds: shift < 0 ? .min : .max)
    }

    /// The moment so many nanoseconds later, or the last one that can be counted.
    public func advanced(byNanoseconds shift: Int64) -> Instant {
        let (sum, isTooFar) = nanoseconds.addingReportingOverflow(shift)
        return Instant(nanoseconds: isTooFar ? (shift < 0 ? .min : .max) : sum)
    }

    /// The seconds from `earlier` to this moment.
    public func seconds(since earlier: Instant) -> Double {
        let (difference, isTooFar) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return isTooFar ? (Double(nanoseconds) - Double(earlier.nanoseconds)) / 1e9 : Double(difference) / 1e9
    }
}
