/// The `conservative` policy: every waiting job has a reservation, and nobody moves another's to a later time.
///
/// A job gets the earliest hole that is long enough for it when it arrives. When something ended before its time, each
/// waiting job in the order of submission gives up its reservation and takes the earliest hole, which is no later
/// (Mu'alem and Feitelson 2001).
struct Reservations: Sendable {
    /// When each waiting job is to start, in milliseconds.
    private var starts: [Int: Int] = [:]
    /// Whether there may be a hole since the last decision that was not there before.
    private var hasHoles = false

    /// Something ended or changed that may let jobs start earlier.
    mutating func noteHole() { hasHoles = true }

    /// Starts jobs of `queue`, which is in the order of submission.
    ///
    /// - Complexity: O(jobs × steps of the profile), the steps being at most two a job that waits or runs.
    mutating func decide(_ queue: [BatchJob], in pass: inout Pass) {
        let now = pass.now
        var kept: [Int: Int] = [:]
        for job in queue { kept[job.id] = starts[job.id] }
        starts = kept
        var profile = profile(queue, pass)
        for job in queue {
            let old = starts[job.id]
            // A reservation of the past could not be kept, because somebody runs longer than he said.
            guard old.map({ $0 < now || (hasHoles && $0 > now) }) ?? true else { continue }
            if let old, old > now { profile.add(job.demand, from: old, to: old + job.length) }
            starts[job.id] =
                profile.earliest(
                    job.demand, length: job.length, later: pass.misfits.contains(job.id))?.time
            if let start = starts[job.id] { profile.remove(job.demand, from: start, to: start + job.length) }
        }
        hasHoles = false
        for job in queue where starts[job.id] == now {
            if pass.fits(job) { pass.start(job) } else { starts[job.id] = nil }
        }
    }

    /// What is free when, with all that runs and all reservations that are still to come.
    private func profile(_ queue: [BatchJob], _ pass: Pass) -> FreeProfile<Demand> {
        // Who outlives his estimate is expected to end any moment, but not now.
        var changes = pass.running.map { (time: max($0.end, pass.now + 1), amount: $0.job.demand) }
        var free = pass.free
        for job in queue {
            guard let start = starts[job.id], start >= pass.now else { continue }
            if start == pass.now { free -= job.demand } else { changes.append((start, Demand.zero - job.demand)) }
            changes.append((start + job.length, job.demand))
        }
        changes.sort { $0.time < $1.time }
        return FreeProfile(now: pass.now, free: free, changes: changes)
    }
}

extension BatchJob {
    /// How long it is expected to run, at least one millisecond.
    fileprivate var length: Int { max(1, expected) }
}
