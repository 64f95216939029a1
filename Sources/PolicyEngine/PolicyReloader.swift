import ClusterModel

/// Keeps the policies in force in step with their folder: a sound new set replaces the old one whole; a broken one
/// leaves the last good set in force, and says so.
///
/// A pure value; a shell watches the folder, reads it, and performs the directives.
public struct PolicyReloader: Sendable {
    /// The set in force.
    public private(set) var current: PolicySet
    /// Why the folder as it stands now is not in force; empty where it is.
    public private(set) var errors: [PolicyFinding] = []
    /// How many sets were put in force.
    public private(set) var reloads = 0
    /// How many readings of the folder were refused.
    public private(set) var refusals = 0

    /// What the shell has to do.
    public enum Directive: Sendable {
        /// Give the set to every engine, before the next pod.
        case putInForce(PolicySet)
        /// Tell the operator that the last good set stays in force, and why.
        case keep(revision: String, [PolicyFinding])
        /// Tell the operator that the folder is sound again, although nothing in force changes.
        case recovered(revision: String)
    }

    /// Starts with the set in force.
    public init(_ current: PolicySet) {
        self.current = current
    }

    /// Takes in the folder as it was just read.
    ///
    /// - Parameter schedulers: the names that policies may refer to, or nil where any may come later.
    public mutating func folderRead(_ folder: PolicyFolder, schedulers: Set<String>? = nil) -> [Directive] {
        let set: PolicySet
        do { set = try folder.policySet(schedulers: schedulers) } catch {
            refusals += 1
            guard error.findings != errors else { return [] }
            errors = error.findings
            return [.keep(revision: current.revision, error.findings)]
        }
        let wasBroken = !errors.isEmpty
        errors = []
        guard set.revision != current.revision else { return wasBroken ? [.recovered(revision: set.revision)] : [] }
        current = set
        reloads += 1
        return [.putInForce(set)]
    }
}
