/// Parts of timestamps and durations.
extension StandardLibrary {
    private typealias Part = @Sendable (CivilTime, CELTimestamp) -> Int64

    static let times: [Function] =
        part("getFullYear") { time, _ in time.year }
        + part("getMonth") { time, _ in time.month - 1 }
        + part("getDayOfMonth") { time, _ in time.day - 1 }
        + part("getDate") { time, _ in time.day }
        + part("getDayOfWeek") { time, _ in time.weekday }
        + part("getDayOfYear") { time, _ in time.dayOfYear }
        + part("getHours", unit: 3_600_000_000_000) { time, _ in time.hour }
        + part("getMinutes", unit: 60_000_000_000) { time, _ in time.minute }
        + part("getSeconds", unit: 1_000_000_000) { time, _ in time.second }
        + part("getMilliseconds", unit: 1_000_000) { _, instant in Int64(instant.nanoseconds) / 1_000_000 }

    /// A part of a timestamp, in UTC or in a time zone; with a unit also the length of a duration in that unit.
    private static func part(_ name: String, unit: Int64? = nil, _ part: @escaping Part) -> [Function] {
        var functions = [
            Function.unary(name, "timestamp.() -> int") { (value, _) throws(Failure) in
                guard case .timestamp(let instant) = value else { throw Failure.noOverload(name, value) }
                return .int(part(CivilTime(seconds: instant.seconds), instant))
            },
            Function.binary(name, "timestamp.(string) -> int") { (value, zone, frame) throws(Failure) in
                guard case .timestamp(let instant) = value, case .string(let zone) = zone else {
                    throw Failure.noOverload(name, value, zone)
                }
                try frame.charge(10)
                guard let offset = TimeZones.offset(of: zone, at: instant) else {
                    throw .invalid("unknown time zone '\(shortened(zone))'")
                }
                return .int(part(CivilTime(seconds: instant.seconds + offset), instant))
            },
        ]
        if let unit {
            functions.append(
                .unary(name, "duration.() -> int") { (value, _) throws(Failure) in
                    guard case .duration(let span) = value else { throw Failure.noOverload(name, value) }
                    // Milliseconds are those within the second; the larger units are the whole length.
                    return .int(
                        unit == 1_000_000
                            ? span.nanoseconds % 1_000_000_000 / unit : span.nanoseconds / unit)
                })
        }
        return functions
    }
}
