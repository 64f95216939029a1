import BatchQueue
import ClusterModel
import Glibc
import JSON
import Placement
import SchedulerProtocol

/// The run loop of a scheduler: reads messages, keeps the mirror, asks the algorithm, writes decisions.
///
/// One thread. It sleeps only when there is nothing to decide; between batches of decisions it takes in whatever has
/// arrived, so that decisions are made on fresh state.
public struct SchedulerProcess<Algorithm: SchedulingAlgorithm> {
    /// Pods decided between two looks at the input.
    private let batchSize = 256
    /// Reads of the input between two batches of decisions.
    private let readsPerBatch = 4
    private let input: Int32
    private let output: Int32
    private var framer = LineFramer(maxLineBytes: SchedulerProtocol.maxLineBytes)
    private var json = JSONWriter(capacity: 1 << 16)
    var mirror = Mirror()
    var algorithm: Algorithm?
    /// The groups that wait for their turn, of a scheduler that has a queue.
    var queue: GroupQueue?
    /// The workload's clock as it was last told, in milliseconds.
    var clock = 0
    private var isRunning = true
    var proposals: [ProposedPlacement] = []
    var transactions = 0
    /// Classes that fitted nowhere, with the state of the mirror when they did not.
    private var failures: [ClassIndex: (version: Int, diagnosis: Diagnosis)] = [:]
    /// Gangs that found no room, with the state of the mirror when they did not.
    var failedGangs: [GangShape: Int] = [:]
    /// Pods of one class in a row that fit nowhere, to be reported together.
    private var hopeless: (class: ClassIndex, pods: [WirePod])?

    /// Runs a scheduler on stdin and stdout until it is told to stop.
    public static func run() {
        // A stray print would break the protocol, so stdout is kept for it and descriptor 1 goes to stderr.
        let output = dup(1)
        dup2(2, 1)
        var process = SchedulerProcess(input: 0, output: output)
        process.run()
    }

    private init(input: Int32, output: Int32) {
        self.input = input
        self.output = output
    }

    private mutating func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        while isRunning {
            // What has arrived is taken in first, but not without end: pods that trickle in must not keep those before them
            // from being decided.
            var reads = 0
            while isRunning, mirror.work.isEmpty || (reads < readsPerBatch && hasInput()) {
                reads += 1
                let count = read(input, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                flush()
            }
            decideBatch()
            flush()
        }
    }

    private func hasInput() -> Bool {
        var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    // MARK: - Input

    private mutating func take(_ bytes: UnsafeRawBufferPointer) {
        var lines = framer
        lines.push(bytes) { event in
            switch event {
            case .line(let line):
                do throws(MessageError) {
                    if let message = try DispatcherMessage.decode(line) { receive(message) }
                } catch {
                    log("a line that is no message: \(error)")
                }
            case .overlong(_, let length): log("a line of \(length) bytes is too long")
            }
        }
        framer = lines
    }

    private mutating func receive(_ message: DispatcherMessage) {
        switch message {
        case .hello(let hello): greet(hello)
        case .share(let share, let shares): algorithm?.prefer(NodeShare(shard: share, of: shares))
        case .stop: isRunning = false
        default:
            mirror.apply(message)
            queue?.take(message, mirror)
        }
    }

    private mutating func greet(_ hello: Hello) {
        mirror.apply(.hello(hello))
        do {
            let made = try Algorithm(hello)
            algorithm = made
            algorithm?.prefer(NodeShare(shard: hello.shard, of: hello.shards))
            queue = made.queuePolicy.map { GroupQueue(policy: $0) }
            send(
                .ready(
                    Ready(
                        window: made.window,
                        capabilities: queue == nil ? [.transaction, .runs] : [.transaction, .runs, .hold])))
        } catch {
            log("cannot start: \(error)")
            exit(2)
        }
    }

    // MARK: - Decisions

    private mutating func decideBatch() {
        var decided = 0
        while decided < batchSize, let work = mirror.nextWork() {
            switch work {
            case .pod(let pod):
                decide(pod)
                decided += 1
            case .group(let id, let members):
                if !enqueue(members, of: id) { decide(members, of: id) }
                decided += members.count
            case .clock(let now): startJobs(at: now)
            case .ping(let id):
                sendProposals()
                sendHopeless()
                send(.pong(id))
            }
        }
        sendProposals()
        sendHopeless()
    }

    private mutating func decide(_ pod: PendingPod) {
        guard let index = mirror.classIndex(of: pod) else {
            log("pod \(pod.pod) names template \(pod.template), which was never described")
            return
        }
        if mirror.cell.hasNominations, let node = mirror.cell.nominatedNode(of: PodID(pod.pod)) {
            decide(pod, index, nominatedTo: node)
            return
        }
        // A search that found nothing finds nothing again as long as nothing has changed.
        if !failures.isEmpty, let failure = failures[index], failure.version == mirror.version {
            giveUp(pod, index)
            return
        }
        switch algorithm?.place(index, in: &mirror.cell) ?? .none {
        case .node(let node, let devices):
            mirror.assume(pod, class: index, on: node, devices)
            proposals.append(ProposedPlacement(pod: pod.pod, node: Int(node), devices: devices.rawValue))
        case .none:
            if let candidate = preemption(for: index) {
                preempt(for: pod, index, candidate)
            } else {
                giveUp(pod, index)
            }
        }
    }

    mutating func giveUp(_ pod: PendingPod, _ index: ClassIndex) {
        mirror.giveUp(pod)
        if failures[index]?.version != mirror.version {
            if failures.count > 10_000 { failures.removeAll() }
            if let diagnosis = algorithm?.diagnose(index, in: &mirror.cell) {
                failures[index] = (mirror.version, diagnosis)
            }
        }
        if hopeless?.class != index { sendHopeless() }
        hopeless = (index, (hopeless?.pods ?? []) + [pod.pod])
    }

    // MARK: - Output

    mutating func sendProposals() {
        guard !proposals.isEmpty else { return }
        send(.place(revision: mirror.revision, proposals))
        proposals.removeAll(keepingCapacity: true)
    }

    mutating func sendHopeless() {
        guard let (index, pods) = hopeless, let failure = failures[index] else { return }
        hopeless = nil
        sendProposals()
        send(
            .unschedulable(
                Unschedulable(
                    pods: pods, revision: mirror.revision, reasons: failure.diagnosis.reasons,
                    events: failure.diagnosis.events)))
    }

    mutating func send(_ message: SchedulerMessage) { message.write(to: &json, runs: true) }

    /// Writes what has gathered. This may wait for the dispatcher, which always reads.
    private mutating func flush() {
        var sent = 0
        let count = json.bytes.count
        while sent < count {
            let written = json.bytes.withUnsafeBytes { write(output, $0.baseAddress! + sent, count - sent) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { exit(0) }
            sent += written
        }
        json.removeAll()
    }

    func log(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
