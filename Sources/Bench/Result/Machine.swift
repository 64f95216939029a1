import Foundation
import Glibc

/// The machine that something was measured on.
public struct Machine: Codable, Hashable, Sendable {
    /// The processor's name, and how many of them this process may use.
    public var processor: String
    /// How many processors this process may use.
    public var cores: Int
    /// The memory of the machine.
    public var memoryBytes: Int
    /// Name and version of the kernel.
    public var kernel: String
    /// When the measurement began, in UTC.
    public var date: String
    /// How many threads wanted to run, on average over the last minute, before and after the measurement. A benchmark on a
    /// machine with other work says little.
    public var loadBefore: Double
    /// The same after the measurement.
    public var loadAfter: Double

    /// Looks at the machine that this process runs on.
    public static func current() -> Machine {
        let info = TextFile.read("/proc/cpuinfo") ?? ""
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
        let release = TextFile.read("/proc/sys/kernel/osrelease")?.trimmingCharacters(in: .whitespacesAndNewlines)
        return Machine(
            processor: name ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: Int(ProcessInfo.processInfo.physicalMemory),
            kernel: "Linux \(release ?? "unknown")", date: Date().ISO8601Format(), loadBefore: load, loadAfter: load)
    }

    /// Takes note of the load after the measurement.
    public mutating func finish() { loadAfter = Machine.load }

    /// The average number of threads that wanted to run in the last minute.
    static var load: Double {
        var averages = [0.0]
        return getloadavg(&averages, 1) == 1 ? averages[0] : 0
    }
}

/// The programs that were measured.
public struct Build: Codable, Hashable, Sendable {
    /// `release` or `debug`.
    public var configuration: String
    /// By program, a hash of its file: equal for the same build.
    public var programs: [String: String]

    /// Looks at this program and at those of the schedulers.
    ///
    /// - Parameter programs: paths of the schedulers' programs; what is no file is left out.
    public static func current(programs: [String]) -> Build {
        var hashes: [String: String] = [:]
        for path in ["/proc/self/exe"] + programs {
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            var hash = Checksum()
            data.withUnsafeBytes { hash.add($0) }
            let name =
                path == "/proc/self/exe" ? "switchyard" : path.split(separator: "/").last.map(String.init) ?? path
            hashes[name] = hash.text
        }
        #if DEBUG
            return Build(configuration: "debug", programs: hashes)
        #else
            return Build(configuration: "release", programs: hashes)
        #endif
    }
}

/// A sum of bytes that is equal for equal bytes (FNV-1a, 64 bits, over words of 8 bytes and then single ones).
struct Checksum {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            add(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        while offset < bytes.count {
            add(UInt64(bytes[offset]))
            offset += 1
        }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        add(0xFF)
    }

    private mutating func add(_ word: UInt64) {
        state = (state ^ word) &* 0x100_0000_01b3
        // Multiplication carries upwards only; without this the high bits of a word would never reach the low ones.
        state ^= state >> 29
    }

    var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
