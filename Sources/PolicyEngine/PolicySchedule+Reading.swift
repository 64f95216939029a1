import CEL
import ClusterModel

extension PolicySchedule {
    /// Reads `{from, until, days, hours, timeZone}`.
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["from", "until", "days", "hours", "timeZone"])
        self.init()
        if let zone = try object.reader.string("timeZone") {
            guard !zone.isEmpty, TimeZones.secondsEast(of: zone, at: 0) != nil else {
                throw FieldError(
                    path: FieldPath("timeZone"), expected: "an IANA name such as Europe/Zurich, or an offset",
                    found: "the string \"\(zone)\"")
            }
            timeZone = zone
        }
        from = try moment(object, "from")
        until = try moment(object, "until")
        if let from, let until, until.seconds <= from.seconds {
            throw FieldError(path: FieldPath("until"), expected: "a time after from, \(from.text)", found: until.text)
        }
        try readDays(object)
        try readHours(object)
        if from == nil, until == nil, days.isEmpty, hours.isEmpty {
            throw FieldError(expected: "from, until, days, hours or several of them", found: value.summary)
        }
    }

    /// A time, or a day: its start in the time zone, or for `until` its end.
    private func moment(_ object: StrictObject, _ field: String) throws(FieldError) -> Moment? {
        let zone = timeZone
        return try object.reader.optional(field) { v throws(FieldError) in
            let text = try v.decodeString()
            let isDay = text.utf8.count == 10
            var seconds = field == "until" ? Timestamp.seconds(text) : Timestamp.start(text)
            if isDay { seconds = seconds.flatMap { PolicySchedule.seconds(atLocal: $0, zone) } }
            guard let seconds else {
                throw FieldError(
                    expected: "a day or a time such as 2030-06-30 or 2030-06-30T12:00:00Z", found: v.summary)
            }
            return Moment(text: text, seconds: seconds)
        }
    }

    /// One text, or a list of them.
    private static func texts(_ object: StrictObject, _ field: String) throws(FieldError) -> [String] {
        guard let value = object.reader.value(field) else { return [] }
        if case .array = value {
            return try object.filledList(field, of: "entry") { item throws(FieldError) in try item.decodeString() }
                ?? []
        }
        return [try object.reader.string(field) ?? ""]
    }

    private static func place(_ field: String, _ index: Int, _ object: StrictObject) -> FieldPath {
        if case .array? = object.reader.value(field) { FieldPath(field).appending(index) } else { FieldPath(field) }
    }

    private mutating func readDays(_ object: StrictObject) throws(FieldError) {
        days = try PolicySchedule.texts(object, "days")
        if days.isEmpty { return }
        dayMask = 0
        for (index, text) in days.enumerated() {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { name in
                PolicySchedule.dayNames.firstIndex(of: String(name))
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
                throw FieldError(
                    path: PolicySchedule.place("days", index, object),
                    expected: "a day such as Mon, or days such as Mon-Fri", found: "the string \"\(text)\"")
            }
            var day = first
            dayMask |= 1 << UInt8(day)
            while day != last {
                day = (day + 1) % 7
                dayMask |= 1 << UInt8(day)
            }
        }
    }

    private mutating func readHours(_ object: StrictObject) throws(FieldError) {
        hours = try PolicySchedule.texts(object, "hours")
        for (index, text) in hours.enumerated() {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(PolicySchedule.minute)
            guard ends.count == 2, let start = ends[0], let end = ends[1], start != end, start < 1_440 else {
                throw FieldError(
                    path: PolicySchedule.place("hours", index, object),
                    expected: "hours such as 09:00-17:30, or over midnight 22:00-06:00", found: "the string \"\(text)\""
                )
            }
            spans.append(Span(start: start, end: end))
        }
    }

    /// The minute of the day of `09:30`; 24:00 is its end.
    private static func minute(_ text: Substring) -> Int64? {
        let bytes = Array(text.utf8)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), [0, 1, 3, 4].allSatisfy({ digits.contains(bytes[$0]) })
        else { return nil }
        let numbers = bytes.map { Int64($0) - Int64(UInt8(ascii: "0")) }
        let (hour, minute) = (numbers[0] * 10 + numbers[1], numbers[3] * 10 + numbers[4])
        guard minute < 60, hour < 24 || (hour == 24 && minute == 0) else { return nil }
        return hour * 60 + minute
    }

    var value: Value {
        var object = ObjectBuilder()
        object.add("from", from?.text)
        object.add("until", until?.text)
        object.add("days", days) { .string($0) }
        object.add("hours", hours) { .string($0) }
        if timeZone != "UTC" { object.add("timeZone", timeZone) }
        return object.value
    }
}
