import SchedulerKit

/// The batch scheduler: a pod group gets all the nodes it needs at once, in as few topology domains as will hold it.
@main
struct GangScheduler: ProfileScheduler {
    static let standardProfile = Profile.gang
    var engine: Engine

    static func main() { SchedulerProcess<GangScheduler>.run() }
}
