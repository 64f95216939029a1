/// An instant: seconds since 1970-01-01T00:00:00Z and nanoseconds after them. From year 1 to year 9999.
public struct CELTimestamp: Sendable, Hashable, Comparable {
    /// Seconds since 1970.
    public let seconds: Int64
    /// 0 ..< 1,000,000,000.
    public let nanoseconds: Int32

    /// 0001-01-01T00:00:00Z.
    static let earliest: Int64 = -62_135_596_800
    /// 9999-12-31T23:59:59Z.
    static let latest: Int64 = 253_402_300_799

    /// An instant; nil where it is outside the years 1 to 9999, or the nanoseconds are no part of a second.
    public init?(seconds: Int64, nanoseconds: Int64 = 0) {
        guard seconds >= CELTimestamp.earliest, seconds <= CELTimestamp.latest,
            nanoseconds >= 0, nanoseconds < 1_000_000_000
        else { return nil }
        self.seconds = seconds
        self.nanoseconds = Int32(nanoseconds)
    }

    /// Orders by time.
    public static func < (left: CELTimestamp, right: CELTimestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    func adding(_ span: CELDuration) -> CELTimestamp? {
        shifted(seconds: span.nanoseconds / 1_000_000_000, nanoseconds: span.nanoseconds % 1_000_000_000)
    }

    func subtracting(_ span: CELDuration) -> CELTimestamp? {
        shifted(seconds: -(span.nanoseconds / 1_000_000_000), nanoseconds: -(span.nanoseconds % 1_000_000_000))
    }

    private func shifted(seconds change: Int64, nanoseconds fraction: Int64) -> CELTimestamp? {
        // Both parts are far from Int64's limits: |seconds| < 2⁴⁰.
        var seconds = self.seconds + change
        var nanoseconds = Int64(self.nanoseconds) + fraction
        if nanoseconds < 0 {
            nanoseconds += 1_000_000_000
            seconds -= 1
        } else if nanoseconds >= 1_000_000_000 {
            nanoseconds -= 1_000_000_000
            seconds += 1
        }
        return CELTimestamp(seconds: seconds, nanoseconds: nanoseconds)
    }

    func since(_ earlier: CELTimestamp) -> CELDuration? {
        let (product, over) = (seconds - earlier.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overSum) = product.addingReportingOverflow(Int64(nanoseconds) - Int64(earlier.nanoseconds))
        return over || overSum ? nil : CELDuration(nanoseconds: sum)
    }
}

/// A calendar date and time of day.
struct CivilTime {
    let year: Int64
    /// 1 … 12.
    let month: Int64
    /// 1 … 31.
    let day: Int64
    /// 0 for Sunday.
    let weekday: Int64
    /// 0 for 1 January.
    let dayOfYear: Int64
    let hour: Int64
    let minute: Int64
    let second: Int64

    /// The civil time of seconds since 1970. Days are counted in eras of 400 years that begin on 1 March, so that the
    /// leap day is the last of its year (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    init(seconds: Int64) {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayFromMarch + 2) / 153
        day = dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        weekday = ((days + 4) % 7 + 7) % 7
        dayOfYear = days - CivilTime.days(year: year, month: 1, day: 1)
    }

    /// Days from 1970-01-01 to a date.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayFromMarch = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayFromMarch
        return era * 146_097 + dayOfEra - 719_468
    }

    /// How many days a month has.
    static func monthLength(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
