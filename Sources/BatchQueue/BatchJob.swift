/// A job as a queue policy sees it: rigid, that is, it takes its whole demand from start to end.
public struct BatchJob: Hashable, Sendable {
    /// The caller's number for it; of two jobs submitted at the same time the one with the lower number is first.
    public var id: Int
    /// When it was submitted, in milliseconds.
    public var submitted: Int
    /// How long it is expected to run, in milliseconds.
    public var expected: Int
    /// What it takes.
    public var demand: Demand

    /// A job of the given parts.
    public init(id: Int, submitted: Int, expected: Int, demand: Demand) {
        self.id = id
        self.submitted = submitted
        self.expected = expected
        self.demand = demand
    }

    /// Whether this job was submitted before the other.
    @inline(__always)
    func isBefore(_ other: BatchJob) -> Bool { (submitted, id) < (other.submitted, other.id) }

    /// Whether this job is shorter than the other, the earlier one of equally short ones.
    @inline(__always)
    func isShorter(than other: BatchJob) -> Bool {
        (expected, submitted, id) < (other.expected, other.submitted, other.id)
    }
}
