import ClusterModel
import Manifests

/// Traces in the Standard Workload Format of the Parallel Workloads Archive, version 2.
///
/// A line has 18 numbers, −1 where one is unknown; lines that begin with `;` are comments, of which `; MaxProcs: N` gives
/// the machine's size, or else `; MaxNodes: N`. Used are the job's number (field 1), submit time (2), run time (4), allocated processors (5, or else
/// those requested, 8) and requested time (9), which is the owner's estimate. Jobs that did not run are left out.
public enum SWFTrace {
    private static let fields: [(name: StaticString, index: Int)] = [
        ("job number", 0), ("submit time", 1), ("run time", 3), ("allocated processors", 4),
        ("requested processors", 7), ("requested time", 8),
    ]
    private static let fieldCount = 18

    /// Reads a file.
    ///
    /// - Parameter capacity: the machine's processors; nil takes them from the file's header.
    public static func load(path: String, capacity: Int? = nil) throws(InputErrors) -> JobTrace {
        let bytes: [UInt8]
        do throws(InputError) { bytes = try SourceReader.bytes(path: path) } catch { throw InputErrors([error]) }
        return try read(bytes, file: path, capacity: capacity)
    }

    /// Reads a text; `file` names it in errors.
    static func read(_ bytes: [UInt8], file: String, capacity: Int?) throws(InputErrors) -> JobTrace {
        var jobs: [(line: Int, job: JobTrace.Job)] = []
        var faults: [InputError] = []
        var (processors, nodes): (Int?, Int?) = (nil, nil)
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard let first = words.first else { continue }
            if first.first == UInt8(ascii: ";") {
                processors = processors ?? directive("MaxProcs", line)
                nodes = nodes ?? directive("MaxNodes", line)
                continue
            }
            do throws(InputError) {
                if let job = try job(words, file: file, line: index + 1) { jobs.append((index + 1, job)) }
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw InputErrors(faults) }
        guard let processors = capacity ?? processors ?? nodes else {
            throw InputErrors([
                InputError(
                    .field, file: file, path: FieldPath("MaxProcs"),
                    expected: "the machine's processors in the header, here or as MaxNodes",
                    found: "nothing; --capacity says it too")
            ])
        }
        guard processors <= TraceLimits.processors else {
            throw InputErrors([
                InputError(
                    .tooLarge, file: file, path: FieldPath(capacity == nil ? "MaxProcs" : "--capacity"),
                    expected: "at most \(TraceLimits.processors) processors", found: "\(processors)")
            ])
        }
        return try JobTrace(jobs, capacity: processors, file: file)
    }

    /// The number of a header line of the given name; nil where it is another, or says that it is unknown.
    private static func directive(_ name: String, _ line: ArraySlice<UInt8>) -> Int? {
        let parts = String(decoding: line, as: UTF8.self).dropFirst().split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].trimmed == name else { return nil }
        return Int(parts[1].trimmed).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func job(
        _ words: [ArraySlice<UInt8>], file: String, line: Int
    ) throws(InputError) -> JobTrace.Job? {
        guard words.count == fieldCount else {
            throw InputError(
                .syntax, file: file, line: line, expected: "\(fieldCount) numbers", found: "\(words.count) words")
        }
        var numbers: [Int] = []
        for field in fields {
            let text = String(decoding: words[field.index], as: UTF8.self)
            // Some archives write whole numbers as 12.00.
            guard let number = Double(text), number >= -1, number <= Double(TraceLimits.seconds) else {
                throw InputError(
                    .field, file: file, line: line, path: FieldPath("\(field.name)"),
                    expected: "a number from -1 to \(TraceLimits.seconds)", found: "\"\(text.prefix(60))\"")
            }
            numbers.append(Int(number))
        }
        let (run, processors) = (numbers[2], numbers[3] > 0 ? numbers[3] : numbers[4])
        guard run > 0, processors > 0 else { return nil }
        guard numbers[1] >= 0 else {
            throw InputError(
                .field, file: file, line: line, path: FieldPath("submit time"), expected: "a time of at least 0",
                found: "\(numbers[1])")
        }
        // A job that ran longer than its owner asked for was let go on; its estimate was not that wrong.
        return JobTrace.Job(
            id: numbers[0], submitted: numbers[1], run: run, processors: processors, estimate: max(run, numbers[5]))
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
