import SchedulerKit

/// The generic scheduler: packs pods tightly, so that large ones still find room later.
@main
struct BinPack: ProfileScheduler {
    static let standardProfile = Profile.binpack
    var engine: Engine

    static func main() { SchedulerProcess<BinPack>.run() }
}
