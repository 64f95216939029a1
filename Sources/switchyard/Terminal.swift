import DispatcherShell
import Glibc
import Manifests
import Report

/// What is printed where: results on stdout, everything else on stderr, colour and progress only where a person looks.
enum Terminal {
    /// Whether stdout is a terminal that shows colour.
    static let hasColour = isatty(1) == 1 && getenv("NO_COLOR") == nil
    /// Whether stderr is a terminal, so that a line on it can be rewritten.
    static let showsProgress = isatty(2) == 1

    static func complain(_ text: String) { write(2, text + "\n") }

    static func print(_ text: String) { write(1, text + "\n") }

    /// Rewrites one line of stderr; nothing where that is not a terminal.
    static func progress(_ text: String) {
        guard showsProgress else { return }
        write(2, "\r\u{1B}[K\(text)")
    }

    static func endProgress() {
        guard showsProgress else { return }
        write(2, "\r\u{1B}[K")
    }

    static func bold(_ text: String) -> String { hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    static func dim(_ text: String) -> String { hasColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    static func warn(_ text: String) -> String { hasColour ? "\u{1B}[33m\(text)\u{1B}[0m" : text }

    /// Ends the program; after a signal with the code that says so.
    static func exit(_ code: Int32) -> Never { Glibc.exit(Interruption.exitCode ?? code) }

    /// Writes all of a text. A result that cannot be written is a failure; a remark that cannot is lost.
    private static func write(_ descriptor: Int32, _ text: String) {
        var text = text
        let code = text.withUTF8 { Descriptor.write(UnsafeRawBufferPointer($0), to: descriptor) }
        guard code != 0, descriptor == 1 else { return }
        // The reader has gone, such as a pager that was quit: as if SIGPIPE had ended us, and nothing to be said of it.
        if code == EPIPE { exit(128 + SIGPIPE) }
        complain("error: the result cannot be written to the standard output: \(String(cString: strerror(code)))")
        exit(1)
    }
}

/// Numbers as people read them.
enum Format {
    /// `1,234,567`.
    static func count(_ number: Int) -> String { NumberText.grouped(number) }

    /// `0.53 s`, `12 ms`, `340 µs`.
    static func seconds(_ value: Double) -> String {
        switch value {
        case 1...: "\(fixed(value, 2)) s"
        case 1e-3..<1: "\(fixed(value * 1e3, value < 0.01 ? 2 : 0)) ms"
        default: "\(fixed(value * 1e6, 0)) µs"
        }
    }

    /// `15.8 µs`, `0.21 µs`: a length of time that is a few microseconds.
    static func microseconds(_ value: Double) -> String {
        value >= 1_000 ? seconds(value / 1e6) : "\(fixed(value, value < 1 ? 2 : value < 100 ? 1 : 0)) µs"
    }

    /// `42.0 %`.
    static func percent(_ share: Double) -> String {
        "\(fixed(share * 100, share != 0 && abs(share) < 0.001 ? 3 : 1)) %"
    }

    /// `1.5 MB`.
    static func bytes(_ count: Int) -> String {
        switch count {
        case 1_000_000_000...: "\(fixed(Double(count) / 1e9, 1)) GB"
        case 1_000_000...: "\(fixed(Double(count) / 1e6, 1)) MB"
        case 1_000...: "\(fixed(Double(count) / 1e3, 1)) kB"
        default: "\(count) B"
        }
    }

    static func fixed(_ value: Double, _ digits: Int) -> String { NumberText.fixed(value, digits) ?? "\(value)" }
}
