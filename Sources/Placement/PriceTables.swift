/// What devices and cores can earn at given prices, for nodes of one GPU model.
///
/// For each of seven prices λ of a core: `D[r]` is the most that r hundredths of one device earn, `M[f]` the most that f
/// wholly free devices earn, both after paying for the cores of the pods that earn it.
struct PriceTables {
    static let levels = 7
    /// Steps of λ above the price at which pods without GPUs buy, in units of the average price.
    static let steps: [Double] = [0, 0.07, 0.2, 0.4, 0.7, 1.2, 2.5]
    static let shares = 101

    /// Prices of a core, ascending.
    private(set) var lambda = ContiguousArray(repeating: 0.0, count: levels)
    /// `D`, level by level, 101 each.
    private(set) var device: ContiguousArray<Double>
    /// `M`, level by level.
    private(set) var whole: ContiguousArray<Double>
    /// Cores of the pods that earn them.
    private(set) var deviceCores: ContiguousArray<Double>
    private(set) var wholeCores: ContiguousArray<Double>
    /// The type that takes a share (hundredths) of a device best, −1 for none, level by level.
    private var sharer: ContiguousArray<Int32>
    /// The share taken first of r hundredths, 0 to leave one; level by level.
    private var deviceStep: ContiguousArray<Int32>
    /// The type taken first of f devices, −1 to let one go to single pods; level by level.
    private var wholeStep: ContiguousArray<Int32>
    /// One past the most devices of a node.
    let devices: Int

    init(devices most: Int) {
        devices = most + 1
        device = ContiguousArray(repeating: 0, count: PriceTables.levels * PriceTables.shares)
        deviceCores = device
        whole = ContiguousArray(repeating: 0, count: PriceTables.levels * devices)
        wholeCores = whole
        sharer = ContiguousArray(repeating: -1, count: PriceTables.levels * PriceTables.shares)
        deviceStep = ContiguousArray(repeating: 0, count: PriceTables.levels * PriceTables.shares)
        wholeStep = ContiguousArray(repeating: -1, count: PriceTables.levels * devices)
    }

    /// Works the tables out from prices by type.
    ///
    /// - Parameter model: the model of the nodes; types that do not allow it earn nothing here.
    /// - Complexity: O(types + 100 × shares asked for + devices × types of several devices), for each level.
    mutating func update(
        _ types: ContiguousArray<PriceType>, _ prices: ContiguousArray<Double>, model: Int, reference: Double
    ) {
        var base = 0.0
        for (number, type) in types.enumerated() where type.devices == 0 && type.cores > 0 && type.allows(model) {
            base = max(base, prices[number] / type.cores)
        }
        for level in 0..<PriceTables.levels {
            lambda[level] = base + reference * PriceTables.steps[level]
            fillDevice(level, types, prices, model)
            fillWhole(level, types, prices, model)
        }
    }

    private mutating func fillDevice(
        _ level: Int, _ types: ContiguousArray<PriceType>, _ prices: ContiguousArray<Double>, _ model: Int
    ) {
        let at = level * PriceTables.shares
        var gain = ContiguousArray(repeating: 0.0, count: PriceTables.shares)
        for share in 0..<PriceTables.shares { sharer[at + share] = -1 }
        for (number, type) in types.enumerated() where type.devices == 1 && type.allows(model) {
            let net = prices[number] - lambda[level] * type.cores
            if net > gain[type.share] {
                gain[type.share] = net
                sharer[at + type.share] = Int32(number)
            }
        }
        let offered = (1..<PriceTables.shares).filter { sharer[at + $0] >= 0 }
        for room in 1..<PriceTables.shares {
            var best = device[at + room - 1]
            var step = 0
            for share in offered {
                if share > room { break }
                let value = gain[share] + device[at + room - share]
                if value > best { (best, step) = (value, share) }
            }
            device[at + room] = best
            deviceStep[at + room] = Int32(step)
            let cores = step == 0 ? 0 : types[Int(sharer[at + step])].cores
            deviceCores[at + room] = deviceCores[at + room - max(1, step)] + cores
        }
    }

