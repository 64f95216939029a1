import Simulation

/// What a replay did: when each job ran, and what the schedule was worth.
public struct ReplayResult: Sendable {
    /// What any simulation tells; pods that ran and ended are among its placements.
    public var simulation: SimulationResult
    /// The jobs, in the order of submission.
    public var jobs: [Job] = []
    /// The figures of the jobs that ran.
    public var figures = ScheduleFigures()
    /// Waiting jobs and what runs, over time.
    public var timeline: [Slice] = []
    /// How full the cluster was, and how long anybody waited for it.
    public var use = UseFigures()
    /// How evenly each service stood, by name, where the trace tells of services.
    public var services: [ServiceSpread] = []
    /// How often a job that ran was pushed off and had to start again.
    public var restarts = 0
    /// Moments at which something arrived or ended.
    public var moments = 0
    /// Seconds of the trace's clock from the first arrival to the last end.
    public var traceSeconds = 0

    /// One job and what became of it; all times in seconds on the trace's clock.
    public struct Job: Hashable, Sendable {
        /// The trace's number for it.
        public var id: Int
        /// When it arrived.
        public var submitted: Int
        /// How long it runs; nil for ever.
        public var run: Int?
        /// What it takes.
        public var size: Double
        /// Whether it is a group of pods.
        public var isGroup = false
        /// When all of it ran; nil if that never was.
        public var start: Int?
        /// When it ended; nil if it never did.
        public var end: Int? { start.flatMap { start in run.map { start + $0 } } }

        /// A job of the given parts.
        public init(id: Int, submitted: Int, run: Int?, size: Double, isGroup: Bool = false, start: Int? = nil) {
            self.id = id
            self.submitted = submitted
            self.run = run
            self.size = size
            self.isGroup = isGroup
            self.start = start
        }
    }

    /// A piece of the trace's time, with means over it.
    public struct Slice: Hashable, Sendable {
        /// When it begins, in seconds on the trace's clock.
        public var time: Int
        /// Jobs that waited.
        public var waiting: Double
        /// What ran, in the unit of the jobs' sizes.
        public var used: Double
        /// How full the cluster was.
        public var use = ClusterUse()
        /// The mean wait of what arrived in it and started at any time, in seconds; nil where nothing did.
        public var meanWait: Double?

        init(time: Int, waiting: Double, used: Double) {
            self.time = time
            self.waiting = waiting
            self.used = used
        }
    }
}
