import ClusterModel

extension PolicyTestReport {
    /// The report as text: the cases that failed with what differed, the rules that no case reached, a summary.
    public var text: String {
        var lines: [String] = []
        for result in failures {
            lines.append("FAIL \(result.place.fileText): \(result.test): \(result.name)")
            for difference in result.differences {
                lines.append("    \(difference.field):")
                lines.append("      - \(difference.expected)")
                lines.append("      + \(difference.actual)")
            }
        }
        if !uncovered.isEmpty {
            lines.append("rules that no case reached:")
            lines += uncovered.map { "    \($0)" }
        }
        let reached = ruleCount - uncovered.count
        lines.append(
            results.count.counted("case", "cases")
                + ": \(results.count - failures.count) passed, \(failures.count) failed; "
                + "\(reached) of \(ruleCount.counted("rule", "rules")) reached")
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    /// The report as a JSON object.
    public var value: Value {
        let cases = results.map { result in
            var object = ObjectBuilder()
            object.add("test", result.test)
            object.add("case", result.name)
            object.add("file", result.place.file)
            object.add("line", .int(Int64(result.place.line)))
            object.add("passed", .bool(result.passed))
            object.add("differences", result.differences) { difference in
                .object([
                    .init("field", .string(difference.field)), .init("expected", .string(difference.expected)),
                    .init("actual", .string(difference.actual)),
                ])
            }
            return object.value
        }
        return .object([
            .init("passed", .bool(passed)), .init("cases", .array(cases)),
            .init("rules", .int(Int64(ruleCount))),
            .init("uncovered", .array(uncovered.map { .string("\($0)") })),
        ])
    }

    /// The report in the XML of JUnit, one suite a test, as build servers read it.
    public var junit: String {
        var tests: [String] = []
        for result in results where !tests.contains(result.test) { tests.append(result.test) }
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let missing = requiresCoverage ? uncovered : []
        xml += "<testsuites tests=\"\(results.count + missing.count)\" "
        xml += "failures=\"\(failures.count + missing.count)\">\n"
        for test in tests {
            let cases = results.filter { $0.test == test }
            let failed = cases.count { !$0.passed }
            xml += "  <testsuite name=\"\(test.escaped)\" tests=\"\(cases.count)\" failures=\"\(failed)\">\n"
            for result in cases {
                let file = "file=\"\(result.place.file.escaped)\" line=\"\(result.place.line)\""
                xml += "    <testcase classname=\"\(test.escaped)\" name=\"\(result.name.escaped)\" \(file)"
                guard !result.passed else {
                    xml += "/>\n"
                    continue
                }
                let text = result.differences.map { "\($0.field): expected \($0.expected), found \($0.actual)" }
                xml += ">\n      <failure message=\"\(text.first?.escaped ?? "")\">"
                xml += text.joined(separator: "\n").escaped + "</failure>\n    </testcase>\n"
            }
            xml += "  </testsuite>\n"
        }
        if !missing.isEmpty {
            xml += "  <testsuite name=\"coverage\" tests=\"\(missing.count)\" failures=\"\(missing.count)\">\n"
            for rule in missing {
                xml += "    <testcase classname=\"coverage\" name=\"\("\(rule)".escaped)\">\n"
                xml += "      <failure message=\"no case reaches the rule\"/>\n    </testcase>\n"
            }
            xml += "  </testsuite>\n"
        }
        return xml + "</testsuites>\n"
    }
}

extension String {
    /// The text with what means something in XML written as entities, and without what XML cannot hold.
    fileprivate var escaped: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
