import SchedulerKit

/// The service scheduler: keeps zones and hosts balanced, and headroom on every node.
@main
struct Spread: ProfileScheduler {
    static let standardProfile = Profile.spread
    var engine: Engine

    static func main() { SchedulerProcess<Spread>.run() }
}
