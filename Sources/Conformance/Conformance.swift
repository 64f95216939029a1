import ClusterModel
import DispatcherShell
import SchedulerProtocol

/// The conformance kit: starts a scheduler and checks that it keeps to the protocol.
///
/// Each check plays the dispatcher to a fresh process, with deadlines, so that whatever a scheduler does the kit ends.
public enum Conformance {
    /// The names of the checks with what each shows, in the order in which they run.
    public static var catalogue: [(name: String, purpose: String)] {
        Check.all.map { ($0.name, $0.purpose) } + [(purity, purityPurpose)]
    }

    static let purity = "stdout"
    private static let purityPurpose = "nothing but messages goes to stdout"

    /// Runs the checks against a scheduler's command.
    ///
    /// - Parameters:
    ///   - only: the names of the checks to run; empty runs all. The handshake is always run.
    ///   - log: gets every line that is sent and received.
    ///   - observe: hears each result as soon as it is there.
    public static func check(
        _ spec: ProcessSpec, patience: Patience = Patience(), only: Set<String> = [], log: Transcript? = nil,
        observe: (CheckResult) -> Void = { _ in }
    ) -> ConformanceReport {
        var report = ConformanceReport(command: [spec.executable] + spec.arguments)
        var strays: [Fault] = []
        var strayCount = 0
        func add(_ result: CheckResult) {
            report.results.append(result)
            observe(result)
        }
        for check in Check.all where only.isEmpty || only.contains(check.name) || check.name == "handshake" {
            if report.results.first?.verdict == .failed {
                add(CheckResult(name: check.name, verdict: .skipped, message: "it needs the handshake"))
            } else {
                add(run(check, spec, patience, log, &strays, &strayCount))
            }
        }
        if only.isEmpty || only.contains(purity) { add(purityResult(strays, strayCount)) }
        return report
    }

    private static func run(
        _ check: Check, _ spec: ProcessSpec, _ patience: Patience, _ log: Transcript?, _ strays: inout [Fault],
        _ strayCount: inout Int
    ) -> CheckResult {
        let clock = ContinuousClock()
        let start = clock.now
        var stages: [Rehearsal] = []
        let open = { () throws(Fault) -> Rehearsal in
            let stage = try Rehearsal(spec, patience: patience, log: log)
            stages.append(stage)
            try stage.greet()
            return stage
        }
        var result = CheckResult(name: check.name, verdict: .passed, message: "")
        do throws(Check.Stop) {
            result.message = try check.run(open)
        } catch {
            switch error {
            case .failed(let fault):
                result.verdict = check.isRequired ? .failed : .noted
                result.message = fault.message
                result.line = fault.line
            case .skipped(let why):
                result.verdict = .skipped
                result.message = why
            }
        }
        if result.verdict == .failed { result.errorLines = stages.last?.lastErrors ?? [] }
        for stage in stages {
            strays += stage.strays
            strayCount += stage.strayCount
            stage.kill()
        }
        let taken = (clock.now - start).components
        result.seconds = Double(taken.seconds) + Double(taken.attoseconds) / 1e18
        return result
    }

    private static func purityResult(_ strays: [Fault], _ count: Int) -> CheckResult {
        guard let first = strays.first else {
            return CheckResult(name: purity, verdict: .passed, message: "nothing but messages")
        }
        let more = count > 1 ? "; \(count) lines in all are no messages" : ""
        return CheckResult(name: purity, verdict: .failed, message: first.message + more, line: first.line)
    }
}
