/// A compiled regular expression.
final class Pattern: CELOpaque {
    private let program: PatternProgram
    /// The names of the groups; the first has index 1.
    let groupNames: [String?]
    private let plain: Plain?
    private let bits: PatternBits?
    private let patternPositions: Int

    /// Patterns that are only text, which need no machine.
    private struct Plain: Sendable {
        let text: String
        let isAtStart: Bool
        let isAtEnd: Bool
    }

    var typeName: String { "regex" }
    var text: String? { nil }

    /// Steps for each byte of a pattern: to read it and to make its program.
    private static let stepsForByte = 16
    /// Steps for each instruction: to emit it, and to make its mask.
    private static let stepsForInstruction = 4
    /// Steps for a pattern of any size.
    private static let stepsForPattern = 64

    /// Compiles a pattern; `.limit` where it is too large.
    /// - Parameter work: grows by the steps that were spent, whether or not the pattern is well formed.
    init(_ text: String, limits: CELLimits, work: inout Int) throws(Failure) {
        work += Pattern.leastWork(text)
        var parser = PatternParser(text, limits: limits)
        defer { work += parser.work }
        let syntax = try parser.parse()
        groupNames = parser.groupNames
        program = try PatternProgram(syntax, groupCount: groupNames.count, limits: limits)
        work += program.instructions.count * Pattern.stepsForInstruction
        plain = Pattern.plain(syntax)
        bits = plain == nil ? PatternBits(program) : nil
        patternPositions = limits.patternPositions
    }

    /// The steps that a pattern of this text takes at least.
    static func leastWork(_ text: String) -> Int { stepsForPattern + text.utf8.count * stepsForByte }

    func isEqual(to other: any CELOpaque) -> Bool { self === other }

    /// What the pattern weighs in the cost of matching.
    var size: Int { program.instructions.count }

    var groupCount: Int { groupNames.count }

    private static func plain(_ syntax: PatternSyntax) -> Plain? {
        var parts: [PatternSyntax]
        if case .sequence(let sequence) = syntax { parts = sequence } else { parts = [syntax] }
        var isAtStart = false
        var isAtEnd = false
        if case .assertion(.textStart) = parts.first {
            isAtStart = true
            parts.removeFirst()
        }
        if case .assertion(.textEnd) = parts.last {
            isAtEnd = true
            parts.removeLast()
        }
        var text = ""
        for part in parts {
            guard case .characters(let set) = part, set.ranges.count == 1, let range = set.ranges.first,
                range.lowerBound == range.upperBound, let scalar = Unicode.Scalar(range.lowerBound)
            else { return nil }
            text.unicodeScalars.append(scalar)
        }
        return Plain(text: text, isAtStart: isAtStart, isAtEnd: isAtEnd)
    }

    /// Whether the pattern matches anywhere in a text.
    /// - Complexity: O(text · pattern); text alone for patterns without operators.
    func matches(_ text: String, _ frame: inout Frame) throws(Failure) -> Bool {
        if let plain {
            try frame.charge(search: text.utf8.count, for: plain.text.utf8.count)
            switch (plain.isAtStart, plain.isAtEnd) {
            case (true, true): return sameText(text, plain.text)
            case (true, false): return text.utf8.starts(with: plain.text.utf8)
            case (false, true): return text.utf8.suffix(plain.text.utf8.count).elementsEqual(plain.text.utf8)
            case (false, false): return Texts.find(plain.text, in: text) != nil
            }
        }
        try frame.charge(search: text.utf8.count, for: size)
        var text = text
        if let bits { return text.withUTF8 { bits.matches($0) } }
        return text.withUTF8 { bytes in
            var machine = PatternMachine(program, bytes, capturing: false)
            return machine.run(from: 0) != nil
        }
    }

    /// Every match that does not overlap the one before, as byte offsets: two for each group, −1 where it took no part.
    /// - Parameter limit: how many at most; all where nil.
    func allMatches(in text: String, limit: Int?, _ frame: inout Frame) throws(Failure) -> [[Int]] {
        var text = text
        var found = [[Int]]()
        var position = 0
        let count = text.utf8.count
        let slots = program.slotCount
        guard size * slots <= patternPositions else {
            throw Failure(.limit, "the regular expression has too many groups for a search")
        }
        while limit.map({ found.count < $0 }) ?? true {
            try frame.charge(1 + (size * slots) >> 4)
            // The search may run to the end of the text, and is charged for how far it ran.
            let (most, overflow) = (count - position + 1).multipliedReportingOverflow(by: size * slots)
            try frame.require(overflow ? Int.max : most >> 4)
            let (match, steps) = text.withUTF8 { bytes in
                var machine = PatternMachine(program, bytes, capturing: true)
                return (machine.run(from: position), machine.steps)
            }
            try frame.charge((steps * size * slots) >> 4)
            guard let match else { break }
            // An empty match right after a match is not one of its own.
            if match[0] == match[1], let last = found.last, last[1] == match[0] {
                position = text.offset(after: match[1])
            } else {
                found.append(match)
                position = match[1] > match[0] ? match[1] : text.offset(after: match[1])
            }
            if position > count { break }
        }
        return found
    }
}

extension String {
    /// The byte offset of the code point after the one at an offset.
    func offset(after offset: Int) -> Int {
        guard offset < utf8.count else { return offset + 1 }
        let start = utf8.index(startIndex, offsetBy: offset)
        return offset + (unicodeScalars[start].utf8.count)
    }

    /// The part between two byte offsets.
    func part(_ start: Int, _ end: Int) -> String {
        String(self[utf8.index(startIndex, offsetBy: start)..<utf8.index(startIndex, offsetBy: end)])
    }
}
