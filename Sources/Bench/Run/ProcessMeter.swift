import Glibc

/// Reads what processes take of the machine.
enum ProcessMeter {
    /// The processor time of a running process so far, all its threads together; nil where it is gone.
    static func cpuSeconds(of process: pid_t) -> Double? {
        var clock = clockid_t()
        guard clock_getcpuclockid(process, &clock) == 0 else { return nil }
        return seconds(of: clock)
    }

    /// The processor time of this process so far.
    static var ownCPUSeconds: Double { seconds(of: CLOCK_PROCESS_CPUTIME_ID) ?? 0 }

    /// The processor time of the calling thread so far.
    static var threadCPUSeconds: Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) ?? 0 }

    private static func seconds(of clock: clockid_t) -> Double? {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The most memory that a process ever had resident, in bytes; nil where it is gone.
    static func peakMemoryBytes(of process: pid_t? = nil) -> Int? {
        let path = "/proc/\(process.map { String($0) } ?? "self")/status"
        let line = TextFile.read(path)?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    /// Whether a process waits for something rather than computes; true where it is gone.
    static func isWaiting(_ process: pid_t) -> Bool {
        // The state is the first field after the name, which stands in parentheses and may hold anything.
        guard let text = TextFile.read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return true }
        return text[end...].dropFirst(2).first != "R"
    }

    /// Forgets this process's peak, so that the next run has one of its own. The kernel may not allow it.
    static func resetPeakMemory() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }
}

/// Small files of the system.
enum TextFile {
    /// The text of a file, or nil where it cannot be read.
    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}

/// The processor time and memory of one scheduler, over all its processes.
///
/// A process that ends takes its clock with it, so what was read last counts for it: at most a sample's interval is lost.
struct SchedulerMeter {
    private var process: pid_t?
    private var endedSeconds = 0.0
    private var runningSeconds = 0.0
    private var startSeconds = 0.0
    private(set) var peakMemoryBytes = 0

    /// Reads the clock of the scheduler's present process.
    mutating func sample(_ current: pid_t?) {
        if current != process {
            endedSeconds += runningSeconds
            runningSeconds = 0
            process = current
        }
        guard let current else { return }
        if let seconds = ProcessMeter.cpuSeconds(of: current) { runningSeconds = seconds }
        if let bytes = ProcessMeter.peakMemoryBytes(of: current) { peakMemoryBytes = max(peakMemoryBytes, bytes) }
    }

    /// What is counted begins now.
    mutating func begin() { startSeconds = endedSeconds + runningSeconds }

    /// The processor time since `begin`.
    var cpuSeconds: Double { endedSeconds + runningSeconds - startSeconds }
}
