/// What one scheduler has in hand and before it.
public struct SchedulerLoad: Hashable, Sendable {
    /// Entries in its queue: single pods, and whole groups.
    public var queued: Int
    /// Pods in its hands, undecided.
    public var undecided: Int
    /// Undecided pods that it takes at once; 0 while it is not ready.
    public var window: Int
    /// Bytes that wait for its stdin.
    public var outputBytes: Int
    /// Whether it is there, or on its way: not given up and not stopped.
    public var isAvailable: Bool
}

extension Dispatcher {
    /// The load of each scheduler's process, in the order of registration.
    public var loads: [SchedulerLoad] {
        slots.map {
            SchedulerLoad(
                queued: $0.queue.count, undecided: $0.undecided, window: $0.window, outputBytes: $0.outputBytes,
                isAvailable: $0.isAvailable)
        }
    }

    /// The load of each scheduler by its name, that of its processes together, in the order of registration.
    public var loadsByScheduler: [(name: String, load: SchedulerLoad)] {
        var result: [(name: String, load: SchedulerLoad)] = []
        for (slot, load) in zip(slots, loads) {
            let name = slot.registration.name
            guard slot.registration.shard > 0, let known = result.firstIndex(where: { $0.name == name }) else {
                result.append((name, load))
                continue
            }
            result[known].load.queued += load.queued
            result[known].load.undecided += load.undecided
            result[known].load.window += load.window
            result[known].load.outputBytes += load.outputBytes
            if load.isAvailable { result[known].load.isAvailable = true }
        }
        return result
    }

    /// How many pods wait for a decision: in queues, with schedulers, reserved, resting.
    public var waitingCount: Int {
        let waiting: [PodRecord.State] = [.queued, .assigned, .staged, .resting]
        return waiting.reduce(0) { $0 + stateCounts[Int($1.rawValue)] }
    }

    /// How many pods fit nowhere for now.
    public var parkedCount: Int { stateCounts[Int(PodRecord.State.parked.rawValue)] }
}
