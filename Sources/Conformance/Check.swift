/// One check of the kit: something that every scheduler must do, shown on a fresh process.
struct Check {
    /// Its name, as reports and tests call it.
    let name: String
    /// What it shows, in a sentence.
    let purpose: String
    /// Whether it is a must; otherwise its result is told for information.
    let isRequired: Bool
    /// Plays the scene on processes that it has started and greeted; throws what the scheduler did wrong.
    let run: (Open) throws(Stop) -> String

    /// Starts a process and greets it.
    typealias Open = () throws(Fault) -> Rehearsal

    /// Why a check ends before its end.
    enum Stop: Error {
        case failed(Fault)
        /// The scheduler does not claim to do what is checked.
        case skipped(String)
    }

    /// A check that needs one process.
    init(name: String, purpose: String, scene: @escaping (Rehearsal) throws(Stop) -> String) {
        self.init(name: name, purpose: purpose) { open throws(Stop) in
            let stage: Rehearsal
            do throws(Fault) { stage = try open() } catch { throw .failed(error) }
            return try scene(stage)
        }
    }

    init(
        name: String, purpose: String, isRequired: Bool = true, run: @escaping (Open) throws(Stop) -> String
    ) {
        self.name = name
        self.purpose = purpose
        self.isRequired = isRequired
        self.run = run
    }

    /// Every check, in the order in which they run. What all others need comes first.
    static var all: [Check] { lifeChecks + stateChecks + decisionChecks + toleranceChecks + [determinism] }
}

/// What became of one check.
public struct CheckResult: Hashable, Sendable {
    /// The ways a check can end.
    public enum Verdict: String, Hashable, Sendable {
        case passed
        case failed
        /// It does not apply, or what it needs has failed.
        case skipped
        /// It was not passed, but nobody is bound to pass it.
        case noted
    }

    /// The check's name.
    public var name: String
    /// How it ended.
    public var verdict: Verdict
    /// What was seen: for a failure what was expected and found.
    public var message: String
    /// The scheduler's line that shows the fault; empty where there is none.
    public var line: String
    /// How long it took.
    public var seconds: Double
    /// For a failure the last lines that the scheduler wrote to stderr.
    public var errorLines: [String] = []

    init(name: String, verdict: Verdict, message: String, line: String = "", seconds: Double = 0) {
        self.name = name
        self.verdict = verdict
        self.message = message
        self.line = line
        self.seconds = seconds
    }
}
