/// Every limit of the policy engine, in one place.
///
/// They bound what a hostile or broken folder of policies can cost; none is near what a real one needs.
public enum PolicyLimits {
    /// The most bytes that one policy file may have.
    public static let fileBytes = 4 << 20
    /// The most files that one folder of policies may hold.
    public static let files = 10_000
    /// The most rules that one set of policies may have in all.
    public static let rules = 20_000
    /// The most items that one list or mapping of a rule may have.
    public static let items = 1_000
    /// How deep the matches of `any` and `except` may stand in one another, the outermost included.
    public static let matchDepth = 4
    /// The most conditions in `any` and `except` of one match from which anything is concluded about other rules.
    static let weighedConditions = 32
    /// The longest name pattern, in bytes.
    public static let patternBytes = 253
    /// The longest message of a rejection or a warning, in bytes.
    public static let messageBytes = 4_096
    /// The longest text that an expression may make of an annotation, in bytes.
    public static let annotationBytes = 65_536
    /// The most terms of nodes that a pod may require once rules have joined theirs with them.
    public static let nodeTerms = 1_000
    /// The longest expression, in bytes.
    public static let expressionBytes = 16_384
    /// What evaluating one expression for one pod may cost, in steps of some 20 ns.
    public static let expressionCost = 100_000
    /// What evaluating all expressions for one pod may cost, in the same steps: some 20 ms. Beyond it none has a value.
    public static let expressionCostOfPod = 1_000_000
    /// The most findings that one check reports; what lies beyond is counted.
    public static let findings = 1_000
    /// The most namespaces whose rules an engine remembers; beyond it the memory starts afresh.
    public static let rememberedNamespaces = 16_384
    /// The most rules that hold in a namespace for which they get an index of their own.
    static let rulesOfNamespace = 256
    /// The most rules in all such indexes, some 150 bytes each; beyond it the memory starts afresh.
    static let rulesOfNamespaces = 262_144
    /// The most pod groups whose route an engine remembers; the oldest half goes when it is full.
    public static let rememberedGroups = 1_048_576
    /// The most rules whose pairs are compared when rules that shadow or contradict each other are looked for.
    public static let comparedRules = 2_000
    /// The most guesses at a pod that meets the expressions of a rule, for one finding.
    public static let witnessTrials = 2_000
    /// The most guesses for all findings of one check: about a second.
    static let witnessTrialsOfCheck = 4_000
    /// How deep folders of tests may lie in one another.
    static let testFolderDepth = 8
}
