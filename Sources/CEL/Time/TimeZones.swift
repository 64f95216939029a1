import Foundation

/// Offsets of time zones, the only thing that needs Foundation: it has the zone database.
public enum TimeZones {
    /// Seconds east of UTC at an instant, for an IANA name or a fixed offset (`+02:00`, `-03:30`, `02:00`); no name at
    /// all is UTC, as in Go. Nil where the name is unknown.
    static func offset(of zone: String, at instant: CELTimestamp) -> Int64? {
        // Looked at first, so that a long text costs nothing.
        guard zone.utf8.count <= 64 else { return nil }
        if zone.isEmpty || zone == "UTC" { return 0 }
        if let fixed = fixedOffset(zone) { return fixed }
        guard isName(zone), let known = TimeZone(identifier: zone) else { return nil }
        return Int64(known.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant.seconds))))
    }

    /// Seconds east of UTC at a time, in seconds since 1970; nil where the name is unknown, or the time outside the years 1 to
    /// 9999.
    public static func secondsEast(of zone: String, at seconds: Int64) -> Int64? {
        CELTimestamp(seconds: seconds).flatMap { offset(of: zone, at: $0) }
    }

    private static func fixedOffset(_ text: String) -> Int64? {
        var reader = DigitReader(text)
        let sign: Int64 = reader.take("-") ? -1 : 1
        if sign == 1 { _ = reader.take("+") }
        guard let hours = reader.digits(2), reader.take(":"), let minutes = reader.digits(2), reader.isAtEnd,
            hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// Whether a name is of IANA's database by its form. Foundation takes further ones: abbreviations such as `PST`,
    /// offsets such as `GMT+5`.
    private static func isName(_ zone: String) -> Bool {
        guard let slash = zone.firstIndex(of: "/") else { return names.contains(zone) }
        return areas.contains(String(zone[..<slash]))
    }

    /// What the names with a slash begin with.
    private static let areas: Set<String> = [
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile",
        "Etc", "Europe", "Indian", "Mexico", "Pacific", "US",
    ]

    /// The names without a slash (release 2025b).
    private static let names: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "Factory", "GB", "GB-Eire", "GMT", "GMT+0",
        "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein",
        "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC",
        "ROK", "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
    ]
}
