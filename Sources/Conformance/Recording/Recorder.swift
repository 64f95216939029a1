import Dispatcher
import DispatcherShell
import Glibc

/// Writes what goes over the pipes of the schedulers into files, one for each scheduler: `FOLDER/NAME.ndjson`.
public final class Recorder {
    /// A file that could not be written: which, and why.
    public struct WriteError: Error, Hashable, Sendable, CustomStringConvertible {
        /// `FILE: No space left on device`
        public var description: String
    }

    private var files: [UnsafeMutablePointer<FILE>]
    /// Where each scheduler's traffic goes.
    public let paths: [String]

    /// A recorder for schedulers of the given names, in the order of their registration; old files are overwritten. The
    /// file of a shard, such as `binpack/0`, is `binpack-0.ndjson`.
    ///
    /// - Parameter folder: a folder that exists.
    public init(schedulers: [String], folder: String) throws(WriteError) {
        paths = schedulers.map { "\(folder)/\($0.split(separator: "/").joined(separator: "-")).ndjson" }
        var open: [UnsafeMutablePointer<FILE>] = []
        for path in paths {
            guard let file = fopen(path, "we") else {
                let why = String(cString: strerror(errno))
                for file in open { fclose(file) }
                throw WriteError(description: "\(path): \(why)")
            }
            open.append(file)
        }
        files = open
    }

    deinit { for file in files { fclose(file) } }

    /// Closes the files; throws where one did not take all that was to be written into it.
    public func finish() throws(WriteError) {
        let open = zip(files, paths)
        files = []
        var failure: WriteError?
        for (file, path) in open {
            let isWhole = ferror(file) == 0
            guard fclose(file) != 0 || !isWhole else { continue }
            let why = isWhole ? String(cString: strerror(errno)) : "not all was written, as on a full disk"
            failure = failure ?? WriteError(description: "\(path): \(why)")
        }
        if let failure { throw failure }
    }

    /// Makes an observer of a shell record.
    public func attach(to observer: inout Shell.Observer) {
        observer.sent = { scheduler, line, now in
            line.dropLast().withUnsafeBytes { self.write($0, scheduler, .toScheduler, now) }
        }
        observer.received = { scheduler, line, now in self.write(line, scheduler, .fromScheduler, now) }
    }

    private func write(
        _ line: UnsafeRawBufferPointer, _ scheduler: Int, _ direction: Recording.Entry.Direction, _ now: Instant
    ) {
        guard files.indices.contains(scheduler) else { return }
        let text = String(decoding: line, as: UTF8.self)
        let entry = Recording.Entry(seconds: now.seconds(since: .start), direction: direction, line: text)
        // A full disk must not stop the run that is recorded; the file then ends early.
        fputs(entry.text, files[scheduler])
    }
}
