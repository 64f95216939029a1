import SchedulerKit

/// The generic scheduler: packs pods tightly, so that large ones still find room later.
@main
struct BinPack: SchedulingAlgorithm {
    private var chooser: Chooser

    init(_ hello: Hello) throws {
        chooser = try Chooser(hello, standard: .binpack)
    }

    mutating func place(_ pod: ClassIndex, in cell: inout Cell) -> Choice {
        chooser.place(pod, in: &cell)
    }

    static func main() { SchedulerProcess<BinPack>.run() }
}
