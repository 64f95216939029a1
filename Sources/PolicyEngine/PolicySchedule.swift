import CEL
import Synchronization

/// When a rule or an exception holds: between two times, on days of the week, at hours of the day.
public struct PolicySchedule: Hashable, Sendable {
    /// When it begins; nil is always.
    public var from: Moment?
    /// When it ends; nil is never.
    public var until: Moment?
    /// The days of the week, as they were written; empty for all.
    public var days: [String] = []
    /// The hours of the day, as they were written; empty for all.
    public var hours: [String] = []
    /// The time zone of days and hours, by its IANA name.
    public var timeZone = "UTC"
    /// The days as bits, Monday's the lowest.
    var dayMask: UInt8 = 0x7f
    /// The hours.
    var spans: [Span] = []

    /// A time as it was written, and in seconds since 1970.
    public struct Moment: Hashable, Sendable {
        /// As it was written.
        public var text: String
        /// Seconds since 1970.
        public var seconds: Int64
    }

    /// Some hours, in minutes of the day; one that ends before it begins goes on after midnight.
    struct Span: Hashable, Sendable {
        var start: Int64
        var end: Int64

        func contains(_ minute: Int64) -> Bool { start <= minute && minute < end }
    }

    /// A schedule that always holds.
    public init() {}

    /// Whether the schedule holds at a time, in seconds since 1970.
    ///
    /// The clock on the wall counts: an hour that a change of the clocks leaves out does not come, and one that it repeats
    /// comes twice. Hours over midnight belong to the day on which they begin.
    public func holds(at seconds: Int64) -> Bool {
        if let from, seconds < from.seconds { return false }
        if let until, seconds >= until.seconds { return false }
        if dayMask == 0x7f, spans.isEmpty { return true }
        guard let local = PolicySchedule.localSeconds(seconds, timeZone) else { return false }
        let day = local.flooredQuotient(by: 86_400)
        let minute = (local - day * 86_400) / 60
        // 1970 began on a Thursday.
        let weekday = (day % 7 + 10) % 7
        func isOn(_ weekday: Int64) -> Bool { dayMask >> UInt8(weekday) & 1 == 1 }
        if spans.isEmpty { return isOn(weekday) }
        return spans.contains { span in
            if span.start < span.end { return isOn(weekday) && span.contains(minute) }
            return (isOn(weekday) && minute >= span.start) || (isOn((weekday + 6) % 7) && minute < span.end)
        }
    }

    /// What a clock on the wall shows, as seconds since 1970 there; nil for times beyond the calendar.
    static func localSeconds(_ seconds: Int64, _ zone: String) -> Int64? {
        guard let offset = TimeZones.secondsEast(of: zone, at: seconds) else { return nil }
        return seconds + offset
    }

    /// The time at which a clock on the wall shows another, given as seconds since 1970 there.
    static func seconds(atLocal local: Int64, _ zone: String) -> Int64? {
        // The offset at a guess, and then at the better guess: right unless the clocks change within it.
        guard let first = TimeZones.secondsEast(of: zone, at: local),
            let second = TimeZones.secondsEast(of: zone, at: local - first)
        else { return nil }
        return local - second
    }

    /// The schedule in words: `from 2030-06-01, on Mon-Fri, at 22:00-06:00 (Europe/Zurich)`.
    var words: String {
        var parts: [String] = []
        if let from { parts.append("from \(from.text)") }
        if let until { parts.append("until \(until.text)") }
        if !days.isEmpty { parts.append("on \(days.joined(separator: ", "))") }
        if !hours.isEmpty { parts.append("at \(hours.joined(separator: ", "))") }
        return parts.joined(separator: ", ") + " (\(timeZone))"
    }

    static let dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// A time as the clock on the wall shows it: `Fri 2030-06-28 22:15`.
    func wallClock(at seconds: Int64) -> String {
        guard let local = PolicySchedule.localSeconds(seconds, timeZone) else { return "\(seconds) s" }
        let day = local.flooredQuotient(by: 86_400)
        let minute = (local - day * 86_400) / 60
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let name = PolicySchedule.dayNames[Int((day % 7 + 10) % 7)]
        return "\(name) \(Timestamp.day(number: day)) \(two(minute / 60)):\(two(minute % 60))"
    }
}

extension Int64 {
    /// The quotient, rounded down also below zero.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// A schedule as conditions ask it, which remembers its last answer: the time stands still for many pods.
final class ScheduleTest: Hashable, Sendable {
    let schedule: PolicySchedule
    private let last = Mutex<(seconds: Int64, holds: Bool)?>(nil)

    init(_ schedule: PolicySchedule) { self.schedule = schedule }

    func holds(at seconds: Int64) -> Bool {
        last.withLock { last in
            if let last, last.seconds == seconds { return last.holds }
            let holds = schedule.holds(at: seconds)
            last = (seconds, holds)
            return holds
        }
    }

    static func == (a: ScheduleTest, b: ScheduleTest) -> Bool { a.schedule == b.schedule }
    func hash(into hasher: inout Hasher) { hasher.combine(schedule) }
}
