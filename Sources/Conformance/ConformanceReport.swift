import ClusterModel

/// What the conformance kit found out about a scheduler.
public struct ConformanceReport: Hashable, Sendable {
    /// The scheduler's command.
    public var command: [String]
    /// The result of each check, in the order in which they ran.
    public var results: [CheckResult] = []

    /// Whether no check failed.
    public var passed: Bool { !results.contains { $0.verdict == .failed } }

    /// The result of the check of that name, or nil if it was not run.
    public subscript(name: String) -> CheckResult? { results.first { $0.name == name } }

    /// A line a check, in aligned columns, and a line that sums up.
    public var text: String {
        let width = results.map(\.name.count).max() ?? 0
        return results.map { ConformanceReport.line($0, nameWidth: width) + "\n" }.joined() + summary + "\n"
    }

    /// `20 passed, 1 failed, 1 skipped`.
    public var summary: String {
        let count = { (verdict: CheckResult.Verdict) in results.count { $0.verdict == verdict } }
        var summary = "\(count(.passed)) passed, \(count(.failed)) failed"
        if count(.skipped) > 0 { summary += ", \(count(.skipped)) skipped" }
        if count(.noted) > 0 { summary += ", \(count(.noted)) noted" }
        return summary
    }

    /// One check as it is printed: verdict, name, what was seen; below it the scheduler's line where one is at fault.
    public static func line(_ result: CheckResult, nameWidth: Int) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        let time = result.seconds >= 1 ? " (\((result.seconds * 10).rounded() / 10) s)" : ""
        let head = "\(padded(result.verdict.rawValue, 7))  \(padded(result.name, nameWidth))  \(result.message)\(time)"
        let indent = String(repeating: " ", count: nameWidth + 11)
        let line = result.line.isEmpty ? [] : ["\(indent)line: \(result.line)"]
        let errors = result.errorLines.map { "\(indent)stderr: \($0)" }
        return ([head] + line + errors).joined(separator: "\n")
    }

    /// The report as data, for `-o json`.
    public var value: Value {
        .object([
            .init("command", .strings(command)), .init("passed", .bool(passed)),
            .init(
                "checks",
                .array(
                    results.map { result in
                        var object = ObjectBuilder()
                        object.add("name", result.name)
                        object.add("verdict", result.verdict.rawValue)
                        object.add("message", result.message)
                        object.add("line", result.line)
                        object.add("seconds", .double(result.seconds))
                        if !result.errorLines.isEmpty { object.add("stderr", .strings(result.errorLines)) }
                        return object.value
                    })),
        ])
    }
}
