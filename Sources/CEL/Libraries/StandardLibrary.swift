/// The language's standard functions, besides the operators.
enum StandardLibrary {
    static let functions: [Function] =
        sizes + texts + conversions + numbers + times + [
            .unary("dyn", "(A) -> dyn") { (value, _) throws(Failure) in value },
            .unary("type", "(A) -> type") { (value, _) throws(Failure) in .type(value.typeName) },
        ]

    private static let sizes: [Function] = [
        .unary("size", "(string) -> int", "(bytes) -> int", "(list<A>) -> int", "(map<A, B>) -> int", body: size),
        .unary("size", "string.() -> int", "bytes.() -> int", "list<A>.() -> int", "map<A, B>.() -> int", body: size),
    ]

    private static let texts: [Function] = [
        .binary("contains", "string.(string) -> bool") { (text, part, frame) throws(Failure) in
            let (text, part) = try strings("contains", text, part)
            try frame.charge(search: text.utf8.count, for: part.utf8.count)
            return .bool(Texts.find(part, in: text) != nil)
        },
        comparison("startsWith", .startsWith), comparison("endsWith", .endsWith),
        .binary("matches", "string.(string) -> bool", pattern: 1, body: matches),
        .binary("matches", "(string, string) -> bool", pattern: 1, body: matches),
    ]

    private static func comparison(_ name: String, _ comparison: CELTextComparison) -> Function {
        Function(
            name, ["string.(string) -> bool"], comparison: comparison,
            .binary { (text, part, frame) throws(Failure) in
                let (text, part) = try strings(name, text, part)
                try frame.charge(bytes: part.utf8.count)
                return .bool(comparison.holds(text, part))
            })
    }

    private static func size(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            return .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): return .int(Int64(bytes.count))
        case .list(let list): return .int(Int64(list.count))
        case .map, .object: return .int(Int64(value.keyCount))
        default: throw Failure.noOverload("size", value)
        }
    }

    private static func matches(
        _ value: CELValue, _ pattern: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        guard case .string(let text) = value else { throw Failure.noOverload("matches", value, pattern) }
        let pattern = try frame.pattern(pattern)
        return .bool(try pattern.matches(text, &frame))
    }

    static func strings(
        _ name: String, _ first: CELValue, _ second: CELValue
    ) throws(Failure) -> (String, String) {
        guard case .string(let left) = first, case .string(let right) = second else {
            throw Failure.noOverload(name, first, second)
        }
        return (left, right)
    }
}

/// Searching in strings, by bytes of UTF-8.
enum Texts {
    /// The byte offset of a part, at or after an offset; nil where it is not there.
    /// - Complexity: O(n · m) at worst, in a tight loop.
    static func find(_ part: String, in text: String, from start: Int = 0) -> Int? {
        var text = text
        var part = part
        return text.withUTF8 { text in part.withUTF8 { find($0, in: text, from: start) } }
    }

    static func find(_ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let first = part.first else { return start <= text.count ? start : nil }
        var position = start
        let last = text.count - part.count
        while position <= last {
            if text[position] == first {
                var length = 1
                while length < part.count, text[position + length] == part[length] { length += 1 }
                if length == part.count { return position }
            }
            position += 1
        }
        return nil
    }
}
