import Dispatch

/// Runs the tasks that start and watch processes, on a queue of its own.
///
/// The shared pool has as many threads as the machine has processors. A caller that waits on one of them for a process
/// to start would keep that very process from being started.
final class ProcessExecutor: TaskExecutor {
    static let shared = ProcessExecutor()

    private let queue = DispatchQueue(label: "switchyard.processes")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
