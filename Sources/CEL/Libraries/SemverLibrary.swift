/// Kubernetes' semantic versions.
enum SemverLibrary {
    private static let name = SemanticVersion.name

    static let functions: [Function] = [
        .unary("semver", "(string) -> \(name)") { (value, _) throws(Failure) in try semver(value, .bool(false)) },
        .binary("semver", "(string, bool) -> \(name)") { (value, normalize, _) throws(Failure) in
            try semver(value, normalize)
        },
        .unary("isSemver", "(string) -> bool") { (value, _) throws(Failure) in
            guard case .string(let text) = value else { throw Failure.noOverload("isSemver", value) }
            return .bool(SemanticVersion(text) != nil)
        },
        .binary("isSemver", "(string, bool) -> bool") { (value, normalize, _) throws(Failure) in
            guard case .string(let text) = value, case .bool(let normalize) = normalize else {
                throw Failure.noOverload("isSemver", value, normalize)
            }
            return .bool(SemanticVersion(text, normalize: normalize) != nil)
        },
        part("major") { $0.numbers[0] },
        part("minor") { $0.numbers[1] },
        part("patch") { $0.numbers[2] },
        .binary("isLessThan", "\(name).(\(name)) -> bool") { (left, right, _) throws(Failure) in
            .bool(try compare("isLessThan", left, right) < 0)
        },
        .binary("isGreaterThan", "\(name).(\(name)) -> bool") { (left, right, _) throws(Failure) in
            .bool(try compare("isGreaterThan", left, right) > 0)
        },
        .binary("compareTo", "\(name).(\(name)) -> int") { (left, right, _) throws(Failure) in
            .int(Int64(try compare("compareTo", left, right).signum()))
        },
    ]

    private static func semver(_ value: CELValue, _ normalize: CELValue) throws(Failure) -> CELValue {
        guard case .string(let text) = value, case .bool(let normalize) = normalize else {
            throw Failure.noOverload("semver", value, normalize)
        }
        guard let version = SemanticVersion(text, normalize: normalize) else {
            throw .invalid("'\(StandardLibrary.shortened(text))' is no semantic version")
        }
        return .opaque(version)
    }

    private static func version(_ name: String, _ value: CELValue) throws(Failure) -> SemanticVersion {
        guard case .opaque(let opaque) = value, let version = opaque as? SemanticVersion else {
            throw Failure.noOverload(name, value)
        }
        return version
    }

    private static func part(_ name: String, _ part: @escaping @Sendable (SemanticVersion) -> Int64) -> Function {
        .unary(name, "\(SemverLibrary.name).() -> int") { (value, _) throws(Failure) in
            .int(part(try version(name, value)))
        }
    }

    private static func compare(_ name: String, _ left: CELValue, _ right: CELValue) throws(Failure) -> Int {
        try version(name, left).order(against: version(name, right))
    }
}

/// A version as semver.org 2.0.0 has it.
final class SemanticVersion: CELOpaque {
    static let name = "kubernetes.Semver"

    /// Major, minor, patch.
    let numbers: [Int64]
    let prerelease: [String]
    let build: [String]

    var typeName: String { SemanticVersion.name }
    var text: String? { nil }

    /// Reads a version; with `normalize`, `v1.2` and `01.2.3` are taken too. Nil where it is malformed.
    init?(_ text: String, normalize: Bool = false) {
        guard text.utf8.count <= 256 else { return nil }
        var rest = text[...]
        if normalize, rest.utf8.first == UInt8(ascii: "v") { rest = rest.dropFirst() }
        var build = [String]()
        if let plus = rest.firstIndex(of: "+") {
            build = SemanticVersion.identifiers(rest[rest.index(after: plus)...])
            rest = rest[..<plus]
            guard build.allSatisfy({ SemanticVersion.isIdentifier($0) }) else { return nil }
        }
        var prerelease = [String]()
        if let dash = rest.firstIndex(of: "-") {
            prerelease = SemanticVersion.identifiers(rest[rest.index(after: dash)...])
            rest = rest[..<dash]
            guard
                prerelease.allSatisfy({ part in
                    SemanticVersion.isIdentifier(part)
                        && !(SemanticVersion.isNumber(part) && part.utf8.count > 1 && part.hasPrefix("0"))
                })
            else { return nil }
        }
        var numbers = [Int64]()
        for part in rest.split(separator: ".", omittingEmptySubsequences: false) {
            guard SemanticVersion.isNumber(String(part)), normalize || part.utf8.count == 1 || !part.hasPrefix("0"),
                let number = Int64(part)
            else { return nil }
            numbers.append(number)
        }
        // A short version is completed, but has nothing behind it, as in Kubernetes.
        if normalize, prerelease.isEmpty, build.isEmpty { while numbers.count < 3 { numbers.append(0) } }
        guard numbers.count == 3 else { return nil }
        self.numbers = numbers
        self.prerelease = prerelease
        self.build = build
    }

    private static func identifiers(_ text: Substring) -> [String] {
        text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                ($0 != UInt8(ascii: "_") && Lexer.startsName($0)) || Lexer.isDigit($0) || $0 == UInt8(ascii: "-")
            }
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { Lexer.isDigit($0) }
    }

    func isEqual(to other: any CELOpaque) -> Bool {
        (other as? SemanticVersion).map { order(against: $0) == 0 } ?? false
    }

    /// Precedence: negative, zero or positive. The build does not count.
    func order(against other: SemanticVersion) -> Int {
        for (mine, theirs) in zip(numbers, other.numbers) where mine != theirs { return mine < theirs ? -1 : 1 }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return prerelease.isEmpty == other.prerelease.isEmpty ? 0 : (prerelease.isEmpty ? 1 : -1)
        }
        for (mine, theirs) in zip(prerelease, other.prerelease) where mine != theirs {
            switch (SemanticVersion.isNumber(mine), SemanticVersion.isNumber(theirs)) {
            case (true, true):
                // Numbers have no leading zeros: the longer one is larger.
                if mine.utf8.count != theirs.utf8.count { return mine.utf8.count < theirs.utf8.count ? -1 : 1 }
                return compareText(mine, theirs)
            case (true, false): return -1
            case (false, true): return 1
            case (false, false): return compareText(mine, theirs)
            }
        }
        return prerelease.count - other.prerelease.count
    }
}
