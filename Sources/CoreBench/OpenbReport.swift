import ClusterModel
import Placement

/// The openb experiment with several seeds, summed up, beside what others published.
public struct OpenbReport: Sendable {
    /// The workload's name in the trace.
    public let workload: String
    /// The profile's name.
    public let profile: String
    /// One run a seed.
    public let outcomes: [OpenbExperiment.Outcome]

    /// Runs the experiment with the seeds 1 to `seeds`.
    public init(_ experiment: OpenbExperiment, workload: String, profile: Profile, seeds: Int) {
        self.workload = workload
        self.profile = profile.name
        outcomes = seeds < 1 ? [] : (1...seeds).map { experiment.run(profile: profile, seed: UInt64($0)) }
    }

    /// The mean percentage of GPUs allocated when the requests that arrived reached 100 % of them.
    public var at100: Double { mean { $0.at100 } }
    /// The same at 130 %.
    public var at130: Double { mean { $0.at130 } }
    /// The standard deviation over the seeds at 130 %.
    public var deviation: Double {
        let middle = at130
        return mean { ($0.at130 - middle) * ($0.at130 - middle) }.squareRoot()
    }
    /// The mean time of a run.
    public var seconds: Double { mean { $0.seconds } }
    /// The mean processor time of a run.
    public var cpuSeconds: Double { mean { $0.cpuSeconds } }
    /// A sum over the placements of all runs.
    public var checksum: UInt64 { outcomes.reduce(0) { $0 &* 31 &+ $1.checksum } }

    private func mean(_ value: (OpenbExperiment.Outcome) -> Double) -> Double {
        outcomes.isEmpty ? 0 : outcomes.reduce(0) { $0 + value($1) } / Double(outcomes.count)
    }

    private static let widths = [12, 14, 8, 8, 6, 8, 8, 8, 8, 8, 7, 7, 16]

    /// The columns' names; `BestFit`, `FGD`, `learned` and `bound` are the published figures at 130 %.
    public static let header = CoreReport.row(
        [
            "workload", "profile", "at 100", "at 130", "±", "BestFit", "FGD", "learned", "bound", "−learned", "s/run",
            "cpu s", "checksum",
        ], widths: widths)

    /// The report as a line of the table.
    public var line: String {
        let known = OpenbReference.named(workload)
        func published(_ value: Double?) -> String { value.map(CoreReport.decimals) ?? "" }
        return CoreReport.row(
            [
                workload, profile, CoreReport.decimals(at100), CoreReport.decimals(at130),
                CoreReport.decimals(deviation), published(known?.bestFit), published(known?.fgd),
                published(known?.learned), published(known?.bound), published(known.map { at130 - $0.learned }),
                CoreReport.decimals(seconds), CoreReport.decimals(cpuSeconds), String(checksum, radix: 16),
            ], widths: OpenbReport.widths)
    }

    /// The report as an object, for `-o json`.
    public var value: Value {
        var fields: [Value.Field] = [
            .init("workload", .string(workload)), .init("profile", .string(profile)),
            .init("seeds", .int(Int64(outcomes.count))), .init("at100", .double(at100)), .init("at130", .double(at130)),
            .init("deviation", .double(deviation)), .init("secondsPerRun", .double(seconds)),
            .init("cpuSecondsPerRun", .double(cpuSeconds)), .init("checksum", .string(String(checksum, radix: 16))),
        ]
        if let known = OpenbReference.named(workload) {
            let published: [Value.Field] = [
                .init("bestFit", .double(known.bestFit)), .init("fgd", .double(known.fgd)),
                .init("learned", .double(known.learned)), .init("bound", .double(known.bound)),
            ]
            fields.append(.init("published130", .object(published)))
        }
        return .object(fields)
    }
}
