/// What an expression may cost at most. Every limit of the language's implementation stands here.
public struct CELLimits: Sendable {
    /// Bytes of source.
    public var sourceBytes = 1 << 20
    /// Nodes of the syntax tree.
    public var nodes = 100_000
    /// Height of the syntax tree, and how deep the parser may nest. The evaluator's stack grows with it.
    public var depth = 150
    /// Containers inside one another that a value may have.
    public var valueDepth = 150
    /// Cost of one evaluation where the caller names none; a step is about 20 ns and at most some 24 bytes.
    public var evaluationCost = 1_000_000
    /// Cost that the compiler may spend on evaluating constant parts.
    public var foldingCost = 100_000
    /// Faults of one expression that are reported.
    public var failures = 100
    /// Bytes of a regular expression.
    public var patternBytes = 16_384
    /// Instructions of a compiled regular expression.
    public var patternInstructions = 10_000
    /// Steps that compiling all constant regular expressions of one expression may take together, each about 20 ns.
    public var allPatternWork = 2_000_000
    /// Positions that a search with groups keeps: instructions × groups × 2.
    public var patternPositions = 1 << 20
    /// Steps that the character classes of one regular expression may take to make.
    public var patternClassWork = 200_000
    /// How often one element of a regular expression may be repeated by counters, those around it included.
    public var patternRepeat = 1_000
    /// Groups inside one another in a regular expression.
    public var patternDepth = 200

    /// Parts of a value that is written out with its types, shared ones as often as they stand.
    static let writtenParts = 1_000_000
    /// Bytes of the texts in a value that is written out with its types.
    static let writtenBytes = 16 << 20

    /// The limits as they stand.
    public init() {}
}