    private mutating func fillWhole(
        _ level: Int, _ types: ContiguousArray<PriceType>, _ prices: ContiguousArray<Double>, _ model: Int
    ) {
        let at = level * devices
        let single = level * PriceTables.shares + 100
        for room in 1..<max(1, devices) {
            var best = whole[at + room - 1] + device[single]
            var step = -1
            for (number, type) in types.enumerated()
            where type.devices > 1 && type.devices <= room && type.allows(model) {
                let value = prices[number] - lambda[level] * type.cores + whole[at + room - type.devices]
                if value > best { (best, step) = (value, number) }
            }
            whole[at + room] = max(best, whole[at + room - 1])
            wholeStep[at + room] = Int32(step)
            wholeCores[at + room] =
                step < 0
                ? wholeCores[at + room - 1] + deviceCores[single]
                : wholeCores[at + room - types[step].devices] + types[step].cores
        }
    }

    /// What a node in a state is worth, and the level at which it is worth least.
    @inline(__always)
    func worth(_ state: PriceState) -> (value: Double, level: Int) {
        var least = Double.infinity
        var lowest = 0
        for level in 0..<PriceTables.levels {
            var value = lambda[level] * state.cores + whole[level * devices + state.whole]
            for position in state.parts.indices {
                value += device[level * PriceTables.shares + Int(state.parts[position]) / 10]
            }
            if value < least { (least, lowest) = (value, level) }
        }
        return (least, lowest)
    }

    /// The cores that the pods earning a state's worth at a level take.
    func cores(_ state: PriceState, _ level: Int) -> Double {
        var sum = wholeCores[level * devices + state.whole]
        for part in state.parts { sum += deviceCores[level * PriceTables.shares + Int(part) / 10] }
        return sum
    }

    /// Follows the tables back to the pods that earn what was sold, and adds them to the supply by type.
    ///
    /// - Parameter shares: how often r hundredths of a device were sold, by level; `wholes` likewise for whole devices.
    func follow(
        _ shares: inout ContiguousArray<Double>, _ wholes: inout ContiguousArray<Double>,
        _ types: ContiguousArray<PriceType>, supply: inout ContiguousArray<Double>
    ) {
        for level in 0..<PriceTables.levels {
            for room in stride(from: devices - 1, to: 0, by: -1) {
                let amount = wholes[level * devices + room]
                guard amount > 0 else { continue }
                let step = Int(wholeStep[level * devices + room])
                if step < 0 {
                    wholes[level * devices + room - 1] += amount
                    shares[level * PriceTables.shares + 100] += amount
                } else {
                    supply[step] += amount
                    wholes[level * devices + room - types[step].devices] += amount
                }
            }
            let at = level * PriceTables.shares
            for room in stride(from: 100, to: 0, by: -1) {
                let amount = shares[at + room]
                guard amount > 0 else { continue }
                let step = Int(deviceStep[at + room])
                if step > 0 { supply[Int(sharer[at + step])] += amount }
                shares[at + room - max(1, step)] += amount
            }
        }
    }
}

/// Pods that are alike to the prices.
struct PriceType: Hashable {
    /// Cores asked for.
    var cores: Double
    /// Devices asked for; zero for pods without GPUs.
    var devices: Int
    /// Hundredths of each device, 1 to 100.
    var share: Int
    /// GPU models that the pods allow, as bits; all ones is any.
    var models: UInt64

    /// GPUs asked for.
    var gpus: Double { Double(devices) * Double(share) / 100 }

    @inline(__always)
    func allows(_ model: Int) -> Bool { models & (1 << UInt64(model & 63)) != 0 }
}

/// What of a node the prices look at.
struct PriceState: Hashable {
    /// Free CPU in thousandths.
    var cpuMilli: Int64
    /// Wholly free devices.
    var whole: Int
    /// Free thousandths of the devices that are partly taken, ascending.
    var parts: ContiguousArray<Int32>
    /// The node's GPU model.
    var model: Int32

    /// Free thousandths of all devices.
    var freeMilli: Int64 { parts.reduce(Int64(whole) * 1000) { $0 + Int64($1) } }
    /// Free cores.
    var cores: Double { Double(max(0, cpuMilli)) / 1000 }
}
