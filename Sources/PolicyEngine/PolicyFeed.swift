import Foundation
import Synchronization

/// Watches a folder of policies on a thread of its own, and hands new sets to the one that owns the engine.
///
/// Reading and compiling a folder takes milliseconds, deciding about a pod takes one thousandth of one; so the owner of
/// the engine only looks into a mailbox, which costs it one load from memory where nothing is new:
///
/// ```swift
/// if let policies = feed.take() { admission.policies.engine.replacePolicies(policies) }
/// ```
public final class PolicyFeed: Sendable {
    /// How often the folder is looked at, in seconds.
    public let interval: Double

    private struct State {
        var watcher: PolicyWatcher
        var waiting: PolicySet?
        var isStopped = false
    }

    private let state: Mutex<State>
    /// Whether a set waits to be taken.
    private let isWaiting = Atomic(false)
    private let report: @Sendable (PolicyReloader.Directive) -> Void

    /// Starts to watch a folder.
    ///
    /// - Parameters:
    ///   - current: the set in force.
    ///   - schedulers: the names that policies may refer to, or nil where any may come later.
    ///   - interval: how often the folder is looked at, in seconds.
    ///   - report: told of every set put in force or refused, on the thread of the feed.
    public init(
        path: String, current: PolicySet, schedulers: Set<String>? = nil, interval: Double = 0.5,
        report: @escaping @Sendable (PolicyReloader.Directive) -> Void
    ) {
        precondition(interval > 0, "a folder cannot be looked at every \(interval) seconds")
        self.interval = interval
        self.report = report
        self.state = Mutex(State(watcher: PolicyWatcher(path: path, current: current, schedulers: schedulers)))
        let thread = Thread { [weak self] in
            while let feed = self, feed.lookOnce() { Thread.sleep(forTimeInterval: interval) }
        }
        thread.name = "policy-feed"
        thread.start()
    }

    deinit { stop() }

    /// Stops watching; a set that waits may still be taken.
    public func stop() { state.withLock { $0.isStopped = true } }

    /// The newest set that was not taken yet, or nil.
    public func take() -> PolicySet? {
        guard isWaiting.load(ordering: .acquiring) else { return nil }
        return state.withLock { state in
            isWaiting.store(false, ordering: .releasing)
            defer { state.waiting = nil }
            return state.waiting
        }
    }

    /// Why the folder as it stands is not in force; empty where it is.
    public var errors: [PolicyFinding] { state.withLock { $0.watcher.reloader.errors } }

    /// How many sets were put in force, and how many readings of the folder were refused.
    public var counts: (reloads: Int, refusals: Int) {
        state.withLock { ($0.watcher.reloader.reloads, $0.watcher.reloader.refusals) }
    }

    /// Looks at the folder once; false once the feed is stopped.
    private func lookOnce() -> Bool {
        let directives: [PolicyReloader.Directive]? = state.withLock { state in
            guard !state.isStopped else { return nil }
            let directives = state.watcher.look()
            for case .putInForce(let set) in directives {
                state.waiting = set
                isWaiting.store(true, ordering: .releasing)
            }
            return directives
        }
        guard let directives else { return false }
        for directive in directives { report(directive) }
        return true
    }
}
