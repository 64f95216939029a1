import ClusterModel
import Dispatcher

/// Work that arrives at a time and, once all of it runs, runs for a time that only the replay knows.
public struct ReplayJob: Sendable {
    /// The trace's number for it.
    public var id: Int
    /// When it arrives, in seconds on the trace's clock.
    public var submitted: Int
    /// How long it runs, in seconds; nil for ever.
    public var run: Int?
    /// What it takes, for the figures: processors, GPUs or whatever the trace counts.
    public var size: Double
    /// Its group, or nil for pods that stand each for itself.
    public var group: PodGroup?
    /// What its pods are replicas of, where the trace tells.
    public var service: Service?
    /// Its pods.
    public var arrivals: [Arrival]

    /// What pods are replicas of.
    public struct Service: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// How many of its pods may stand on one node; nil for any number.
        public var mostPerNode: Int?

        /// A service.
        public init(name: String, mostPerNode: Int? = nil) {
            self.name = name
            self.mostPerNode = mostPerNode
        }
    }

    /// A job of the given parts.
    public init(
        id: Int, submitted: Int, run: Int?, size: Double, group: PodGroup? = nil, service: Service? = nil,
        arrivals: [Arrival]
    ) {
        self.id = id
        self.submitted = submitted
        self.run = run
        self.size = size
        self.group = group
        self.service = service
        self.arrivals = arrivals
    }
}
