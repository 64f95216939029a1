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
    public func advanced(bySeconds seconds: Double) -> Instant {
        Instant(nanoseconds: nanoseconds + Int64(seconds * 1e9))
    }

    /// The seconds from `earlier` to this moment.
    public func seconds(since earlier: Instant) -> Double {
        Double(nanoseconds - earlier.nanoseconds) / 1e9
    }
}
