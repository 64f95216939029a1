/// What an expression may cost at most. Every limit of the language's implementation stands here.
public struct CELLimits: Sendable {
    /// Bytes of source.
    public var sourceBytes = 1 << 20
    /// Nodes of the syntax tree.
    public var nodes = 100_000
    /// Height of the syntax tree, and how deep the parser may nest. The evaluator's stack grows with it.
    public var depth = 250
    /// Containers inside one another that a value may have.
    public var valueDepth = 250
    /// Cost of one evaluation where the caller names none; a step is about 20 ns and at most some 24 bytes.
    public var evaluationCost = 10_000_000
    /// Cost that the compiler may spend on evaluating constant parts.
    public var foldingCost = 100_000
    /// Instructions of a compiled regular expression.
    public var patternInstructions = 10_000
    /// How often one element of a regular expression may be repeated by a counter.
    public var patternRepeat = 1_000
    /// Groups inside one another in a regular expression.
    public var patternDepth = 200

    public init() {}
}
