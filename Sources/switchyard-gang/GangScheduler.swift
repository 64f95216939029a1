import SchedulerKit

/// The batch scheduler: a pod group gets all the nodes it needs at once, in as few topology domains as will hold it.
///
/// Groups of which it is known how long they will run wait in a queue, whose policy `config.queue` names.
@main
struct GangScheduler: ProfileScheduler {
    static let standardProfile = Profile.gang
    var engine: Engine
    private(set) var queuePolicy: QueuePolicy? = .standard
    private(set) var window = 1_024

    init(engine: Engine) { self.engine = engine }

    init(_ hello: Hello) throws {
        self.init(engine: try Self.engine(hello))
        guard let wanted = hello.config["queue"] else { return }
        guard case .string(let name) = wanted, let policy = QueuePolicy(rawValue: name) else {
            let names = QueuePolicy.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw FieldError(path: FieldPath("config", "queue"), expected: "one of \(names)", found: wanted.summary)
        }
        queuePolicy = policy
        // A queue is judged by all that waits, so all of it is asked for.
        window = 1 << 16
    }

    static func main() { SchedulerProcess<GangScheduler>.run() }
}
