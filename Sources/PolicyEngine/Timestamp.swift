/// Reads days and times as RFC 3339 writes them.
public enum Timestamp {
    /// The seconds since 1970 of `2030-06-30` (its end, in UTC) or `2030-06-30T12:00:00Z`; nil where it is neither.
    public static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ length: Int) -> Int64? {
            guard start + length <= bytes.count else { return nil }
            var result: Int64 = 0
            for byte in bytes[start..<(start + length)] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                result = result * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return result
        }
        func has(_ place: Int, _ letters: String) -> Bool { place < bytes.count && letters.utf8.contains(bytes[place]) }
        guard let year = number(0, 4), has(4, "-"), let month = number(5, 2), has(7, "-"), let day = number(8, 2),
            (1...12).contains(month), day >= 1, day <= days(in: month, of: year)
        else { return nil }
        let midnight = dayNumber(year, month, day) * 86_400
        if bytes.count == 10 { return midnight + 86_400 }
        guard has(10, "Tt "), let hour = number(11, 2), has(13, ":"), let minute = number(14, 2), has(16, ":"),
            let second = number(17, 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        let local = midnight + hour * 3_600 + minute * 60 + second
        if bytes.count == 20, has(19, "Zz") { return local }
        guard bytes.count == 25, has(19, "+-"), has(22, ":"), let hours = number(20, 2), let minutes = number(23, 2),
            hours < 24, minutes < 60
        else { return nil }
        let offset = hours * 3_600 + minutes * 60
        return has(19, "+") ? local - offset : local + offset
    }

    /// The seconds since 1970 of a time, or of the start of a day.
    public static func start(_ text: String) -> Int64? {
        seconds(text).map { text.utf8.count == 10 ? $0 - 86_400 : $0 }
    }

    /// The day of a number of days since 1970-01-01: `2030-06-30`.
    static func day(number: Int64) -> String {
        // By the calendar that begins in March, as `dayNumber`.
        let shifted = number + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(civilMonth, 2))-\(padded(day, 2))"
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01 in the Gregorian calendar, counted from the March that begins a 400-year era.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
