/// Kubernetes' URLs.
enum URLLibrary {
    private static let name = URLValue.name

    static let functions: [Function] = [
        .unary("url", "(string) -> \(name)") { (value, frame) throws(Failure) in
            guard case .string(let text) = value else { throw Failure.noOverload("url", value) }
            try frame.charge(bytes: text.utf8.count)
            guard let url = URLValue(text) else { throw .invalid("'\(StandardLibrary.shortened(text))' is no URL") }
            return .opaque(url)
        },
        .unary("isURL", "(string) -> bool") { (value, frame) throws(Failure) in
            guard case .string(let text) = value else { throw Failure.noOverload("isURL", value) }
            try frame.charge(bytes: text.utf8.count)
            return .bool(URLValue(text) != nil)
        },
        part("getScheme") { $0.scheme },
        part("getHost") { $0.hostAndPort },
        part("getHostname") { $0.host },
        part("getPort") { $0.port },
        part("getEscapedPath") { $0.escapedPath },
        .unary("getQuery", "\(name).() -> map<string, list<string>>") { (value, frame) throws(Failure) in
            let url = try URLLibrary.url("getQuery", value)
            try frame.charge(bytes: url.query.utf8.count)
            return .map(url.parameters)
        },
    ]

    private static func url(_ name: String, _ value: CELValue) throws(Failure) -> URLValue {
        guard case .opaque(let opaque) = value, let url = opaque as? URLValue else {
            throw Failure.noOverload(name, value)
        }
        return url
    }

    private static func part(_ function: String, _ part: @escaping @Sendable (URLValue) -> String) -> Function {
        .unary(function, "\(name).() -> string") { (value, _) throws(Failure) in
            .string(part(try url(function, value)))
        }
    }
}

/// An absolute URL or an absolute path.
final class URLValue: CELOpaque {
    static let name = "kubernetes.URL"

    private let source: String
    let scheme: String
    /// The host and the port as they stand in the URL, without the user.
    let hostAndPort: String
    /// Without brackets around an IPv6 address.
    let host: String
    let port: String
    /// As written, with its escapes.
    let path: String
    let query: String

    var typeName: String { URLValue.name }
    var text: String? { source }

    /// Reads a URL as Kubernetes does; nil where it is malformed or relative.
    ///
    /// Whether it is well formed is told by the rules for requests (Go's `url.ParseRequestURI`), which know no fragments; its
    /// parts are those without the fragment. All on bytes: characters would join what stands in different parts.
    init?(_ text: String) {
        source = text
        let bytes = Array(text.utf8)
        guard URLParts(bytes[...]) != nil,
            let parts = URLParts(bytes.prefix { $0 != UInt8(ascii: "#") })
        else { return nil }
        (scheme, hostAndPort, host) = (parts.scheme, parts.hostAndPort, parts.host)
        (port, path, query) = (parts.port, parts.path, parts.query)
    }

