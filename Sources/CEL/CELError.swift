/// Why an expression was refused or failed, and where.
public struct CELError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault.
    public enum Code: String, Sendable {
        /// The text is no expression.
        case syntax
        /// The text, its nesting or a pattern in it is larger than the limits allow.
        case limit
        /// A name that nobody declared.
        case undeclared
        /// The types do not fit (found when compiling).
        case type
        /// No overload takes these values (found when evaluating).
        case noSuchOverload
        /// A map without the key, or an object without the field.
        case noSuchKey
        /// An index, a conversion or a result outside its range, or a malformed text.
        case invalidValue
        /// The evaluation cost more than it was allowed.
        case costExceeded
        /// The value depends on variables that are not known yet (`unknowns`).
        case unknown
    }

    /// What kind of fault it is.
    public let code: Code
    /// What was expected and what was found.
    public let message: String
    /// The byte offset in the source; −1 where there is none.
    public let offset: Int
    /// 1-based line; 0 where there is none.
    public let line: Int
    /// 1-based column, in code points; 0 where there is none.
    public let column: Int
    /// The text of that line; of a long line what stands around the place, with `…` where it was cut.
    public let sourceLine: String
    /// Code points of `sourceLine` that stand before the place.
    private let margin: Int
    /// For `.unknown`: the variables.
    public let unknowns: [String]

    init(code: Code, message: String, offset: Int, source: SourceText, unknowns: [String] = []) {
        self.code = code
        self.message = message
        self.unknowns = unknowns
        let place = source.place(of: offset)
        self.offset = place == nil ? -1 : offset
        line = place?.line ?? 0
        column = place?.column ?? 0
        sourceLine = place?.text ?? ""
        margin = place?.margin ?? 0
    }

    /// `line:column: message`.
    public var description: String {
        line > 0 ? "\(line):\(column): \(message)" : message
    }

    /// The message, the source line and a caret under the place.
    public func rendered(name: String = "expression") -> String {
        guard line > 0 else { return "\(name): \(message)" }
        // Tabs are kept, so that the caret stands under its character however wide a tab is shown.
        let before = sourceLine.unicodeScalars.prefix(margin)
        let margin = String(String.UnicodeScalarView(before.map { $0 == "\t" ? "\t" : " " }))
        return "\(name):\(line):\(column): \(message)\n | \(sourceLine)\n | \(margin)^"
    }
}

/// The source of an expression, for turning offsets into places.
struct SourceText: Sendable {
    let bytes: [UInt8]

    /// Where an offset is, and how its line is shown.
    struct Place {
        let line: Int
        let column: Int
        /// The line, or of a long one a window around the place.
        let text: String
        /// Code points of `text` that stand before the place.
        let margin: Int
    }

    /// How many code points of a line are shown on either side of the place.
    private static let shownWidth = 80

    func place(of offset: Int) -> Place? {
        guard offset >= 0, offset <= bytes.count else { return nil }
        var line = 1
        var start = 0
        for position in 0..<offset where bytes[position] == 0x0A {
            line += 1
            start = position + 1
        }
        var column = 1
        for position in start..<offset where isStart(position) { column += 1 }
        var margin = 0
        var first = offset
        while first > start, margin < SourceText.shownWidth {
            first -= 1
            if isStart(first) { margin += 1 }
        }
        let last = windowEnd(from: offset)
        var text = String(decoding: bytes[first..<last], as: UTF8.self)
        if first > start {
            text = "…" + text
            margin += 1
        }
        if last < bytes.count, !isLineEnd(last) { text += "…" }
        return Place(line: line, column: column, text: text, margin: margin)
    }

    /// The end of what is shown from an offset on.
    private func windowEnd(from offset: Int) -> Int {
        var end = offset
        var shown = 0
        while end < bytes.count, !isLineEnd(end) {
            if isStart(end) { shown += 1 }
            if shown > SourceText.shownWidth { break }
            end += 1
        }
        return end
    }

    private func isLineEnd(_ position: Int) -> Bool { bytes[position] == 0x0A || bytes[position] == 0x0D }

    /// Whether a code point begins at the byte.
    private func isStart(_ position: Int) -> Bool { bytes[position] & 0xC0 != 0x80 }
}

/// A failure inside the evaluator: what is thrown and caught there. One word, so that the error path costs a register.
final class Failure: Error, Sendable {
    let code: CELError.Code
    let message: String
    /// Byte offset of the expression that failed; −1 until it is known.
    let offset: Int
    let unknowns: [String]

    init(_ code: CELError.Code, _ message: String, offset: Int = -1, unknowns: [String] = []) {
        self.code = code
        self.message = message
        self.offset = offset
        self.unknowns = unknowns
    }

    /// Failures that `&&`, `||` and the macros may not absorb.
    var isFinal: Bool { code == .costExceeded || code == .limit }

    /// The same failure at a place, unless it already has one.
    func located(_ place: Int) -> Failure {
        offset >= 0 ? self : Failure(code, message, offset: place, unknowns: unknowns)
    }

    /// What stays of two failures of one logical operator: unknowns win over errors and unite.
    static func merge(_ first: Failure?, _ second: Failure) -> Failure {
        guard let first else { return second }
        switch (first.code == .unknown, second.code == .unknown) {
        case (true, true):
            let all = first.unknowns + second.unknowns.filter { !first.unknowns.contains($0) }
            return Failure(.unknown, first.message, offset: first.offset, unknowns: all)
        case (false, true): return second
        default: return first
        }
    }

    static func noOverload(_ name: String, _ arguments: CELValue...) -> Failure {
        noOverload(name, arguments)
    }

    static func noOverload(_ name: String, _ arguments: [CELValue]) -> Failure {
        let types = arguments.map(\.typeName).joined(separator: ", ")
        return Failure(.noSuchOverload, "no matching overload for '\(name)' applied to (\(types))")
    }

    static func invalid(_ message: String) -> Failure {
        Failure(.invalidValue, message)
    }
}
