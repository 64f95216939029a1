/// Faults to put between the dispatcher and its schedulers, on purpose.
///
/// They sit in the shell around the pipes, so that dispatcher and schedulers are exactly those of an ordinary run, and
/// plug-in authors can use them too.
public struct FaultPlan: Hashable, Sendable {
    /// Kill a process (SIGKILL) that has just placed so many pods; its successor too, and so on.
    public var killEvery: Int?
    /// Slip a line of garbage into what the schedulers send, after every so many lines.
    public var garbageEvery: Int?
    /// Let the schedulers' answers arrive so many milliseconds late.
    public var delayMilliseconds: Int?

    /// The longest delay: an hour.
    public static let longestDelayMilliseconds = 3_600_000

    /// No faults.
    public init() {}

    /// Why a fault was not understood.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What was found, and what was expected.
        public var description: String
    }

    /// Adds a fault written as `kill-every=N`, `garbage-every=N` or `delay=MS`.
    public mutating func add(_ text: String) throws(ParseError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let forms = "kill-every=N, garbage-every=N or delay=MILLISECONDS"
        guard parts.count == 2, let number = Int(parts[1]), number > 0 else {
            throw ParseError(description: "--inject \(text): expected \(forms), each with a number above 0")
        }
        guard parts[0] != "delay" || number <= FaultPlan.longestDelayMilliseconds else {
            throw ParseError(
                description: "--inject \(text): expected a delay of at most \(FaultPlan.longestDelayMilliseconds) ms")
        }
        switch parts[0] {
        case "kill-every": killEvery = number
        case "garbage-every": garbageEvery = number
        case "delay": delayMilliseconds = number
        default: throw ParseError(description: "--inject \(text): expected \(forms), found \"\(parts[0])\"")
        }
    }

    /// A line that is no message: text, JSON of the wrong shape, binary, in turn.
    static func garbage(_ number: Int) -> [UInt8] {
        let samples: [[UInt8]] = [
            Array("Warning: deprecated call in line 12".utf8), Array(#"{"type":17}"#.utf8),
            Array(#"{"type":"place","pods":[[-1,99999999999]"#.utf8), [0xFF, 0xFE, 0x00, 0x80, 0x1B],
            Array("[]".utf8), Array(#"{"type":"place","pods":[["a","b"]]}"#.utf8),
        ]
        return samples[number % samples.count] + [UInt8(ascii: "\n")]
    }
}
