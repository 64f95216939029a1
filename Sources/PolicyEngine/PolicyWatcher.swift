/// Reads a folder of policies again whenever it has changed, and tells what follows from that.
///
/// Called again and again by whoever has the time; costs a look at the folder where nothing has changed. A folder that is
/// still being written is left alone until two looks in a row find it the same and it did not change while it was read,
/// so that half a file, which may well be sound YAML, is not taken for a policy.
public struct PolicyWatcher: Sendable {
    /// The folder, or a single file.
    public let path: String
    /// The sets in force and refused so far.
    public private(set) var reloader: PolicyReloader

    private let schedulers: Set<String>?
    /// The stamp of the folder as it was last taken in.
    private var taken: PolicyFolderStamp?
    /// The stamp at the last look, where it differed from the one taken in.
    private var seen: PolicyFolderStamp?

    /// Watches a folder, starting from the set in force.
    ///
    /// - Parameters:
    ///   - current: the set in force; the first look at the folder compares with it.
    ///   - schedulers: the names that policies may refer to, or nil where any may come later.
    public init(path: String, current: PolicySet, schedulers: Set<String>? = nil) {
        self.path = path
        self.schedulers = schedulers
        self.reloader = PolicyReloader(current)
    }

    /// Looks at the folder; what is to be done, if anything.
    public mutating func look() -> [PolicyReloader.Directive] {
        let now = PolicyFolderStamp(path: path)
        guard now != taken else {
            seen = nil
            return []
        }
        guard now == seen else {
            seen = now
            return []
        }
        let folder = PolicyFolder(path: path, withTests: false)
        guard PolicyFolderStamp(path: path) == now else {
            seen = nil
            return []
        }
        (taken, seen) = (now, nil)
        return reloader.folderRead(folder, schedulers: schedulers)
    }
}
