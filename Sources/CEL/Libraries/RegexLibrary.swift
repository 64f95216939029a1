/// Finding and replacing with regular expressions.
enum RegexLibrary {
    static let functions: [Function] = [
        .binary("find", "string.(string) -> string", pattern: 1) { (value, pattern, frame) throws(Failure) in
            let (text, pattern) = try prepare("find", value, pattern, &frame)
            let match = try pattern.allMatches(in: text, limit: 1, &frame).first
            return .string(match.map { text.part($0[0], $0[1]) } ?? "")
        },
        .binary("findAll", "string.(string) -> list<string>", pattern: 1) { (value, pattern, frame) throws(Failure) in
            try findAll(value, pattern, .int(-1), &frame)
        },
        .ternary("findAll", "string.(string, int) -> list<string>", pattern: 1, body: findAll),
        .binary("regex.extract", "(string, string) -> optional<string>", pattern: 1, body: extract),
        .binary("regex.extractAll", "(string, string) -> list<string>", pattern: 1, body: extractAll),
        .ternary("regex.replace", "(string, string, string) -> string", pattern: 1) {
            (value, pattern, new, frame) throws(Failure) in
            try replace([value, pattern, new, .int(-1)], &frame)
        },
        Function("regex.replace", ["(string, string, string, int) -> string"], pattern: 1, .variadic(replace)),
    ]

    private static func prepare(
        _ name: String, _ value: CELValue, _ pattern: CELValue, _ frame: inout Frame
    ) throws(Failure) -> (String, Pattern) {
        guard case .string(let text) = value else { throw Failure.noOverload(name, value, pattern) }
        return (text, try frame.pattern(pattern))
    }

    private static func findAll(
        _ value: CELValue, _ pattern: CELValue, _ limit: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        let (text, pattern) = try prepare("findAll", value, pattern, &frame)
        guard case .int(let limit) = limit else { throw Failure.noOverload("findAll", value, limit) }
        let matches = try pattern.allMatches(in: text, limit: limit < 0 ? nil : Int(limit), &frame)
        return .list(CELList(matches.map { .string(text.part($0[0], $0[1])) }))
    }

    /// The group of a match that is extracted: the only group, or the whole where there is none.
    private static func group(_ pattern: Pattern, _ name: String) throws(Failure) -> Int {
        guard pattern.groupCount <= 1 else {
            throw .invalid("\(name): the pattern has \(pattern.groupCount) groups; one at most is allowed")
        }
        return pattern.groupCount
    }

    private static func extract(
        _ value: CELValue, _ pattern: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        let (text, pattern) = try prepare("regex.extract", value, pattern, &frame)
        let group = try group(pattern, "regex.extract")
        guard let match = try pattern.allMatches(in: text, limit: 1, &frame).first, match[2 * group] >= 0 else {
            return .optional(.none)
        }
        let part = text.part(match[2 * group], match[2 * group + 1])
        // A group that matched nothing extracts nothing.
        return .optional(group == 1 && part.isEmpty ? .none : CELOptional(.string(part)))
    }

    private static func extractAll(
        _ value: CELValue, _ pattern: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        let (text, pattern) = try prepare("regex.extractAll", value, pattern, &frame)
        let group = try group(pattern, "regex.extractAll")
        var parts = [CELValue]()
        for match in try pattern.allMatches(in: text, limit: nil, &frame) where match[2 * group] >= 0 {
            let part = text.part(match[2 * group], match[2 * group + 1])
            // A group that matched nothing extracts nothing.
            if group == 0 || !part.isEmpty { parts.append(.string(part)) }
        }
        return .list(CELList(parts))
    }

    private static func replace(_ values: [CELValue], _ frame: inout Frame) throws(Failure) -> CELValue {
        let (text, pattern) = try prepare("regex.replace", values[0], values[1], &frame)
        guard case .string(let template) = values[2], case .int(let limit) = values[3] else {
            throw Failure.noOverload("regex.replace", values)
        }
        var result = ""
        var copied = 0
        for match in try pattern.allMatches(in: text, limit: limit < 0 ? nil : Int(limit), &frame) {
            let replacement = try expand(template, text, match, pattern)
            try frame.charge(bytes: replacement.utf8.count)
            result += text.part(copied, match[0]) + replacement
            copied = match[1]
        }
        return .string(result + text.part(copied, text.utf8.count))
    }

    /// The replacement of one match: `\1` stands for a group, `\0` for the whole, `\\` for a backslash.
    private static func expand(
        _ template: String, _ text: String, _ match: [Int], _ pattern: Pattern
    ) throws(Failure) -> String {
        var result = String.UnicodeScalarView()
        var isEscape = false
        for scalar in template.unicodeScalars {
            guard isEscape else {
                if scalar == "\\" { isEscape = true } else { result.append(scalar) }
                continue
            }
            isEscape = false
            if scalar == "\\" {
                result.append(scalar)
            } else if ("0"..."9").contains(scalar) {
                let group = Int(scalar.value - 0x30)
                guard group <= pattern.groupCount else { throw .invalid("regex.replace: there is no group \(group)") }
                if match[2 * group] >= 0 {
                    result.append(contentsOf: text.part(match[2 * group], match[2 * group + 1]).unicodeScalars)
                }
            } else {
                throw .invalid("regex.replace: a backslash in the replacement must precede a digit or a backslash")
            }
        }
        if isEscape { throw .invalid("regex.replace: a backslash at the end of the replacement") }
        return String(result)
    }
}
