/// The limits on what a trace may ask for; whatever lies beyond is refused with an error that states the limit.
public enum TraceLimits {
    /// The largest load, in times the cluster's GPUs.
    public static let load = 100.0
    /// The most pods that draws may make of a trace.
    public static let pods = 5_000_000
    /// The largest number in a column of whole numbers; sums of columns then stay far within 64 bits.
    public static let number: Int64 = 1 << 40
    /// The latest time and the longest run, in seconds: 136 years, so that nanoseconds stay within 64 bits.
    public static let seconds: Int64 = 1 << 32
    /// The most processors that the jobs of a trace ask for together: each is a pod.
    public static let members = 20_000_000
    /// The most processors that a machine may have: each is a node or a part of one.
    public static let processors = 1_000_000

    /// A time that was computed, in whole seconds and within what can be counted.
    static func time(_ value: Double) -> Int {
        value.isNaN ? 0 : Int(min(max(value, 0), Double(seconds)))
    }
}
