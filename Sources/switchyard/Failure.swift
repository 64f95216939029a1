import Manifests
import PolicyEngine

/// Why a command ends without having done its work, and with which exit code.
enum Failure: Error {
    /// The input or the usage is bad: exit code 2.
    case input([String])
    /// Policies are wrong, each fault with its place: exit code 2.
    case faults([PolicyFinding])
    /// The work itself found a failure: exit code 1.
    case found(String)

    /// Says why, and exits.
    func report() -> Never {
        switch self {
        case .input(let messages):
            for message in messages { Terminal.complain(lines: "error: \(message)") }
            Terminal.exit(2)
        case .faults(let findings):
            for finding in findings { Terminal.complain(finding.text) }
            Terminal.exit(2)
        case .found(let message):
            if !message.isEmpty { Terminal.complain(lines: message) }
            Terminal.exit(1)
        }
    }
}
