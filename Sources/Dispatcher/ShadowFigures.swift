/// What came of the copies that one scheduler got of another's pods, counted in pods.
///
/// `copied` is the sum of `compared`, `late`, `undecided`, `gone` and `open`.
public struct ShadowFigures: Hashable, Sendable {
    /// The scheduler whose pods they are.
    public var scheduler: String
    /// The one that got the copies.
    public var shadow: String
    /// Pods copied.
    public var copied = 0
    /// Pods that both decided without knowing of the other's decision.
    public var compared = 0
    /// Of those compared: on the same node, or found unschedulable by both.
    public var agreed = 0
    /// Of those compared: the shadow named another node, on which the pod would have fitted.
    public var differed = 0
    /// Of those compared: the shadow named a node on which the pod would not have fitted, or that there is not.
    public var wouldNotFit = 0
    /// Of those compared: the shadow found no node, the scheduler did.
    public var onlyScheduler = 0
    /// Of those compared: the scheduler found no node, the shadow one on which the pod would have fitted.
    public var onlyShadow = 0
    /// Of those compared: the shadow would have pushed pods off a node that the scheduler did not choose.
    public var wouldPreempt = 0
    /// Pods whose place the shadow knew before it decided, or that were decided before it could be asked.
    public var late = 0
    /// Pods that the shadow did not decide: it was not there, died, kept silent for `Limits.shadowSeconds` or had too many
    /// before it.
    public var undecided = 0
    /// Pods that were deleted or refused before both had decided.
    public var gone = 0
    /// Pods that one of the two still has to decide.
    public var open = 0
    /// Of those compared that the scheduler bound: nanoseconds from the pod's arrival to the shadow's decision, and to the
    /// binding.
    public var shadowLatencies: [Int64] = []
    /// The same pods' time from arrival to binding, in nanoseconds.
    public var schedulerLatencies: [Int64] = []

    init(scheduler: String, shadow: String) {
        self.scheduler = scheduler
        self.shadow = shadow
    }
}
