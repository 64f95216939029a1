/// Kubernetes' named formats: `format.dns1123Label().validate(text)` is an optional list of what is wrong with a text.
///
/// The rules are those that Kubernetes' API documents for names, labels and the formats of OpenAPI.
enum FormatLibrary {
    private static let name = NamedFormat.name

    static let functions: [Function] =
        NamedFormat.all.map { format in
            .variadic("format.\(format.title)", "() -> \(name)") { (_, _) throws(Failure) in .opaque(format) }
        } + [
            .unary("format.named", "(string) -> optional<\(name)>") { (value, _) throws(Failure) in
                guard case .string(let text) = value else { throw Failure.noOverload("format.named", value) }
                let found = NamedFormat.all.first { $0.title == text }
                return .optional(found.map { CELOptional(.opaque($0)) } ?? .none)
            },
            .binary("validate", "\(name).(string) -> optional<list<string>>") {
                (format, value, frame) throws(Failure) in
                guard case .opaque(let opaque) = format, let format = opaque as? NamedFormat,
                    case .string(let text) = value
                else { throw Failure.noOverload("validate", format, value) }
                try frame.charge(bytes: text.utf8.count)
                let faults = format.faults(text)
                guard !faults.isEmpty else { return .optional(.none) }
                return .optional(CELOptional(.list(CELList(faults.map { .string($0) }))))
            },
        ]
}

/// A format that texts have or have not.
final class NamedFormat: CELOpaque {
    static let name = "kubernetes.NamedFormat"

    /// The name of its function.
    let title: String
    /// The most bytes that a text of it may have.
    private let limit: Int
    /// What is wrong with a text that is none of it; where Kubernetes has a short word for it, that.
    private let description: String
    private let test: @Sendable ([UInt8]) -> Bool

    private init(
        _ title: String, limit: Int = .max, _ description: String, test: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.title = title
        self.limit = limit
        self.description = description
        self.test = test
    }

    var typeName: String { NamedFormat.name }
    var text: String? { nil }

    func isEqual(to other: any CELOpaque) -> Bool { (other as? NamedFormat)?.title == title }

    /// What is wrong with a text; empty where nothing is.
    func faults(_ text: String) -> [String] {
        var faults: [String] = []
        if text.utf8.count > limit { faults.append("must be no more than \(limit) bytes") }
        if !test(Array(text.utf8)) { faults.append(description) }
        return faults
    }

    static let all = [
        NamedFormat("dns1123Label", limit: 63, "must be lower-case letters, digits and '-', not at either end") {
            isLabel($0[...])
        },
        NamedFormat(
            "dns1123Subdomain", limit: 253,
            "must be labels of lower-case letters, digits and '-', with '.' between them"
        ) {
            isSubdomain($0[...])
        },
        NamedFormat(
            "dns1035Label", limit: 63, "must be lower-case letters, digits and '-', a letter first, no '-' last"
        ) {
            $0.first.map(isLetter) == true && isLabel($0[...])
        },
        NamedFormat("dns1123LabelPrefix", limit: 63, "must be the beginning of lower-case letters, digits and '-'") {
            isLabel(asIfComplete($0)[...])
        },
        NamedFormat("dns1123SubdomainPrefix", limit: 253, "must be the beginning of labels with '.' between them") {
            isSubdomain(asIfComplete($0)[...])
        },
        NamedFormat(
            "dns1035LabelPrefix", limit: 63,
            "must be the beginning of lower-case letters, digits and '-', a letter first"
        ) {
            $0.first.map(isLetter) == true && isLabel(asIfComplete($0)[...])
        },
        NamedFormat(
            "qualifiedName",
            "must be a name of letters, digits, '-', '_' and '.' that begins and ends with a letter or digit, perhaps after a "
                + "DNS subdomain and '/'", test: isQualifiedName),
        NamedFormat(
            "labelValue", limit: 63,
            "must be empty, or letters, digits, '-', '_' and '.' with a letter or digit at either end"
        ) { $0.isEmpty || isPlainName($0[...]) },
        NamedFormat("uri", "must be a URI: a scheme, ':' and the rest, or an absolute path") {
            URLValue(String(decoding: $0, as: UTF8.self)) != nil
        },
        NamedFormat("uuid", "does not match the UUID format", test: isUUID),
        NamedFormat("byte", "invalid base64") { bytes in
            bytes.count % 4 == 0 && Base64.decode(String(decoding: bytes, as: UTF8.self)) != nil
        },
        NamedFormat("date", "invalid date") { bytes in
            bytes.count == 10 && CELTimestamp(String(decoding: bytes, as: UTF8.self) + "T00:00:00Z") != nil
        },
        NamedFormat("datetime", "invalid datetime") { bytes in
            CELTimestamp(String(decoding: bytes, as: UTF8.self)) != nil
        },
    ]

    // MARK: - Rules

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isSmall(_ byte: UInt8) -> Bool { isLetter(byte) || Lexer.isDigit(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isSmall(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isLabel(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isSmall(first), isSmall(last) else { return false }
        return bytes.allSatisfy { isSmall($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isSubdomain(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// A prefix may end with '-', after which the generated rest follows; it is masked as Kubernetes masks it, with the
    /// character before it.
    private static func asIfComplete(_ bytes: [UInt8]) -> [UInt8] {
        bytes.count > 1 && bytes.last == UInt8(ascii: "-") ? bytes.dropLast(2) + [UInt8(ascii: "a")] : bytes
    }

    private static func isPlainName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return false
        }
        return bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    @Sendable private static func isQualifiedName(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let own = parts.last, own.count <= 63, isPlainName(own) else { return false }
        return parts.count == 1 || (parts[0].count <= 253 && isSubdomain(parts[0]))
    }

    @Sendable private static func isUUID(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        for (index, length) in [8, 4, 4, 4, 12].enumerated() {
            if index > 0, rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard rest.count >= length, rest.prefix(length).allSatisfy({ Lexer.hexDigit($0) != nil }) else {
                return false
            }
            rest = rest.dropFirst(length)
        }
        return rest.isEmpty
    }
}
