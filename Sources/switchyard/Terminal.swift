import ClusterModel
import DispatcherShell
import Glibc
import Manifests
import Report

/// What is printed where: results on stdout, everything else on stderr, colour and progress only where a person looks.
///
/// All text passes through here on its way out, and nothing that a terminal would act on gets by: tenants write names,
/// labels and messages. Within JSON the same characters are written as JSON has them, and mean what they did.
enum Terminal {
    /// Whether stdout is a terminal that shows colour.
    static let hasColour = isatty(1) == 1 && getenv("NO_COLOR") == nil
    /// Whether stderr is a terminal, so that a line on it can be rewritten.
    static let showsProgress = isatty(2) == 1

    /// Says one thing on stderr, on one line.
    static func complain(_ text: String) { write(2, text.printable + "\n") }

    /// Says something on stderr that has lines of its own.
    static func complain(lines text: String) { write(2, styled(text) + "\n") }

    /// Prints a result, of any number of lines.
    static func print(_ text: String) { write(1, styled(text) + "\n") }

    /// Rewrites one line of stderr; nothing where that is not a terminal.
    static func progress(_ text: String) {
        guard showsProgress else { return }
        write(2, "\r\u{1B}[K\(text.printable)")
    }

    static func endProgress() {
        guard showsProgress else { return }
        write(2, "\r\u{1B}[K")
    }

    static func bold(_ text: String) -> String { Style.bold.around(text) }

    static func dim(_ text: String) -> String { Style.dim.around(text) }

    static func warn(_ text: String) -> String { Style.warning.around(text) }

    /// How a part of a text looks.
    ///
    /// Until it is written, a style is a character that no text has: escape codes come into being in `styled` alone, so
    /// that those which an input brings along can never be taken for ours.
    private enum Style: String, CaseIterable {
        case bold = "\u{10FFF0}"
        case dim = "\u{10FFF1}"
        case warning = "\u{10FFF2}"
        case end = "\u{10FFF3}"

        var code: String {
            switch self {
            case .bold: "\u{1B}[1m"
            case .dim: "\u{1B}[2m"
            case .warning: "\u{1B}[33m"
            case .end: "\u{1B}[0m"
            }
        }

        func around(_ text: String) -> String {
            guard Terminal.hasColour else { return text.printableLines }
            return rawValue + text.printableLines + Style.end.rawValue
        }
    }

    /// A text as a terminal gets it: with our styles, and without anything else that it would act on.
    private static func styled(_ text: String) -> String {
        guard hasColour else { return text.printableLines }
        var result = ""
        var plain = ""
        for scalar in text.unicodeScalars {
            guard let style = Style(rawValue: String(scalar)) else {
                plain.unicodeScalars.append(scalar)
                continue
            }
            result += plain.printableLines + style.code
            plain = ""
        }
        return result + plain.printableLines
    }

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
