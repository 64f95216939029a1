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
        // Ten pods a node, so that working a class out for all nodes the first time has its fair part and not more.
        default: min(1_000_000, max(100_000, 10 * nodes))
        }
    }

    /// One measurement as a line.
    ///
    /// - Parameter first: the measurement with the fewest nodes, to which the growth of the cost is related.
    public static func line(_ m: CoreBench.Measurement, first: CoreBench.Measurement) -> String {
        return row([
            m.workload.rawValue, m.profile, "\(m.nodes)", "\(m.pods)", "\(Int(m.podsPerSecond))",
            "\(Int(m.nanosecondsPerPod))", "\(Int(m.cpuNanosecondsPerPod))", decimals(growth(m, first: first)),
            decimals(m.setupSeconds),
            "\(Int(m.bytesPerNode))",
            "\(Int(m.floorNanoseconds))", decimals(m.ratio), String(m.checksum, radix: 16),
        ])
    }

    static func decimals(_ number: Double) -> String {
        let hundredths = Int((abs(number) * 100).rounded())
        let sign = number < 0 && hundredths > 0 ? "-" : ""
        return "\(sign)\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    /// Measures workloads at several sizes, the same number of pods where `pods` gives one.
    ///
    /// - Parameter done: is told of each measurement as it is made, with the first of its workload.
    /// - Returns: all measurements, workload by workload, in the order of `sizes`.
    @discardableResult
    public static func run(
        _ bench: CoreBench, _ workloads: [CoreBench.Workload], sizes: [Int], pods: Int? = nil,
        done: (_ measurement: CoreBench.Measurement, _ first: CoreBench.Measurement) -> Void = { _, _ in }
    ) -> [CoreBench.Measurement] {
        var all: [CoreBench.Measurement] = []
        for workload in workloads {
            var first: CoreBench.Measurement?
            for nodes in sizes {
                let measurement = bench.run(workload, nodes: nodes, pods: pods ?? usualPods(workload, nodes))
                done(measurement, first ?? measurement)
                first = first ?? measurement
                all.append(measurement)
            }
        }
        return all
    }

    /// Measurements as one object, for `-o json`; the growth of each is its cost beside that of the first of its workload.
    public static func value(_ measurements: [CoreBench.Measurement]) -> Value {
        let items = measurements.map { measurement -> Value in
            let first = measurements.first { $0.workload == measurement.workload } ?? measurement
            guard case .object(var fields) = measurement.value else { return measurement.value }
            fields.append(.init("growth", .double(growth(measurement, first: first))))
            return .object(fields)
        }
        return .object([
            .init("bandwidthBytesPerSecond", .double(Memory.bandwidth)), .init("measurements", .array(items)),
        ])
    }

    private static func growth(_ m: CoreBench.Measurement, first: CoreBench.Measurement) -> Double {
        first.cpuNanosecondsPerPod == 0 ? 0 : m.cpuNanosecondsPerPod / first.cpuNanosecondsPerPod
    }

    private static func row(_ cells: [String]) -> String {
        row(cells, widths: [18, 14, 8, 8, 10, 10, 10, 8, 8, 10, 8, 8, 16])
    }

    static func row(_ cells: [String], widths: [Int]) -> String {
        zip(cells, widths).map { text, width in
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
