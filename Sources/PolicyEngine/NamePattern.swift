import ClusterModel

/// A name, or a glob over names: `*` stands for any run of characters, `?` for exactly one.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as it was written.
    public let text: String
    /// Whether the pattern is a plain name, without wildcards.
    public let isLiteral: Bool

    /// The pattern written as `text`; any text is a pattern.
    public init(_ text: String) {
        self.text = text
        self.isLiteral = !text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }

    /// Reads a pattern for names of Kubernetes objects: lower-case letters, digits, `-`, `.` and the two wildcards.
    init(_ value: Value, what: String) throws(FieldError) {
        let text = try value.decodeString()
        let fits = !text.isEmpty && text.utf8.count <= PolicyLimits.patternBytes && text.utf8.allSatisfy(Self.allowed)
        guard fits else {
            throw FieldError(
                expected: "\(what), of a-z, 0-9, \"-\", \".\", or a glob with * and ?", found: value.summary)
        }
        self.init(text)
    }

    private static func allowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "?"): true
        default: false
        }
    }

    /// Whether the pattern matches the whole of `name`.
    ///
    /// - Complexity: O(name × stars) at worst; a plain name costs one comparison.
    public func matches(_ name: String) -> Bool {
        isLiteral ? text == name : Self.glob(text, name, wildcardsMatchWildcards: false)
    }

    /// Whether every name that `other` matches is matched by this pattern too.
    ///
    /// Exact where `other` is a plain name; otherwise it may miss a containment, and never claims a false one.
    func covers(_ other: NamePattern) -> Bool {
        if other.isLiteral { return matches(other.text) }
        return text == other.text || Self.glob(text, other.text, wildcardsMatchWildcards: true)
    }

    /// Matches byte by byte, going back to the last star where a byte does not fit.
    ///
    /// With `wildcardsMatchWildcards` the name is itself a pattern, in which a star is only matched by a star: `?` stands
    /// for one character and a star may be none or many.
    private static func glob(_ pattern: String, _ name: String, wildcardsMatchWildcards: Bool) -> Bool {
        let (star, one) = (UInt8(ascii: "*"), UInt8(ascii: "?"))
        let (p, n) = (Array(pattern.utf8), Array(name.utf8))
        var (i, j) = (0, 0)
        var (lastStar, resume) = (-1, 0)
        while j < n.count {
            let starInName = wildcardsMatchWildcards && n[j] == star
            if i < p.count, p[i] == star {
                (lastStar, resume) = (i, j)
                i += 1
            } else if i < p.count, !starInName, p[i] == one || p[i] == n[j] {
                (i, j) = (i + 1, j + 1)
            } else if lastStar >= 0 {
                resume += 1
                (i, j) = (lastStar + 1, resume)
            } else {
                return false
            }
        }
        while i < p.count, p[i] == star { i += 1 }
        return i == p.count
    }

    /// The pattern as it was written.
    public var description: String { text }
}

/// Patterns of which any may match.
struct NamePatterns: Hashable, Sendable {
    /// The patterns, in the order of the file.
    let patterns: [NamePattern]
    /// The plain names among them.
    let literals: Set<String>
    /// The globs among them.
    let globs: [NamePattern]

    init(_ patterns: [NamePattern]) {
        self.patterns = patterns
        self.literals = Set(patterns.filter(\.isLiteral).map(\.text))
        self.globs = patterns.filter { !$0.isLiteral }
    }

    /// Whether all patterns are plain names.
    var areLiteral: Bool { globs.isEmpty }

    /// Whether any pattern matches `name`.
    func matches(_ name: String) -> Bool {
        (!literals.isEmpty && literals.contains(name)) || globs.contains { $0.matches(name) }
    }

    /// Whether every name that `other` matches is matched here; may miss a containment, never claims a false one.
    func covers(_ other: NamePatterns) -> Bool {
        other.patterns.allSatisfy { wanted in patterns.contains { $0.covers(wanted) } }
    }

    /// `one of "a", "b-*"` for messages.
    var summary: String {
        let names = patterns.prefix(8).map { "\"\($0.text)\"" }.joined(separator: ", ")
        return patterns.count == 1 ? names : "one of \(names)\(patterns.count > 8 ? ", ..." : "")"
    }
}
