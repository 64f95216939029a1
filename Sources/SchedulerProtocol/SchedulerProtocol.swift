/// Facts that both ends of the pipe agree on.
public enum SchedulerProtocol {
    /// The protocol's version, as `hello` and `ready` carry it.
    public static let version = 1

    /// The longest line that either side accepts, in bytes. A template or a node is a few kilobytes; batches are split
    /// well below this.
    public static let maxLineBytes = 8 << 20
}

/// A pod's number on the pipe, given by the dispatcher and never used twice.
public typealias WirePod = Int
/// A node's number on the pipe, given by the dispatcher.
public typealias WireNode = Int
/// The number of a template: one scheduling spec, described once.
public typealias WireTemplate = Int
/// The number of a pod group.
public typealias WireGroup = Int
