/// Functions on strings; positions count code points.
enum StringsLibrary {
    static let functions: [Function] = [
        .binary("charAt", "string.(int) -> string", body: charAt),
        .binary("indexOf", "string.(string) -> int") { (text, part, frame) throws(Failure) in
            try search("indexOf", text, part, from: .int(0), isLast: false, &frame)
        },
        .ternary("indexOf", "string.(string, int) -> int") { (text, part, start, frame) throws(Failure) in
            try search("indexOf", text, part, from: start, isLast: false, &frame)
        },
        .binary("lastIndexOf", "string.(string) -> int") { (text, part, frame) throws(Failure) in
            try search("lastIndexOf", text, part, from: nil, isLast: true, &frame)
        },
        .ternary("lastIndexOf", "string.(string, int) -> int") { (text, part, start, frame) throws(Failure) in
            try search("lastIndexOf", text, part, from: start, isLast: true, &frame)
        },
        .unary("join", "list<string>.() -> string") { (list, frame) throws(Failure) in
            try join(list, .string(""), &frame)
        },
        .binary("join", "list<string>.(string) -> string", body: join),
        .unary("lowerAscii", "string.() -> string") { (text, frame) throws(Failure) in
            try mapBytes("lowerAscii", text, &frame) { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }
        },
        .unary("upperAscii", "string.() -> string") { (text, frame) throws(Failure) in
            try mapBytes("upperAscii", text, &frame) { $0 >= 0x61 && $0 <= 0x7A ? $0 - 32 : $0 }
        },
        .ternary("replace", "string.(string, string) -> string") { (text, old, new, frame) throws(Failure) in
            try replace([text, old, new], &frame)
        },
        Function("replace", ["string.(string, string, int) -> string"], .variadic(replace)),
        .binary("split", "string.(string) -> list<string>") { (text, separator, frame) throws(Failure) in
            try split(text, separator, .int(-1), &frame)
        },
        .ternary("split", "string.(string, int) -> list<string>", body: split),
        .binary("substring", "string.(int) -> string") { (text, start, frame) throws(Failure) in
            try substring(text, start, nil, &frame)
        },
        .ternary("substring", "string.(int, int) -> string") { (text, start, end, frame) throws(Failure) in
            try substring(text, start, end, &frame)
        },
        .unary("trim", "string.() -> string", body: trim),
        .unary("reverse", "string.() -> string") { (value, frame) throws(Failure) in
            let text = try string("reverse", value, &frame)
            return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
        },
        .unary("strings.quote", "(string) -> string", body: quote),
        .binary("format", "string.(list<dyn>) -> string") { (text, arguments, frame) throws(Failure) in
            guard case .string(let format) = text, case .list(let list) = arguments else {
                throw Failure.noOverload("format", text, arguments)
            }
            var formatter = Formatter(format, list)
            return .string(try formatter.formatted(&frame))
        },
    ]

    /// The string, charged for reading it.
    private static func string(_ name: String, _ value: CELValue, _ frame: inout Frame) throws(Failure) -> String {
        guard case .string(let text) = value else { throw Failure.noOverload(name, value) }
        try frame.charge(bytes: text.utf8.count)
        return text
    }

    /// A position in a text of that many code points.
    private static func position(_ name: String, _ value: CELValue, _ count: Int) throws(Failure) -> Int {
        guard case .int(let number) = value else { throw Failure.noOverload(name, value) }
        guard number >= 0, number <= Int64(count) else {
            throw .invalid("\(name): the index \(number) is outside 0…\(count)")
        }
        return Int(number)
    }

    private static func charAt(
        _ value: CELValue, _ index: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        let scalars = try string("charAt", value, &frame).unicodeScalars
        let position = try position("charAt", index, scalars.count)
        guard let index = scalars.index(scalars.startIndex, offsetBy: position, limitedBy: scalars.endIndex),
            index < scalars.endIndex
        else { return .string("") }
        return .string(String(scalars[index]))
    }

    private static func search(
        _ name: String, _ value: CELValue, _ part: CELValue, from start: CELValue?, isLast: Bool, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        guard case .string(let part) = part else { throw Failure.noOverload(name, value, part) }
        let text = Array(try string(name, value, &frame).unicodeScalars)
        let wanted = Array(part.unicodeScalars)
        try frame.charge(search: text.count, for: wanted.count)
        var position = text.count
        if let start {
            position = try self.position(name, start, text.count)
            // As in cel-go, where only the empty text may be looked for behind the last character.
            if position == text.count, position > 0, !wanted.isEmpty {
                throw .invalid("\(name): the index \(position) is outside 0…\(text.count - 1)")
            }
        }
        if isLast { position = min(position, text.count - wanted.count) }
        while position >= 0, position + wanted.count <= text.count {
            if text[position..<(position + wanted.count)].elementsEqual(wanted) { return .int(Int64(position)) }
            position += isLast ? -1 : 1
        }
        return .int(-1)
    }

