/// A regular expression as instructions of a machine that follows all alternatives at once.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// One code point of the class, then the next instruction.
        case characters(Int)
        case assertion(PatternSyntax.Assertion)
        /// Notes the position in a capture slot.
        case save(Int)
        case jump(Int)
        /// Both ways; the first is preferred.
        case split(Int, Int)
        case match
    }

    /// A class with its ASCII part as bits.
    struct Characters: Sendable {
        let low: UInt64
        let high: UInt64
        let set: CharacterClass

        init(_ set: CharacterClass) {
            self.set = set
            var bits: (low: UInt64, high: UInt64) = (0, 0)
            for range in set.ranges.prefix(while: { $0.lowerBound < 128 }) {
                for code in range.lowerBound...min(range.upperBound, 127) {
                    if code < 64 { bits.low |= 1 << UInt64(code) } else { bits.high |= 1 << UInt64(code - 64) }
                }
            }
            low = bits.low
            high = bits.high
        }

        @inline(__always)
        func contains(_ code: UInt32) -> Bool {
            if code < 64 { return low >> UInt64(code) & 1 == 1 }
            if code < 128 { return high >> UInt64(code - 64) & 1 == 1 }
            return set.contains(code)
        }
    }

    private(set) var instructions: [Instruction] = []
    private(set) var classes: [Characters] = []
    /// Whether a match can only begin at the start of the text.
    let isAnchored: Bool
    /// Two for each group, the whole match first.
    let slotCount: Int

    private let limit: Int
    /// Repetitions of nothing emit nothing; they are counted too.
    private var steps = 0

    init(_ syntax: PatternSyntax, groupCount: Int, limits: CELLimits) throws(Failure) {
        limit = limits.patternInstructions
        slotCount = 2 * (groupCount + 1)
        isAnchored = PatternProgram.isAnchored(syntax)
        try emit(.save(0))
        try compile(syntax)
        try emit(.save(1))
        try emit(.match)
    }

    private static func isAnchored(_ syntax: PatternSyntax) -> Bool {
        switch syntax {
        case .assertion(.textStart): true
        case .sequence(let parts): parts.first.map(isAnchored) ?? false
        case .group(let inner, _): isAnchored(inner)
        case .choice(let branches): branches.allSatisfy(isAnchored)
        default: false
        }
    }

    private mutating func emit(_ instruction: Instruction) throws(Failure) {
        guard instructions.count < limit else {
            throw Failure(.limit, "the regular expression is too large: more than \(limit) instructions")
        }
        instructions.append(instruction)
    }

    private mutating func compile(_ syntax: PatternSyntax) throws(Failure) {
        steps += 1
        guard steps <= limit * 4 else { throw Failure(.limit, "the regular expression is too large") }
        switch syntax {
        case .empty: break
        case .characters(let set): try emit(.characters(index(of: set)))
        case .assertion(let assertion): try emit(.assertion(assertion))
        case .sequence(let parts):
            for part in parts { try compile(part) }
        case .choice(let branches):
            var exits = [Int]()
            for (position, branch) in branches.enumerated() {
                guard position < branches.count - 1 else {
                    try compile(branch)
                    break
                }
                let fork = instructions.count
                try emit(.split(fork + 1, 0))
                try compile(branch)
                exits.append(instructions.count)
                try emit(.jump(0))
                instructions[fork] = .split(fork + 1, instructions.count)
            }
            for exit in exits { instructions[exit] = .jump(instructions.count) }
        case .group(let inner, let index):
            try emit(.save(2 * index))
            try compile(inner)
            try emit(.save(2 * index + 1))
        case .repeated(let inner, let minimum, let maximum, let isGreedy):
            try compileRepeat(inner, minimum, maximum, isGreedy)
        }
    }

    private mutating func compileRepeat(
        _ inner: PatternSyntax, _ minimum: Int, _ maximum: Int?, _ isGreedy: Bool
    ) throws(Failure) {
        for _ in 0..<minimum { try compile(inner) }
        guard let maximum else {
            let fork = instructions.count
            try emit(.split(0, 0))
            try compile(inner)
            try emit(.jump(fork))
            instructions[fork] = split(fork + 1, instructions.count, isGreedy)
            return
        }
        var forks = [Int]()
        for _ in minimum..<maximum {
            forks.append(instructions.count)
            try emit(.split(0, 0))
            try compile(inner)
        }
        for fork in forks { instructions[fork] = split(fork + 1, instructions.count, isGreedy) }
    }

    private func split(_ inside: Int, _ past: Int, _ isGreedy: Bool) -> Instruction {
        isGreedy ? .split(inside, past) : .split(past, inside)
    }

    private mutating func index(of set: CharacterClass) -> Int {
        // Repetitions repeat the last class most often.
        if let last = classes.last, last.set.isQuicklyEqual(to: set) { return classes.count - 1 }
        if classes.count <= 64, let known = classes.firstIndex(where: { $0.set.isQuicklyEqual(to: set) }) {
            return known
        }
        classes.append(Characters(set))
        return classes.count - 1
    }
}
