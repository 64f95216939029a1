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
        part("getHost") { $0.port.isEmpty ? $0.bracketedHost : $0.bracketedHost + ":" + $0.port },
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
    /// Without brackets around an IPv6 address.
    let host: String
    let bracketedHost: String
    let port: String
    /// As written, with its escapes.
    let path: String
    let query: String

    var typeName: String { URLValue.name }
    var text: String? { source }

    /// Reads a URL; nil where it is malformed or relative.
    init?(_ text: String) {
        source = text
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        var rest = text[...]
        var scheme = ""
        if !rest.hasPrefix("/") {
            guard let colon = rest.firstIndex(of: ":"), let first = rest.utf8.first,
                Lexer.startsName(first), first != UInt8(ascii: "_")
            else { return nil }
            scheme = rest[..<colon].lowercased()
            guard
                scheme.utf8.dropFirst().allSatisfy({
                    ($0 != UInt8(ascii: "_") && Lexer.startsName($0)) || Lexer.isDigit($0) || "+-.".utf8.contains($0)
                })
            else { return nil }
            rest = rest[rest.index(after: colon)...]
            guard rest.hasPrefix("/") else { return nil }
        }
        self.scheme = scheme
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...].prefix { $0 != "#" })
            rest = rest[..<mark]
        } else {
            query = ""
        }
        var authority: Substring = ""
        if rest.hasPrefix("//"), !scheme.isEmpty {
            rest = rest.dropFirst(2)
            authority = rest.prefix { $0 != "/" }
            rest = rest[authority.endIndex...]
        }
        path = String(rest)
        guard let parts = URLValue.hostAndPort(authority), URLValue.unescape(path) != nil else { return nil }
        (host, bracketedHost, port) = parts
    }

    private static func hostAndPort(_ authority: Substring) -> (host: String, bracketed: String, port: String)? {
        var rest = authority
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        var host = rest
        var bracketed = rest
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            bracketed = rest[...end]
            guard IPAddress(String(host)) != nil else { return nil }
        } else if let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            bracketed = host
        }
        var port = rest[bracketed.endIndex...]
        if !port.isEmpty {
            guard port.hasPrefix(":") else { return nil }
            port = port.dropFirst()
        }
        guard port.utf8.allSatisfy({ Lexer.isDigit($0) }), !host.utf8.contains(0x20), unescape(String(host)) != nil
        else { return nil }
        return (String(host), String(bracketed), String(port))
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

    /// The parameters of the query, each with all its values.
    var parameters: CELMap {
        var names = [String]()
        var values = [String: [CELValue]]()
        for part in query.split(separator: "&") {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = URLValue.unescape(String(pieces[0]), plusIsSpace: true),
                let value = URLValue.unescape(pieces.count > 1 ? String(pieces[1]) : "", plusIsSpace: true)
            else { continue }
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(.string(value))
        }
        return CELMap(uniqueKeys: names.map { (key: .string($0), value: .list(CELList(values[$0] ?? []))) })
    }

    private static func unescape(_ text: String, plusIsSpace: Bool = false) -> String? {
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
