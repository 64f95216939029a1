import ClusterModel

/// Measurements as lines of a table.
public enum CoreReport {
    /// The columns' names.
    public static let header = row([
        "workload", "profile", "nodes", "pods", "pods/s", "ns/pod", "cpu ns", "growth", "setup s", "bytes/node",
        "floor ns",
        "ratio",
        "checksum",
    ])

    /// How many pods make a run long enough to measure and short enough to wait for.
    public static func usualPods(_ workload: CoreBench.Workload, _ nodes: Int) -> Int {
        switch workload {
        case .preemption: 20
        case .allDifferent: min(20_000, max(200, 100_000_000 / nodes))
        default: 100_000
        }
    }

    /// One measurement as a line.
    ///
    /// - Parameter first: the measurement with the fewest nodes, to which the growth of the cost is related.
    public static func line(_ m: CoreBench.Measurement, first: CoreBench.Measurement) -> String {
        let growth = first.cpuSeconds == 0 ? 0 : m.cpuNanosecondsPerPod / first.cpuNanosecondsPerPod
        return row([
            m.workload.rawValue, m.profile, "\(m.nodes)", "\(m.pods)", "\(Int(m.podsPerSecond))",
            "\(Int(m.nanosecondsPerPod))", "\(Int(m.cpuNanosecondsPerPod))", decimals(growth), decimals(m.setupSeconds),
            "\(Int(m.bytesPerNode))",
            "\(Int(m.floorNanoseconds))", decimals(m.ratio), String(m.checksum, radix: 16),
        ])
    }

    /// The means of several runs of the openb experiment as a line.
    public static func openb(_ workload: String, _ profile: String, _ outcomes: [OpenbExperiment.Outcome]) -> String {
        func mean(_ value: (OpenbExperiment.Outcome) -> Double) -> String {
            decimals(outcomes.reduce(0) { $0 + value($1) } / Double(max(1, outcomes.count)))
        }
        let checksum = outcomes.reduce(0) { $0 &* 31 &+ $1.checksum }
        return "\(workload) \(profile): at 100 % \(mean(\.at100)), at 130 % \(mean(\.at130)); "
            + "\(mean(\.seconds)) s a run, \(outcomes.count) seeds, checksum \(String(checksum, radix: 16))"
    }

    private static func decimals(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    private static func row(_ cells: [String]) -> String {
        let widths = [18, 14, 8, 8, 10, 10, 10, 8, 8, 10, 8, 8, 16]
        return zip(cells, widths).map { text, width in
            text + String(repeating: " ", count: max(1, width + 1 - text.count))
        }.joined()
    }
}

extension CoreBench.Measurement {
    /// The measurement as an object, for reports in JSON.
    public var value: Value {
        .object([
            .init("workload", .string(workload.rawValue)), .init("profile", .string(profile)),
            .init("nodes", .int(Int64(nodes))), .init("pods", .int(Int64(pods))),
            .init("podsPerSecond", .double(podsPerSecond)), .init("nanosecondsPerPod", .double(nanosecondsPerPod)),
            .init("cpuNanosecondsPerPod", .double(cpuNanosecondsPerPod)), .init("setupSeconds", .double(setupSeconds)),
            .init("bytesPerNode", .double(bytesPerNode)),
            .init("floorNanoseconds", .double(floorNanoseconds)), .init("ratio", .double(ratio)),
            .init("checksum", .string(String(checksum, radix: 16))),
        ])
    }
}
