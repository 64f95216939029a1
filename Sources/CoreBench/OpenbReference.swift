/// Figures that others published of the openb experiment, to stand beside what is measured.
///
/// Percent of all GPUs allocated on the nodes with GPUs, means of ten seeds.
public struct OpenbReference: Sendable {
    /// The workload's name in the trace.
    public var workload: String
    /// BestFit at 130 % arrived.
    public var bestFit: Double
    /// FGD ("Beware of Fragmentation", USENIX ATC '23) at 130 % arrived, from its authors' result files.
    public var fgd: Double
    /// Dual prices with the mix of pods learned as they arrive, at 130 %: the rule that `PriceModel` follows, in a simulator
    /// written for it.
    public var learned: Double
    /// No placement can do better than this at 130 %.
    public var bound: Double

    /// All workloads with published figures.
    public static let all = [
        OpenbReference(workload: "default", bestFit: 93.08, fgd: 95.39, learned: 96.18, bound: 96.53),
        OpenbReference(workload: "cpu100", bestFit: 93.44, fgd: 95.35, learned: 96.24, bound: 96.52),
        OpenbReference(workload: "cpu200", bestFit: 92.40, fgd: 95.05, learned: 96.11, bound: 96.52),
        OpenbReference(workload: "gpushare40", bestFit: 91.69, fgd: 94.15, learned: 94.87, bound: 95.17),
        OpenbReference(workload: "gpuspec10", bestFit: 93.31, fgd: 94.95, learned: 96.08, bound: 96.53),
        OpenbReference(workload: "multigpu20", bestFit: 93.93, fgd: 95.65, learned: 96.68, bound: 97.05),
    ]

    /// The figures of a workload, or nil where none are known.
    public static func named(_ workload: String) -> OpenbReference? { all.first { $0.workload == workload } }
}
