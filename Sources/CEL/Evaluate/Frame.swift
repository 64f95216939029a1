/// The state of one evaluation.
struct Frame {
    /// What may still be spent; each step costs one, work on data costs by its size.
    private(set) var remainingCost: Int
    /// Variables of macros and bindings, by slot.
    var locals: [CELValue?]
    /// Declared variables, by the environment's slot.
    let variables: [CELValue?]
    /// Slots of `variables` whose values are not known yet.
    let unknowns: Set<Int>
    let limits: CELLimits
    /// The last pattern that was no constant.
    private var lastPattern: (text: String, pattern: Pattern)?

    init(cost: Int, localCount: Int, variables: [CELValue?], unknowns: Set<Int>, limits: CELLimits) {
        remainingCost = cost
        locals = localCount == 0 ? [] : [CELValue?](repeating: nil, count: localCount)
        self.variables = variables
        self.unknowns = unknowns
        self.limits = limits
    }

    /// Spends cost; fails once the limit is passed.
    @inline(__always)
    mutating func charge(_ cost: Int) throws(Failure) {
        remainingCost &-= cost
        if remainingCost < 0 { throw Frame.exceeded() }
    }

    /// Spends the cost of reading or writing bytes.
    @inline(__always)
    mutating func charge(bytes: Int) throws(Failure) {
        try charge(1 &+ bytes >> 4)
    }

    /// Spends the cost of hashing or looking up a key: short ones are part of the step that does it.
    @inline(__always)
    mutating func charge(key: CELValue) throws(Failure) {
        if case .string(let text) = key { try charge(Frame.lookUpCost(text)) }
    }

    /// What it costs to put a key into a table beyond looking at it: large tables are rarely in the cache, and grow.
    static let insertionCost = 5

    /// What it costs to hash a text, beyond the step that does it.
    @inline(__always)
    static func lookUpCost(_ text: String) -> Int { text.utf8.count >> 5 }

    /// Spends the cost of finding the order of two values, which may read both to the end of the shorter one.
    @inline(__always)
    mutating func charge(comparing left: CELValue, _ right: CELValue) throws(Failure) {
        switch (left, right) {
        case (.string(let left), .string(let right)): try charge(min(left.utf8.count, right.utf8.count) >> 6)
        case (.bytes(let left), .bytes(let right)): try charge(min(left.count, right.count) >> 6)
        default: break
        }
    }

    /// Spends the cost of searching a text for a part: the product of their sizes, at worst.
    mutating func charge(search text: Int, for part: Int) throws(Failure) {
        let (work, overflow) = (text + 1).multipliedReportingOverflow(by: part + 1)
        try charge(overflow ? Int.max : 1 + work >> 4)
    }

    /// Fails where a piece of work may cost more than is left, without spending it yet.
    func require(_ cost: Int) throws(Failure) {
        if cost > remainingCost { throw Frame.exceeded() }
    }

    @inline(never)
    private static func exceeded() -> Failure {
        Failure(.costExceeded, "the evaluation costs more than is allowed")
    }

    /// Refuses values nested too deep: code that walks over values recurses.
    func checkDepth(_ value: CELValue) throws(Failure) -> CELValue {
        if value.depth > limits.valueDepth {
            throw Failure(.limit, "a value is nested more than \(limits.valueDepth) deep")
        }
        return value
    }

    /// The compiled form of a pattern.
    mutating func pattern(_ value: CELValue) throws(Failure) -> Pattern {
        // A constant pattern was compiled with the expression.
        if case .opaque(let opaque) = value, let pattern = opaque as? Pattern { return pattern }
        guard case .string(let text) = value else { throw Failure.noOverload("matches", value) }
        if let lastPattern, sameText(lastPattern.text, text) { return lastPattern.pattern }
        try require(Pattern.leastWork(text))
        var work = 0
        let pattern: Pattern
        do throws(Failure) {
            pattern = try Pattern(text, limits: limits, work: &work)
        } catch {
            try charge(work)
            throw error
        }
        try charge(work)
        lastPattern = (text, pattern)
        return pattern
    }

    /// The language's `==`, charged by the size of what is compared: shared parts are walked as often as they stand.
    mutating func equal(_ left: CELValue, _ right: CELValue) throws(Failure) -> Bool {
        switch (left, right) {
        case (.string(let leftText), .string(let rightText)):
            if leftText.utf8.count > 64 { try charge(bytes: leftText.utf8.count) }
            return sameText(leftText, rightText)
        case (.bytes(let leftBytes), .bytes(let rightBytes)):
            try charge(bytes: min(leftBytes.count, rightBytes.count))
            return leftBytes == rightBytes
        case (.list(let leftList), .list(let rightList)):
            let count = leftList.count
            guard count == rightList.count else { return false }
            try charge(count)
            for index in 0..<count {
                guard try equal(leftList[index], rightList[index]) else { return false }
            }
            return true
        case (.map, .map), (.map, .object), (.object, .map), (.object, .object):
            return try equalMaps(left, right)
        case (.optional(let leftOptional), .optional(let rightOptional)):
            try charge(1)
            guard let leftValue = leftOptional.value, let rightValue = rightOptional.value else {
                return leftOptional.value == nil && rightOptional.value == nil
            }
            return try equal(leftValue, rightValue)
        default:
            return left == right
        }
    }

    private mutating func equalMaps(_ left: CELValue, _ right: CELValue) throws(Failure) -> Bool {
        let count = left.keyCount
        try charge(count)
        guard count == right.keyCount else { return false }
        for key in left.keys {
            try charge(key: key)
            guard let mine = left.entry(key), let other = right.entry(key), try equal(mine, other) else { return false }
        }
        return true
    }
}

extension CELValue {
    /// The keys of a map or an object.
    var keys: [CELValue] {
        switch self {
        case .map(let map): map.entries.map(\.key)
        case .object(let object): object.fieldNames.map { .string($0) }
        default: []
        }
    }

    /// The number of keys of a map or an object.
    var keyCount: Int {
        switch self {
        case .map(let map): map.count
        case .object(let object): object.count
        default: 0
        }
    }
}
