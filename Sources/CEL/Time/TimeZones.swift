import Foundation

/// Offsets of time zones, the only thing that needs Foundation: it has the zone database.
enum TimeZones {
    /// Seconds east of UTC at an instant, for `UTC`, an IANA name or a fixed offset (`+02:00`, `-03:30`, `02:00`);
    /// nil where the name is unknown.
    static func offset(of zone: String, at instant: CELTimestamp) -> Int64? {
        if zone == "UTC" || zone == "Z" { return 0 }
        if let fixed = fixedOffset(zone) { return fixed }
        guard zone.utf8.count <= 64, let known = TimeZone(identifier: zone) else { return nil }
        return Int64(known.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant.seconds))))
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
}
