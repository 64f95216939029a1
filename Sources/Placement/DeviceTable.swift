import ClusterModel

/// The GPU devices of the nodes, with the free share of each.
///
/// A share sits on one device; whole devices must be wholly free. A device's free share falls below zero where pods that
/// were placed already take more than it has.
///
/// A node with more devices than a set can name, as time-slicing makes them, is a pool: its devices are counted and have no
/// indices, and it has no shares.
struct DeviceTable {
    /// The devices of a node that are only counted.
    struct Pool: Hashable {
        /// How many there are.
        var size: Int64
        /// How many are taken.
        var used: Int64 = 0
    }

    /// The most devices of a node; more are left unused.
    static let mostDevices: Int64 = 1 << 20

    /// By node: where its devices begin in `free`; −1 where it has none.
    private var start: ContiguousArray<Int32> = []
    /// By node: how many devices it has.
    private(set) var count: ContiguousArray<UInt8> = []
    /// How many nodes have devices.
    private(set) var nodeCount = 0
    /// Free thousandths, by device.
    private var free: ContiguousArray<Int32> = []
    private var spare: [Int: [Int32]] = [:]
    /// By node: its devices where they are only counted. Few nodes are pools, if any.
    private var pools: [Int: Pool] = [:]

    /// Makes room for nodes below `count`.
    mutating func grow(to nodes: Int) {
        guard nodes > start.count else { return }
        let more = nodes - start.count
        start.append(contentsOf: repeatElement(-1, count: more))
        count.append(contentsOf: repeatElement(0, count: more))
    }

    /// Gives a node this many wholly free devices.
    mutating func reset(_ node: Int, devices offered: Int64) {
        let isPool = offered > Int64(GPU.maxDevices)
        pools[node] = isPool ? Pool(size: min(offered, DeviceTable.mostDevices)) : nil
        let devices = isPool ? 0 : Int(max(0, offered))
        if Int(count[node]) != devices {
            if start[node] >= 0 { spare[Int(count[node]), default: []].append(start[node]) }
            if devices == 0 {
                start[node] = -1
            } else if let reused = spare[devices]?.popLast() {
                start[node] = reused
            } else {
                start[node] = Int32(free.count)
                free.append(contentsOf: repeatElement(0, count: devices))
            }
            nodeCount += (devices > 0 ? 1 : 0) - (count[node] > 0 ? 1 : 0)
            count[node] = UInt8(devices)
        }
        guard devices > 0 else { return }
        let first = Int(start[node])
        for device in first..<first + devices { free[device] = Int32(GPU.milliPerDevice) }
    }

    /// The free thousandths of a device of a node.
    func free(_ node: Int, _ device: Int) -> Int32 { free[Int(start[node]) + device] }

    /// Whether the node's devices are only counted.
    func isPool(_ node: Int) -> Bool { !pools.isEmpty && pools[node] != nil }

    /// Takes for a pod with this need the devices given (or gives them back), of those that the node has.
    mutating func take(_ node: Int, _ devices: DeviceSet, _ need: DeviceNeed, sign: Int32 = 1) {
        if isPool(node) {
            pools[node]?.used += Int64(sign) * Int64(need.count)
            return
        }
        let milli = sign * need.milli
        let has = Int(count[node])
        var rest = devices.rawValue
        while rest != 0 {
            let device = rest.trailingZeroBitCount
            rest &= rest &- 1
            guard device < has else { break }
            free[Int(start[node]) + device] &-= milli
        }
    }

    /// How many devices are wholly free, and the largest free share of one device.
    func summary(_ node: Int) -> (whole: Int64, share: Int64) {
        if isPool(node) { return (pools[node].map { $0.size - $0.used } ?? 0, 0) }
        var whole: Int64 = 0
        var share: Int64 = 0
        let first = Int(start[node])
        for device in 0..<Int(count[node]) {
            let left = Int64(free[first + device])
            if left == GPU.milliPerDevice { whole += 1 }
            share = max(share, left)
        }
        return (whole, share)
    }

    /// The thousandths taken on a node, over all devices.
    func used(_ node: Int) -> Int64 {
        if isPool(node) { return (pools[node]?.used ?? 0) * GPU.milliPerDevice }
        var used: Int64 = 0
        for device in 0..<Int(count[node]) { used += GPU.milliPerDevice - Int64(free(node, device)) }
        return used
    }

    /// Whether exactly these devices can be given to a pod with this need.
    func fits(_ node: Int, _ wanted: DeviceSet, _ need: DeviceNeed) -> Bool {
        if isPool(node) { return wanted.isEmpty && (need.count == 0 || choose(node, need) != nil) }
        let has = Int(count[node])
        guard wanted.count == need.count else { return false }
        guard wanted.rawValue == 0 || 63 - wanted.rawValue.leadingZeroBitCount < has else { return false }
        return wanted.indices.allSatisfy { free(node, $0) >= need.milli }
    }

    /// The tightest choice: a share on the fullest device that still holds it, whole devices by lowest index.
    ///
    /// - Returns: nil where the node cannot hold the pod; the empty set where its devices are only counted.
    func choose(_ node: Int, _ need: DeviceNeed) -> DeviceSet? {
        if isPool(node) {
            let isWhole = need.milli == Int32(GPU.milliPerDevice)
            return isWhole && summary(node).whole >= Int64(need.count) ? DeviceSet() : nil
        }
        let has = Int(count[node])
        guard need.count <= has else { return nil }
        if need.count == 1 {
            var best = -1
            for device in 0..<has where free(node, device) >= need.milli {
                if best < 0 || free(node, device) < free(node, best) { best = device }
            }
            return best < 0 ? nil : DeviceSet(rawValue: 1 << UInt64(best))
        }
        var bits: UInt64 = 0
        var left = need.count
        for device in 0..<has where left > 0 && free(node, device) >= need.milli {
            bits |= 1 << UInt64(device)
            left -= 1
        }
        return left == 0 ? DeviceSet(rawValue: bits) : nil
    }

    /// Devices for a pod that stands on the node already and names none: the tightest, or the freest where none fits.
    func assume(_ node: Int, _ need: DeviceNeed) -> DeviceSet {
        if let fitting = choose(node, need) { return fitting }
        if isPool(node) { return DeviceSet() }
        let freest = (0..<Int(count[node])).sorted { (-free(node, $0), $0) < (-free(node, $1), $1) }
        return DeviceSet(indices: Array(freest.prefix(need.count)))
    }
}

/// What a pod takes of GPU devices: a number of devices, and the same thousandths of each.
struct DeviceNeed: Hashable {
    /// How many devices; zero for pods without GPUs.
    var count = 0
    /// Thousandths of each: 1,000 for whole devices, less for a share, which is on a single device.
    var milli: Int32 = 0

    /// The need of a pod that asks for `whole` devices and `share` thousandths.
    ///
    /// A pod that asks for both gets its share as one more whole device, since a share is on one device alone.
    init(whole: Int64, share: Int64) {
        guard whole > 0 || share > 0 else { return }
        let most: Int64 = 1 << 20
        if whole > 0 {
            count = Int(min(whole, most)) + (share > 0 ? 1 : 0)
            milli = Int32(GPU.milliPerDevice)
        } else {
            count = 1
            milli = Int32(min(share, most))
        }
    }
}
