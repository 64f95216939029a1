import CLinux
import Glibc
import Synchronization

/// The process groups of the schedulers that run, and who ends them when this program is gone.
///
/// A program that is killed cannot tidy up. The kernel then ends the schedulers themselves, but not what they started; so
/// a small process beside this one waits for the end of a pipe, which comes however this program ends, and kills the
/// groups that are left.
final class GroupWatchdog: Sendable {
    static let shared = GroupWatchdog()

    private struct State {
        var groups: Set<pid_t> = []
        var pipe: Int32 = -1
        var isStarted = false
    }

    private let state = Mutex(State())

    private init() {}

    /// Reads `+ GROUP` and `- GROUP`; at the end of its input it kills the groups that were not taken back.
    private static let script = """
        trap '' HUP INT TERM QUIT
        all=
        while read -r what group; do
            left=
            for one in $all; do [ "$one" = "$group" ] || left="$left $one"; done
            all=$left
            [ "$what" = + ] && all="$all $group"
        done
        for one in $all; do kill -s KILL -- "-$one" 2>/dev/null; done
        """

    /// Takes note of a group that runs.
    func add(_ group: pid_t) {
        state.withLock { state in
            if !state.isStarted {
                state.isStarted = true
                state.pipe = GroupWatchdog.start()
            }
            state.groups.insert(group)
            GroupWatchdog.say("+ \(group)\n", to: state.pipe)
        }
    }

    /// Takes note that a group is no more.
    func remove(_ group: pid_t) {
        state.withLock { state in
            guard state.groups.remove(group) != nil else { return }
            GroupWatchdog.say("- \(group)\n", to: state.pipe)
        }
    }

    /// Kills every group.
    func endAll() {
        for group in state.withLock({ $0.groups }) { _ = kill(-group, SIGKILL) }
    }

    /// The pipe to a new watchdog, or −1 where none can be started: then the kernel's part must do.
    private static func start() -> Int32 {
        guard let pipe = Pipe() else { return -1 }
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer {
            close(pipe.readEnd)
            if null >= 0 { close(null) }
        }
        let spec = ProcessSpec(executable: "/bin/sh", arguments: ["-c", script], isBare: true)
        do throws(StartFailure) {
            _ = try ProcessStarter.shared.start(spec, [pipe.readEnd, null, null], endsWithUs: false)
        } catch {
            close(pipe.writeEnd)
            return -1
        }
        setNonBlocking(pipe.writeEnd)
        return pipe.writeEnd
    }

    private static func say(_ text: String, to pipe: Int32) {
        guard pipe >= 0 else { return }
        var text = text
        // Short enough to be written whole or not at all.
        _ = text.withUTF8 { write(pipe, $0.baseAddress, $0.count) }
    }
}
