import DispatcherShell
import Foundation
import Glibc
import JSON

/// The least that a run's messages cost: the same bytes through a pipe and through the parser, and nothing else.
public struct FloorResult: Codable, Hashable, Sendable {
    /// Bytes that were moved and parsed.
    public var bytes: Int
    /// The share of the run's bytes that this was: 1 unless there were too many to keep.
    public var share: Double
    /// Processor time of both threads, in microseconds a measured pod.
    public var cpuMicrosecondsPerPod: Double
    /// Pods a second that the bytes of one pod allow, one thread writing, another parsing.
    public var podsPerSecond: Double
    /// How many times the floor's processor time a pod took.
    public var cpuRatio: Double
    /// How many times as fast the floor is.
    public var speedRatio: Double
}

/// Measures the floor.
enum Floor {
    /// Writes the lines into a pipe from one thread and parses them in another.
    ///
    /// - Parameters:
    ///   - lines: what was said in a run, by scheduler.
    ///   - run: that run.
    /// - Returns: nil where nothing was said, or no pipe is to be had.
    static func measure(_ lines: [Scribe.Lines], of run: RunResult) -> FloorResult? {
        let all = lines.flatMap { [$0.sent, $0.received] }
        let bytes = all.reduce(0) { $0 + $1.count }
        let total = run.schedulers.reduce(0) { $0 + $1.bytesSent + $1.bytesReceived }
        guard bytes > 0, run.pods > 0, let measured = replay(all) else { return nil }
        let share = min(1, Double(bytes) / Double(max(1, total)))
        let scale = 1 / (share * Double(run.pods))
        let cpu = measured.cpuSeconds * scale * 1e6
        let seconds = measured.seconds * scale
        return FloorResult(
            bytes: bytes, share: share, cpuMicrosecondsPerPod: cpu, podsPerSecond: 1 / max(seconds, 1e-12),
            cpuRatio: run.value(of: .cpuMicrosecondsPerPod) / max(cpu, 1e-9),
            speedRatio: 1 / max(seconds, 1e-12) / max(run.podsPerSecond, 1e-9))
    }

    /// Moves and parses; every line must be JSON.
    private static func replay(_ streams: [[UInt8]]) -> (seconds: Double, cpuSeconds: Double)? {
        guard let pipe = Pipe() else { return nil }
        let clock = ContinuousClock()
        let start = clock.now
        nonisolated(unsafe) var writerCPU = 0.0
        // Written by the thread before it signals, read after the wait.
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let before = ProcessMeter.threadCPUSeconds
            for bytes in streams { writeAll(bytes, to: pipe.writeEnd) }
            close(pipe.writeEnd)
            writerCPU = ProcessMeter.threadCPUSeconds - before
            done.signal()
        }
        let before = ProcessMeter.threadCPUSeconds
        parseAll(from: pipe.readEnd)
        let parserCPU = ProcessMeter.threadCPUSeconds - before
        close(pipe.readEnd)
        done.wait()
        let elapsed = (clock.now - start).components
        return (Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18, writerCPU + parserCPU)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                // As much at a time as the shell writes.
                let part = min(bytes.count - sent, 1 << 16)
                let count = write(descriptor, bytes.baseAddress.map { $0 + sent }, part)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    private static func parseAll(from descriptor: Int32) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        var framer = LineFramer(maxLineBytes: 64 << 20)
        var lines = 0
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            framer.push(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { event in
                guard case .line(let line) = event, !line.isEmpty, let document = try? JSONDocument(line) else {
                    return
                }
                lines += document.withRoot { $0.count } > 0 ? 1 : 0
            }
        }
    }
}
