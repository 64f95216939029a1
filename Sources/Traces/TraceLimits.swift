/// The limits on what a trace may ask for; whatever lies beyond is refused with an error that states the limit.
public enum TraceLimits {
    /// The largest load, in times the cluster's GPUs.
    public static let load = 100.0
    /// The most pods that draws may make of a trace.
    public static let pods = 5_000_000
    /// The largest number in a column of whole numbers; sums of columns then stay far within 64 bits.
    public static let number: Int64 = 1 << 40
}
