/// A small pattern as one word of bits: bit i stands for the i-th instruction that reads a character.
///
/// Answers only whether a pattern matches. Needs no memory of its own, so that the short patterns of policies cost some
/// nanoseconds a character. (V. Glushkov's construction; the masks are what may be read next.)
struct PatternBits: Sendable {
    /// Set where a match has been reached.
    private static let matched: UInt64 = 1 << 63
    /// Set where a match has been reached if the text ends here.
    private static let matchedAtEnd: UInt64 = 1 << 62
    private static let capacity = 62
    /// Longer programs are left to the machine: each mask walks over what can be reached of the program.
    private static let largestProgram = 512

    /// For each bit, its class among `classes`.
    private let classOf: [Int]
    private let classes: [PatternProgram.Characters]
    /// For each bit, what may follow once it has read its character.
    private let follow: [UInt64]
    /// What may be read first, at the start of the text and elsewhere.
    private let first: UInt64
    private let later: UInt64

    /// The pattern's masks; nil where it is too long, or has too many characters, or assertions that depend on the character before.
    init?(_ program: PatternProgram) {
        guard program.instructions.count <= PatternBits.largestProgram else { return nil }
        var bitOf = [Int: Int]()
        var classOf = [Int]()
        for (position, instruction) in program.instructions.enumerated() {
            guard case .characters(let set) = instruction else { continue }
            bitOf[position] = classOf.count
            classOf.append(set)
        }
        guard classOf.count <= PatternBits.capacity else { return nil }
        var follow = [UInt64](repeating: 0, count: classOf.count)
        for (position, bit) in bitOf {
            guard let mask = PatternBits.closure(program, bitOf, from: position + 1, isStart: false) else { return nil }
            follow[bit] = mask
        }
        guard let first = PatternBits.closure(program, bitOf, from: 0, isStart: true),
            let later = PatternBits.closure(program, bitOf, from: 0, isStart: false)
        else { return nil }
        self.classOf = classOf
        classes = program.classes
        self.follow = follow
        self.first = first
        self.later = later
    }

    /// What can be reached without reading; nil where that depends on more than being at the start or the end.
    private static func closure(
        _ program: PatternProgram, _ bitOf: [Int: Int], from start: Int, isStart: Bool
    ) -> UInt64? {
        var mask: UInt64 = 0
        // Instructions beyond an end-of-text assertion are numbered from `shift` on.
        let shift = program.instructions.count
        var isSeen = [Bool](repeating: false, count: 2 * shift)
        var stack = [start]
        while let next = stack.popLast() {
            if isSeen[next] { continue }
            isSeen[next] = true
            let isAtEnd = next >= shift
            let base = isAtEnd ? shift : 0
            let position = next - base
            switch program.instructions[position] {
            case .match: mask |= isAtEnd ? matchedAtEnd : matched
            case .jump(let target): stack.append(target + base)
            case .split(let one, let other):
                stack.append(one + base)
                stack.append(other + base)
            case .save: stack.append(next + 1)
            case .characters:
                // Nothing is read after the end of the text.
                if !isAtEnd, let bit = bitOf[position] { mask |= 1 << UInt64(bit) }
            case .assertion(.textStart):
                if isStart { stack.append(next + 1) }
            case .assertion(.textEnd): stack.append(position + shift + 1)
            case .assertion: return nil
            }
        }
        return mask
    }

    /// Whether the pattern matches anywhere in a text.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var current = first
        var position = 0
        while true {
            if current & PatternBits.matched != 0 { return true }
            guard position < text.count else { return current & PatternBits.matchedAtEnd != 0 }
            let (code, length) = PatternMachine.decode(text, position)
            var rest = current & ~PatternBits.matchedAtEnd
            var next = later
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                rest &= rest - 1
                if classes[classOf[bit]].contains(code) { next |= follow[bit] }
            }
            if next == 0 { return false }
            current = next
            position += length
        }
    }
}
