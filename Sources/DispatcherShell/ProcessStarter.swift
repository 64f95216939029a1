import CLinux
import Dispatch
import Glibc
import Synchronization

/// Why a process could not be started: what was tried, and which limit or which part of the command stands in the way.
public struct StartFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words that tell what to change.
    public var description: String

    init(_ description: String) { self.description = description }

    /// The failure of a pipe, which takes descriptors.
    static func pipe(_ code: Int32) -> StartFailure {
        switch code {
        case EMFILE:
            StartFailure(
                "no file descriptors are left: the limit is \(limit(switchyard_descriptor_limit())) (ulimit -n)")
        case ENFILE: StartFailure("no file descriptors are left in the whole system (sysctl fs.file-max)")
        default: StartFailure("there is no pipe: \(text(code))")
        }
    }

    /// The failure of a step of the start.
    static func step(_ step: Int32, _ code: Int32, _ program: String, _ folder: String?) -> StartFailure {
        switch (Int(step), code) {
        case (Int(SWITCHYARD_STEP_FORK), EAGAIN):
            StartFailure(
                "no more processes: the limit is \(limit(switchyard_process_limit())) processes and threads of this user "
                    + "(ulimit -u), or that of the container (pids.max)")
        case (_, ENOMEM):
            StartFailure("no memory is left: the limit is \(limit(switchyard_memory_limit())) bytes (ulimit -v)")
        case (_, EMFILE): pipe(code)
        case (Int(SWITCHYARD_STEP_FOLDER), _):
            StartFailure("the folder \(folder ?? ".") cannot be entered: \(text(code))")
        case (Int(SWITCHYARD_STEP_PROGRAM), _): StartFailure("the program \(program) cannot be run: \(text(code))")
        default: StartFailure(text(code))
        }
    }

    private static func limit(_ value: UInt64) -> String { value == .max ? "none" : "\(value)" }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}

/// Starts processes, all from one thread that lives as long as the program.
///
/// The kernel ends a process when the thread that started it is gone, which is what we want of a program that is killed
/// and of nothing else.
final class ProcessStarter: Sendable {
    static let shared = ProcessStarter()

    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let work = DispatchSemaphore(value: 0)
    private let hasThread = Atomic<Bool>(false)

    private init() {
        hasThread.store(Thread.start { [self] in serve() }, ordering: .relaxed)
    }

    private func serve() -> Never {
        while true {
            work.wait()
            jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
        }
    }

    /// Starts a program with the given descriptors as its stdin, stdout and stderr; its number.
    func start(_ spec: ProcessSpec, _ descriptors: [Int32], endsWithUs: Bool = true) throws(StartFailure) -> pid_t {
        let program = try ProcessStarter.path(of: spec)
        // Without a thread of its own the start is made from here, which is right as long as this thread stays.
        guard hasThread.load(ordering: .relaxed) else {
            return try ProcessStarter.spawn(program, spec, descriptors, endsWithUs)
        }
        let box = Box()
        let done = DispatchSemaphore(value: 0)
        jobs.withLock {
            $0.append {
                let result = ProcessStarter.result { () throws(StartFailure) in
                    try ProcessStarter.spawn(program, spec, descriptors, endsWithUs)
                }
                box.value.withLock { $0 = result }
                done.signal()
            }
        }
        work.signal()
        done.wait()
        guard let result = box.value.withLock({ $0 }) else { throw StartFailure("nobody started it") }
        return try result.get()
    }

    /// What two threads share for a moment.
    private final class Box: Sendable {
        let value = Mutex<Result<pid_t, StartFailure>?>(nil)
    }

    private static func result(_ body: () throws(StartFailure) -> pid_t) -> Result<pid_t, StartFailure> {
        do throws(StartFailure) { return .success(try body()) } catch { return .failure(error) }
    }

    private static func spawn(
        _ program: String, _ spec: ProcessSpec, _ descriptors: [Int32], _ endsWithUs: Bool
    ) throws(StartFailure) -> pid_t {
        let arguments = CStrings([spec.executable] + spec.arguments)
        let environment = CStrings(spec.wholeEnvironment)
        let started = switchyard_spawn(
            program, arguments.pointers, environment.pointers, spec.workingDirectory, descriptors, endsWithUs ? 1 : 0)
        guard started.process > 0 else {
            throw StartFailure.step(started.step, started.error, spec.executable, spec.workingDirectory)
        }
        return started.process
    }

    /// The program's path: a name without a slash is looked for in `PATH`.
    private static func path(of spec: ProcessSpec) throws(StartFailure) -> String {
        if let fault = spec.fault { throw StartFailure(fault) }
        guard let path = spec.resolvedPath else {
            throw StartFailure("the program \(spec.executable) cannot be run: it is in no folder of PATH")
        }
        return path
    }
}

/// Strings as C wants lists of them: ended by a null pointer.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
