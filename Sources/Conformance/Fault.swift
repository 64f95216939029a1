import JSON
import SchedulerProtocol

/// Why a check fails: what the scheduler did wrong, and the line that shows it.
struct Fault: Error, Hashable {
    /// What is wrong, and what was expected.
    var message: String
    /// The scheduler's line, shortened; empty where silence or an exit is the fault.
    var line: String

    init(_ message: String, line: String = "") {
        self.message = message
        self.line = line
    }

    /// A line as it can be shown: control characters made visible, the end cut off.
    static func shown(_ line: [UInt8]) -> String {
        let text = String(decoding: line.prefix(LineFramer.prefixBytes), as: UTF8.self).unicodeScalars.map {
            $0.properties.generalCategory == .control ? "\\u{\(String($0.value, radix: 16))}" : String($0)
        }.joined()
        return line.count > LineFramer.prefixBytes ? text + "…" : text
    }
}
