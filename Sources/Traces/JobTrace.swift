import ClusterModel
import Manifests

/// Rigid parallel jobs with the times at which they were submitted and how long they ran.
///
/// A job is a gang: a PodGroup with as many members as the job has processors, all of which must start at once. The run
/// time is for whoever replays the trace; schedulers are told the estimate alone.
public struct JobTrace: Sendable {
    /// One job; all times are whole seconds.
    public struct Job: Hashable, Sendable {
        /// The trace's own number for it.
        public var id: Int
        /// When it was submitted, on the trace's clock.
        public var submitted: Int
        /// How long it runs.
        public var run: Int
        /// Processors that it takes from start to end.
        public var processors: Int
        /// How long its owner believed that it would run.
        public var estimate: Int

        /// A job of the given parts.
        public init(id: Int, submitted: Int, run: Int, processors: Int, estimate: Int) {
            self.id = id
            self.submitted = submitted
            self.run = run
            self.processors = processors
            self.estimate = estimate
        }
    }

    /// What schedulers are told about run times.
    public enum Estimates: String, CaseIterable, Sendable {
        /// The run time itself.
        case perfect
        /// What the trace has as the owner's estimate, which is mostly too long; the run time where it has none.
        case inflated
    }

    /// The jobs in the order of submission; those of one second in the order of the file.
    public private(set) var jobs: [Job]
    /// Jobs that ask for more processors than there are, with their lines: they can never run.
    public let refused: [(line: Int, job: Job)]
    /// Processors in all.
    public let capacity: Int
    /// The file as the user named it.
    public let file: String

    /// A trace with each of its numbers once. Jobs that do not fit into `capacity` processors are put aside.
    init(_ lines: [(line: Int, job: Job)], capacity: Int, file: String) throws(InputErrors) {
        self.capacity = capacity
        self.file = file
        var faults: [InputError] = []
        var seen: [Int: Int] = [:]
        for (line, job) in lines {
            if let first = seen.updateValue(line, forKey: job.id) {
                faults.append(
                    InputError(
                        .duplicateName, file: file, line: line, path: FieldPath("id"),
                        expected: "a number that line \(first) does not have", found: "\(job.id)"))
            }
        }
        if lines.isEmpty, faults.isEmpty {
            faults.append(InputError(.empty, file: file, expected: "jobs that ran", found: "none"))
        }
        guard faults.isEmpty else { throw InputErrors(faults) }
        refused = lines.filter { $0.job.processors > capacity }
        guard refused.count < lines.count else {
            throw InputErrors([
                InputError(
                    .field, file: file, line: lines[0].line, path: FieldPath("processors"),
                    expected: "at most \(capacity), the capacity, in some line at least",
                    found: "\(lines[0].job.processors)")
            ])
        }
        jobs = JobTrace.sorted(lines.map(\.job).filter { $0.processors <= capacity })
        let members = jobs.reduce(0) { $0 + $1.processors }
        guard members <= TraceLimits.members else {
            throw InputErrors([
                InputError(
                    .tooLarge, file: file, path: FieldPath("processors"),
                    expected: "at most \(TraceLimits.members.grouped) in all jobs together, each of which is a pod",
                    found: members.grouped)
            ])
        }
    }

    private static func sorted(_ jobs: [Job]) -> [Job] {
        jobs.enumerated().sorted {
            ($0.element.submitted, $0.offset) < ($1.element.submitted, $1.offset)
        }.map(\.element)
    }

    /// Changes the jobs, which are in the order of submission when the body gets them and are put in it again.
    public mutating func change(_ body: (inout [Job]) -> Void) {
        body(&jobs)
        jobs = JobTrace.sorted(jobs)
    }

    /// The work of all jobs over what the processors could do between the first and the last submission.
    public var offeredLoad: Double {
        let work = jobs.reduce(0.0) { $0 + Double($1.run) * Double($1.processors) }
        let span = (jobs.last?.submitted ?? 0) - (jobs.first?.submitted ?? 0)
        return span > 0 ? work / (Double(capacity) * Double(span)) : 0
    }

    /// Moves the submissions closer together, or further apart, until the offered load is `load`.
    public mutating func scale(toLoad load: Double) {
        guard let first = jobs.first?.submitted, offeredLoad > 0 else { return }
        let factor = load / offeredLoad
        for index in jobs.indices {
            jobs[index].submitted = first + TraceLimits.time(Double(jobs[index].submitted - first) / factor)
        }
    }

    /// Tells schedulers the run times themselves from now on, or what the trace has as estimates.
    public mutating func use(_ estimates: Estimates) {
        guard estimates == .perfect else { return }
        for index in jobs.indices { jobs[index].estimate = jobs[index].run }
    }
}