    /// The path as it would stand on the wire: as it was written where it can stand so, else with what cannot escaped.
    var escapedPath: String {
        let isWire = path.utf8.allSatisfy { URLValue.isPlain($0) || "!'()*[]%".utf8.contains($0) }
        guard !isWire, let plain = URLValue.unescape(path) else { return path }
        var escaped: [UInt8] = []
        for byte in plain.utf8 {
            if URLValue.isPlain(byte) {
                escaped.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// Whether a byte never needs an escape in a path.
    private static func isPlain(_ byte: UInt8) -> Bool {
        Lexer.isDigit(byte) || Lexer.startsName(byte) || "-.~$&+,/:;=@".utf8.contains(byte)
    }

    func isEqual(to other: any CELOpaque) -> Bool {
        (other as? URLValue).map { sameText($0.source, source) } ?? false
    }

    /// The parameters of the query, each with all its values; a part with a semicolon is dropped, as in Go.
    var parameters: CELMap {
        var places: [[UInt8]: Int] = [:]
        var entries: [(name: String, values: [CELValue])] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&")) where !part.contains(UInt8(ascii: ";")) {
            let pieces = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            func text(_ place: Int) -> String {
                pieces.count > place ? String(decoding: pieces[place], as: UTF8.self) : ""
            }
            guard let name = URLValue.unescape(text(0), plusIsSpace: true),
                let value = URLValue.unescape(text(1), plusIsSpace: true)
            else { continue }
            // By bytes: texts that only look alike are two names.
            let key = Array(name.utf8)
            if places[key] == nil {
                places[key] = entries.count
                entries.append((name, []))
            }
            if let place = places[key] { entries[place].values.append(.string(value)) }
        }
        return CELMap(uniqueKeys: entries.map { (key: .string($0.name), value: .list(CELList($0.values))) })
    }

    static func unescape(_ text: String, plusIsSpace: Bool = false) -> String? {
        let bytes = Array(text.utf8)
        var output = [UInt8]()
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%") {
                guard position + 2 < bytes.count, let high = Lexer.hexDigit(bytes[position + 1]),
                    let low = Lexer.hexDigit(bytes[position + 2])
                else { return nil }
                output.append(UInt8(high << 4 | low))
                position += 3
            } else {
                output.append(plusIsSpace && bytes[position] == UInt8(ascii: "+") ? 0x20 : bytes[position])
                position += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// The parts of a URL, split as Go's `net/url` splits them.
private struct URLParts {
    private(set) var scheme = ""
    private(set) var hostAndPort = ""
    private(set) var host = ""
    private(set) var port = ""
    private(set) var path = ""
    private(set) var query = ""

    init?(_ text: ArraySlice<UInt8>) {
        guard !text.isEmpty, text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        var rest = text
        if rest.first != UInt8(ascii: "/") {
            guard let scheme = URLParts.scheme(&rest) else { return nil }
            self.scheme = scheme
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = String(decoding: rest[(mark + 1)...], as: UTF8.self)
            rest = rest[..<mark]
        }
        // `mailto:joe@example.com`: nothing of it is a host or a path.
        if rest.first != UInt8(ascii: "/") { return }
        if !scheme.isEmpty, rest.starts(with: "//".utf8) {
            rest = rest.dropFirst(2)
            let authority = rest.prefix { $0 != UInt8(ascii: "/") }
            rest = rest[authority.endIndex...]
            guard read(authority: authority) else { return nil }
        }
        path = String(decoding: rest, as: UTF8.self)
        if URLValue.unescape(path) == nil { return nil }
    }

    /// The scheme, which is taken off with its colon; nil where there is none.
    private static func scheme(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), let first = rest.first, isLetter(first),
            rest[..<colon].allSatisfy({ isLetter($0) || Lexer.isDigit($0) || "+-.".utf8.contains($0) })
        else { return nil }
        let scheme = String(decoding: rest[..<colon], as: UTF8.self).lowercased()
        rest = rest[(colon + 1)...]
        return scheme
    }

    private static func isLetter(_ byte: UInt8) -> Bool { Lexer.startsName(byte) && byte != UInt8(ascii: "_") }

    /// `user@host:port`; false where it is malformed.
    private mutating func read(authority: ArraySlice<UInt8>) -> Bool {
        var rest = authority
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            let isUser = rest[..<at].allSatisfy { byte in
                Lexer.isDigit(byte) || Lexer.startsName(byte) || "-.:~!$&'()*+,;=%@".utf8.contains(byte)
            }
            guard isUser, URLValue.unescape(String(decoding: rest[..<at], as: UTF8.self)) != nil else { return false }
            rest = rest[(at + 1)...]
        }
        let end: Int
        if rest.first == UInt8(ascii: "[") {
            guard let bracket = rest.lastIndex(of: UInt8(ascii: "]")), let inner = URLParts.address(rest, bracket)
            else {
                return false
            }
            host = inner
            end = bracket + 1
        } else {
            end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            guard URLParts.isHost(rest[..<end]),
                let plain = URLValue.unescape(String(decoding: rest[..<end], as: UTF8.self))
            else { return false }
            host = plain
        }
        let tail = rest[end...]
        guard tail.isEmpty || (tail.first == UInt8(ascii: ":") && tail.dropFirst().allSatisfy { Lexer.isDigit($0) })
        else { return false }
        port = String(decoding: tail.dropFirst(), as: UTF8.self)
        hostAndPort = String(decoding: rest, as: UTF8.self)
        return true
    }

    /// The IPv6 address between brackets, perhaps with a zone after `%25`; nil where it is none.
    private static func address(_ rest: ArraySlice<UInt8>, _ bracket: Int) -> String? {
        let inner = String(decoding: rest[(rest.startIndex + 1)..<bracket], as: UTF8.self)
        let parts = inner.split(separator: "%25", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, IPAddress(String(first)) != nil, parts.count == 1 || !parts[1].isEmpty else {
            return nil
        }
        return URLValue.unescape(inner)
    }

    /// Whether Go takes the bytes in a host: all but what is neither unreserved nor a delimiter there.
    private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { byte in
            byte >= 0x80 || Lexer.isDigit(byte) || Lexer.startsName(byte)
                || "-.~!$&'()*+,;=:[]<>\"%".utf8.contains(byte)
        }
    }
}
