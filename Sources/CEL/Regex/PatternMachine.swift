/// Runs a pattern over a text in time proportional to text × pattern (R. Pike's machine: a set of threads, one for
/// each instruction at most, that step through the text together).
struct PatternMachine {
    private let program: PatternProgram
    private let text: UnsafeBufferPointer<UInt8>
    /// Capture slots that are kept; 0 for a plain test.
    private let slotCount: Int
    private var current: ThreadList
    private var next: ThreadList
    /// Positions of the text that were stepped over.
    private(set) var steps = 0
    /// Work still to be done while threads are added: an instruction to follow, or a slot to restore.
    private var stack: [Step] = []

    private enum Step {
        case follow(Int)
        case restore(slot: Int, value: Int)
    }

    /// Threads in order of preference, at most one for each instruction (a sparse set).
    private struct ThreadList {
        var dense: [Int] = []
        var sparse: [Int]
        var captures: [Int]

        init(_ size: Int, _ slotCount: Int) {
            sparse = [Int](repeating: 0, count: size)
            captures = [Int](repeating: -1, count: size * slotCount)
            dense.reserveCapacity(size)
        }

        func contains(_ instruction: Int) -> Bool {
            let position = sparse[instruction]
            return position < dense.count && dense[position] == instruction
        }

        mutating func insert(_ instruction: Int) {
            sparse[instruction] = dense.count
            dense.append(instruction)
        }
    }

    init(_ program: PatternProgram, _ text: UnsafeBufferPointer<UInt8>, capturing: Bool) {
        self.program = program
        self.text = text
        slotCount = capturing ? program.slotCount : 0
        current = ThreadList(program.instructions.count, slotCount)
        next = ThreadList(program.instructions.count, slotCount)
    }

    /// Whether the pattern matches anywhere; with capturing, the slots of the leftmost match at or after `start`.
    mutating func run(from start: Int) -> [Int]? {
        var position = start
        var best: [Int]?
        var slots = [Int](repeating: -1, count: slotCount)
        current.dense.removeAll(keepingCapacity: true)
        while true {
            if best == nil, !program.isAnchored || position == 0 {
                for slot in slots.indices { slots[slot] = -1 }
                add(0, position, &slots, toNext: false)
            }
            if current.dense.isEmpty { return best }
            steps += 1
            let (code, length) = PatternMachine.decode(text, position)
            if let found = step(code, position + length, &slots) {
                best = found
                if slotCount == 0 { return best }
            }
            swap(&current, &next)
            next.dense.removeAll(keepingCapacity: true)
            if position >= text.count { return best }
            position += length
        }
    }

    /// Moves every thread over a code point; the captures of a match, where one thread has ended.
    private mutating func step(_ code: UInt32, _ after: Int, _ slots: inout [Int]) -> [Int]? {
        for position in 0..<current.dense.count {
            let instruction = current.dense[position]
            switch program.instructions[instruction] {
            case .match:
                // Threads after this one are less preferred.
                let base = instruction * slotCount
                return Array(current.captures[base..<(base + slotCount)])
            case .characters(let set):
                guard code != PatternMachine.end, program.classes[set].contains(code) else { continue }
                let base = instruction * slotCount
                for slot in 0..<slotCount { slots[slot] = current.captures[base + slot] }
                add(instruction + 1, after, &slots, toNext: true)
            default: continue
            }
        }
        return nil
    }

    /// Adds a thread and all that follow from it without reading.
    private mutating func add(_ start: Int, _ position: Int, _ slots: inout [Int], toNext: Bool) {
        stack.append(.follow(start))
        while let step = stack.popLast() {
            let instruction: Int
            switch step {
            case .restore(let slot, let value):
                slots[slot] = value
                continue
            case .follow(let next): instruction = next
            }
            if toNext ? next.contains(instruction) : current.contains(instruction) { continue }
            if toNext { next.insert(instruction) } else { current.insert(instruction) }
            switch program.instructions[instruction] {
            case .jump(let target): stack.append(.follow(target))
            case .split(let first, let second):
                stack.append(.follow(second))
                stack.append(.follow(first))
            case .save(let slot):
                if slot < slotCount {
                    stack.append(.restore(slot: slot, value: slots[slot]))
                    slots[slot] = position
                }
                stack.append(.follow(instruction + 1))
            case .assertion(let assertion):
                if holds(assertion, position) { stack.append(.follow(instruction + 1)) }
            case .characters, .match:
                let base = instruction * slotCount
                for slot in 0..<slotCount {
                    if toNext {
                        next.captures[base + slot] = slots[slot]
                    } else {
                        current.captures[base + slot] = slots[slot]
                    }
                }
            }
        }
    }

    private func holds(_ assertion: PatternSyntax.Assertion, _ position: Int) -> Bool {
        switch assertion {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lineStart: position == 0 || text[position - 1] == 0x0A
        case .lineEnd: position == text.count || text[position] == 0x0A
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .notWordBoundary: isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        guard position >= 0, position < text.count else { return false }
        let byte = text[position]
        return Lexer.startsName(byte) || Lexer.isDigit(byte)
    }

    /// What stands for the end of the text.
    private static let end = UInt32.max

    /// The code point at a byte offset and its length. Swift's strings are valid UTF-8.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> (code: UInt32, length: Int) {
        guard position < text.count else { return (end, 0) }
        let first = UInt32(text[position])
        if first < 0x80 { return (first, 1) }
        func rest(_ ahead: Int) -> UInt32 {
            position + ahead < text.count ? UInt32(text[position + ahead]) & 0x3F : 0
        }
        if first < 0xE0 { return ((first & 0x1F) << 6 | rest(1), 2) }
        if first < 0xF0 { return ((first & 0x0F) << 12 | rest(1) << 6 | rest(2), 3) }
        return ((first & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3), 4)
    }
}