    private static func join(
        _ value: CELValue, _ separator: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        guard case .list(let list) = value, case .string(let separator) = separator else {
            throw Failure.noOverload("join", value, separator)
        }
        var joined = ""
        for index in 0..<list.count {
            guard case .string(let part) = list[index] else { throw Failure.noOverload("join", value) }
            try frame.charge(bytes: part.utf8.count + separator.utf8.count)
            if index > 0 { joined += separator }
            joined += part
        }
        return .string(joined)
    }

    private static func mapBytes(
        _ name: String, _ value: CELValue, _ frame: inout Frame, _ change: (UInt8) -> UInt8
    ) throws(Failure) -> CELValue {
        .string(String(decoding: try string(name, value, &frame).utf8.map(change), as: UTF8.self))
    }

    private static func replace(_ values: [CELValue], _ frame: inout Frame) throws(Failure) -> CELValue {
        guard case .string(let old) = values[1], case .string(let new) = values[2] else {
            throw Failure.noOverload("replace", values)
        }
        var remaining = Int64(-1)
        if values.count > 3 {
            guard case .int(let limit) = values[3] else { throw Failure.noOverload("replace", values) }
            remaining = limit
        }
        let text = try string("replace", values[0], &frame)
        try frame.charge(search: text.utf8.count, for: old.utf8.count)
        var result = ""
        var copied = 0
        var searched = 0
        while remaining != 0, let found = Texts.find(old, in: text, from: searched), found <= text.utf8.count {
            try frame.charge(bytes: new.utf8.count + found - copied)
            result += text.part(copied, found) + new
            copied = found + old.utf8.count
            // Nothing stands before every code point and at the end.
            searched = old.isEmpty ? text.offset(after: found) : copied
            remaining -= 1
        }
        return .string(result + text.part(copied, text.utf8.count))
    }

    private static func split(
        _ value: CELValue, _ separator: CELValue, _ limit: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        guard case .string(let separator) = separator, case .int(let limit) = limit else {
            throw Failure.noOverload("split", value, separator, limit)
        }
        let text = try string("split", value, &frame)
        try frame.charge(search: text.utf8.count, for: separator.utf8.count)
        if limit == 0 { return .list(CELList([])) }
        var parts = [CELValue]()
        var copied = 0
        let count = text.utf8.count
        while limit < 0 || Int64(parts.count) < limit - 1 {
            try frame.charge(1)
            if separator.isEmpty {
                let next = text.offset(after: copied)
                guard next < count else { break }
                parts.append(.string(text.part(copied, next)))
                copied = next
            } else {
                guard let found = Texts.find(separator, in: text, from: copied) else { break }
                parts.append(.string(text.part(copied, found)))
                copied = found + separator.utf8.count
            }
        }
        if !separator.isEmpty || count > 0 { parts.append(.string(text.part(copied, count))) }
        return .list(CELList(parts))
    }

    private static func substring(
        _ value: CELValue, _ start: CELValue, _ end: CELValue?, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        let scalars = try string("substring", value, &frame).unicodeScalars
        let count = scalars.count
        let first = try position("substring", start, count)
        let last = try end.map { (end) throws(Failure) in try position("substring", end, count) } ?? count
        guard first <= last else { throw .invalid("substring: the start \(first) is past the end \(last)") }
        return .string(String(String.UnicodeScalarView(scalars.dropFirst(first).prefix(last - first))))
    }

    private static func trim(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        let scalars = Array(try string("trim", value, &frame).unicodeScalars)
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return .string("") }
        var trimmed = String.UnicodeScalarView()
        trimmed.append(contentsOf: scalars[first...last])
        return .string(String(trimmed))
    }

    private static func quote(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        var quoted = "\""
        for scalar in try string("quote", value, &frame).unicodeScalars {
            switch scalar {
            case "\u{07}": quoted += "\\a"
            case "\u{08}": quoted += "\\b"
            case "\u{0C}": quoted += "\\f"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0B}": quoted += "\\v"
            case "\\": quoted += "\\\\"
            case "\"": quoted += "\\\""
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return .string(quoted + "\"")
    }
}
