import ClusterModel
import JSON
import SchedulerProtocol

/// The traffic of one scheduler's pipes: every line in both directions, with its time.
///
/// A file of it has one JSON object a line, `{"at": seconds, "to": "line"}` for what the scheduler was sent and
/// `{"at": seconds, "from": "line"}` for what it sent. Lines are kept as text, so that garbage is kept too.
public struct Recording: Hashable, Sendable {
    /// One line that went over a pipe.
    public struct Entry: Hashable, Sendable {
        /// Who sent a line.
        public enum Direction: String, Hashable, Sendable {
            case toScheduler = "to"
            case fromScheduler = "from"
        }

        /// Seconds since the run began.
        public var seconds: Double
        /// Who sent it.
        public var direction: Direction
        /// The line without its newline.
        public var line: String

        /// A line at a time.
        public init(seconds: Double, direction: Direction, line: String) {
            self.seconds = seconds
            self.direction = direction
            self.line = line
        }

        /// The entry as a line of a file, with its newline.
        public var text: String {
            Value.object([.init("at", .double(seconds)), .init(direction.rawValue, .string(line))]).json + "\n"
        }
    }

    /// A file that is no recording: which line, what was expected, what was found.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The line of the file, from 1.
        public var line: Int
        /// What is wrong.
        public var text: String

        /// `line 3: expected …, found …`
        public var description: String { "line \(line): \(text)" }
    }

    /// The lines in the order in which they went.
    public var entries: [Entry]

    /// A recording of the given lines.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// Reads the text of a recording.
    public init(parsing text: String) throws(ParseError) {
        entries = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty { continue }
            let value: Value
            do throws(JSONError) { value = try Value(json: String(line)) } catch {
                throw ParseError(line: index + 1, text: "not JSON: \(error.text)")
            }
            entries.append(try Recording.entry(value, index + 1))
        }
    }

    private static func entry(_ value: Value, _ line: Int) throws(ParseError) -> Entry {
        var seconds: Double?
        if case .double(let number)? = value["at"] { seconds = number }
        if case .int(let number)? = value["at"] { seconds = Double(number) }
        for direction in [Entry.Direction.toScheduler, .fromScheduler] {
            if case .string(let text)? = value[direction.rawValue], let seconds {
                return Entry(seconds: seconds, direction: direction, line: text)
            }
        }
        throw ParseError(
            line: line, text: "expected {\"at\": seconds, \"to\" or \"from\": \"line\"}, found \(value.summary)")
    }

    /// The recordings of the single processes, in order: a `hello` begins each.
    public var processes: [Recording] {
        var result: [Recording] = []
        for entry in entries {
            let isHello = entry.direction == .toScheduler && entry.line.hasPrefix(#"{"type":"hello""#)
            if isHello || result.isEmpty { result.append(Recording()) }
            result[result.count - 1].entries.append(entry)
        }
        return result
    }
}
