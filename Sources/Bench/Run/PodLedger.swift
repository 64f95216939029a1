/// What the run knows of each pod, by the dispatcher's number for it, and how full the nodes are by its own count.
struct PodLedger {
    /// The stream of each pod.
    private(set) var streams: [Int32] = []
    /// When each pod was meant to arrive, in nanoseconds on the shell's clock.
    private var intended: [Int64] = []
    private var cpuMilli: [Int64] = []
    /// The node that each pod is on, or −1.
    private var nodes: [Int32] = []
    private var wasBound: [Bool] = []

    /// CPU taken and offered by node, in thousandths.
    private(set) var usedMilli: [Int64] = []
    private(set) var offeredMilli: [Int64] = []
    /// How often a binding left a node with more than it offers.
    private(set) var overcommits = 0

    /// How many pods there are.
    var count: Int { streams.count }

    mutating func setNode(_ node: Int, offeredMilli amount: Int64) {
        while offeredMilli.count <= node {
            offeredMilli.append(0)
            usedMilli.append(0)
        }
        offeredMilli[node] = amount
    }

    mutating func append(stream: Int, intended moment: Int64, cpuMilli amount: Int64) {
        streams.append(Int32(stream))
        intended.append(moment)
        cpuMilli.append(amount)
        nodes.append(-1)
        wasBound.append(false)
    }

    /// Notes a binding.
    ///
    /// - Returns: when the pod was meant to arrive, if it is bound for the first time.
    mutating func bind(_ pod: Int, to node: Int) -> Int64? {
        nodes[pod] = Int32(node)
        if node < usedMilli.count {
            usedMilli[node] += cpuMilli[pod]
            if usedMilli[node] > offeredMilli[node] { overcommits += 1 }
        }
        guard !wasBound[pod] else { return nil }
        wasBound[pod] = true
        return intended[pod]
    }

    /// Notes that a pod left its node, if it was on one.
    mutating func release(_ pod: Int) {
        let node = Int(nodes[pod])
        guard node >= 0 else { return }
        nodes[pod] = -1
        if node < usedMilli.count { usedMilli[node] -= cpuMilli[pod] }
    }

    /// Notes that a node left and its pods with it.
    mutating func removeNode(_ node: Int) {
        for pod in nodes.indices where nodes[pod] == Int32(node) { release(pod) }
        offeredMilli[node] = 0
    }
}
