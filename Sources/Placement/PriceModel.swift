import ClusterModel

/// Prices of pods, learned from those seen so far, and what they make of nodes: where a pod costs its node the least
/// worth.
///
/// The idea: maximise the load at which all expected pods still fit. The duals of that linear program are a price for
/// each type of pod; a node is worth the most that it can earn, and a pod goes where it destroys the least worth. Prices are
/// renewed now and then, between placements; nodes in the same state share one record, and what a type costs a state is
/// remembered until the prices change.
struct PriceModel {
    /// The step in which losses are told apart.
    let quantum: Double
    /// How many pods are seen between renewals.
    private let renewalPods: Int

    /// Types of pods seen.
    private(set) var types: ContiguousArray<PriceType> = []
    private var typeNumbers: [PriceType: Int32] = [:]
    /// By class: its type, with the class's generation.
    private var typeOfClass: ContiguousArray<(generation: UInt32, type: Int32)> = []
    /// By type: how many pods were seen.
    var counts: ContiguousArray<Double> = []
    /// By type: the price being worked out, and its running mean, which placement uses.
    var prices: ContiguousArray<Double> = []
    var meanPrices: ContiguousArray<Double> = []
    /// Pods seen, and GPUs that they asked for.
    var podsSeen = 0
    var gpusSeen = 0.0
    /// GPUs that became free again.
    private var gpusReleased = 0.0
    var iterations = 0
    private var nextRenewal = 1
    /// Grows with every renewal, so that what depends on prices can tell.
    private(set) var epoch: UInt32 = 0

    /// Distinct states of nodes; those without nodes are reused.
    private(set) var states: ContiguousArray<PriceState> = []
    private(set) var multiplicity: ContiguousArray<Int32> = []
    private var stateNumbers: [PriceState: Int32] = [:]
    private var freeStates: ContiguousArray<Int32> = []
    /// Grows when a state number gets another meaning.
    private var stateStamps: ContiguousArray<UInt32> = []
    /// By node: its state, −1 for none.
    private(set) var stateOf: ContiguousArray<Int32> = []
    private var seen = -1
    /// GPU devices of the whole cell.
    private(set) var deviceTotal = 0
    private var devicesOf: ContiguousArray<UInt8> = []

    /// Tables by GPU model; one alone where no pod names models.
    var tables: ContiguousArray<PriceTables> = []
    var isTyped = false
    private var modelTopology: Int32 = -1
    private var modelCount = 1
    private var mostDevices = 8

    /// By type: losses by state, remembered.
    private var losses: ContiguousArray<ContiguousArray<RememberedLoss>> = []
    private var worths: ContiguousArray<(epoch: UInt32, stamp: UInt32, value: Double, core: Double)> = []

    /// The mix of pods seen: what CPU, memory and extended resources are worth.
    private(set) var mix = MixWorth()
    /// Whether the cell had GPUs when it was last looked at.
    private(set) var hasDevices = false

    private struct RememberedLoss {
        var epoch: UInt32 = 0
        var stamp: UInt32 = 0
        var loss: Int32 = 0
        /// What a core of the state is worth at the margin.
        var coreWorth = 0.0
        /// The free thousandths of the device to take.
        var part: Int32 = 0
    }

    init(quantum: Double, renewalPods: Int) {
        self.quantum = max(quantum, 1e-6)
        self.renewalPods = max(1, renewalPods)
    }

    // MARK: The cell

    /// Follows the cell: states of the nodes that changed.
    ///
    /// - Complexity: O(changes × devices), O(nodes) at first.
    mutating func follow(_ cell: inout Cell) {
        if hasDevices != (cell.devices.nodeCount > 0) {
            hasDevices.toggle()
            epoch &+= 1
        }
        // Without GPUs nothing goes by states, which cost more to follow than the rest together.
        guard hasDevices || deviceTotal > 0 else { return }
        if modelTopology < 0 { modelTopology = cell.topology(GPU.modelLabel) }
        guard seen != cell.changes.end else { return }
        if stateOf.count < cell.nodeCapacity {
            let more = cell.nodeCapacity - stateOf.count
            stateOf.append(contentsOf: repeatElement(-1, count: more))
            devicesOf.append(contentsOf: repeatElement(0, count: more))
        }
        if seen < cell.changes.base {
            for node in 0..<cell.nodeCapacity { update(node, cell) }
        } else {
            for position in (seen - cell.changes.base)..<cell.changes.entries.count {
                update(Int(cell.changes.entries[position]), cell)
            }
        }
        seen = cell.changes.end
    }

    private mutating func update(_ node: Int, _ cell: borrowing Cell) {
        let old = stateOf[node]
        let count = cell.nodes.present[node] ? cell.devices.count[node] : 0
        deviceTotal += Int(count) - Int(devicesOf[node])
        devicesOf[node] = count
        guard cell.nodes.present[node] else {
            leave(old)
            stateOf[node] = -1
            return
        }
        var state = PriceState(
            cpuMilli: max(0, cell.resources.free[ResourceID.cpu][node]), whole: 0, parts: [],
            model: cell.topologies[Int(modelTopology)].domainOf[node] + 1)
        for device in 0..<Int(count) {
            let left = cell.devices.free(node, device)
            if left == Int32(GPU.milliPerDevice) { state.whole += 1 } else if left > 0 { state.parts.append(left) }
        }
        state.parts.sort()
        if Int(count) > mostDevices {
            mostDevices = Int(count)
            rebuildTables()
        }
        if Int(state.model) >= modelCount {
            modelCount = Int(state.model) + 1
            if isTyped { rebuildTables() }
        }
        if old >= 0 {
            if states[Int(old)] == state { return }
            let freed = state.freeMilli - states[Int(old)].freeMilli
            if freed > 0 { gpusReleased += Double(freed) / Double(GPU.milliPerDevice) }
            leave(old)
        }
        stateOf[node] = enter(state)
    }

    private mutating func leave(_ number: Int32) {
        guard number >= 0 else { return }
        multiplicity[Int(number)] -= 1
        guard multiplicity[Int(number)] == 0 else { return }
        stateNumbers[states[Int(number)]] = nil
        freeStates.append(number)
    }

    private mutating func enter(_ state: PriceState) -> Int32 {
        if let number = stateNumbers[state] {
            multiplicity[Int(number)] += 1
            return number
        }
        let number: Int32
        if let free = freeStates.popLast() {
            number = free
            states[Int(free)] = state
            multiplicity[Int(free)] = 1
            stateStamps[Int(free)] &+= 1
        } else {
            number = Int32(states.count)
            states.append(state)
            multiplicity.append(1)
            stateStamps.append(1)
            worths.append((0, 0, 0, 0))
        }
        stateNumbers[state] = number
        return number
    }

    private mutating func rebuildTables() {
        tables = ContiguousArray(
            repeating: PriceTables(devices: mostDevices), count: isTyped ? min(64, modelCount) : 1)
        updateTables(meanPrices)
        epoch &+= 1
    }

    /// The tables for nodes of a model.
    @inline(__always)
    func table(_ model: Int32) -> Int { isTyped ? min(63, Int(model)) : 0 }

    /// Works the tables out from the given prices.
    mutating func updateTables(_ prices: ContiguousArray<Double>) {
        if tables.isEmpty { tables = [PriceTables(devices: mostDevices)] }
        var demand = 0.0
        for number in types.indices { demand += counts[number] * types[number].cores }
        let reference = demand > 0 && gpusSeen > 0 ? gpusSeen / demand : 0
        for model in tables.indices { tables[model].update(types, prices, model: model, reference: reference) }
    }

    // MARK: Pods

    /// The type of a class's pods.
    mutating func type(_ index: ClassIndex, _ cell: inout Cell) -> Int {
        let generation = cell.classes[Int(index)].generation
        if Int(index) >= typeOfClass.count {
            typeOfClass.append(
                contentsOf: repeatElement(
                    (generation: UInt32(0), type: Int32(0)), count: Int(index) + 1 - typeOfClass.count))
        }
        if typeOfClass[Int(index)].generation == generation { return Int(typeOfClass[Int(index)].type) }
        let number = number(describe(index, cell))
        typeOfClass[Int(index)] = (generation, number)
        return Int(number)
    }

    private func describe(_ index: ClassIndex, _ cell: Cell) -> PriceType {
        let record = cell.classes[Int(index)]
        let cpu = record.requests.first { $0.resource == ResourceID.cpu }?.amount ?? 0
        var models = UInt64.max
        if record.affinitySet >= 0, record.need.count > 0 {
            var allowed: UInt64 = 0
            var present: UInt64 = 0
            cell.nodes.present.forEach { node in
                guard cell.devices.count[node] > 0 else { return }
                let bit: UInt64 = 1 << UInt64(min(63, cell.topologies[Int(modelTopology)].domainOf[node] + 1))
                present |= bit
                if allowed & bit == 0, cell.nodes.meets(record.affinitySet, node) { allowed |= bit }
            }
            if allowed != 0, allowed != present { models = allowed }
        }
        let share = record.need.count == 0 ? 0 : min(100, max(1, (Int(record.need.milli) + 9) / 10))
        return PriceType(cores: Double(cpu) / 1000, devices: record.need.count, share: share, models: models)
    }

    private mutating func number(_ type: PriceType) -> Int32 {
        if let number = typeNumbers[type] { return number }
        let number = Int32(types.count)
        types.append(type)
        typeNumbers[type] = number
        counts.append(0)
        let guess = 0.9 * type.gpus + 0.1 * type.cores / 14
        // A new type without GPUs pays for a core what the others pay.
        let like = types.indices.first {
            type.devices == 0 && $0 < Int(number) && types[$0].devices == 0 && types[$0].cores > 0
        }
        prices.append(like.map { prices[$0] / types[$0].cores * type.cores } ?? guess)
        meanPrices.append(like.map { meanPrices[$0] / types[$0].cores * type.cores } ?? guess)
        losses.append([])
        if type.models != .max, !isTyped {
            isTyped = true
            rebuildTables()
        }
        return number
    }

    /// Takes note of a pod to be placed, and renews what is learned when enough were seen.
    ///
    /// - Returns: the type of the pod; −1 in a cell without GPUs.
    mutating func see(_ index: ClassIndex, _ cell: inout Cell) -> Int {
        follow(&cell)
        if mix.see(index, cell) { epoch &+= 1 }
        guard hasDevices else { return -1 }
        let type = type(index, &cell)
        see(type)
        return type
    }

    private mutating func see(_ type: Int) {
        podsSeen += 1
        counts[type] += 1
        gpusSeen += types[type].gpus
        guard podsSeen >= nextRenewal, deviceTotal > 0, gpusSeen > 0 else { return }
        // Once more was asked for than there is, prices of what little is left only mislead, until pods leave.
        guard gpusSeen < 1.02 * Double(deviceTotal) + gpusReleased else { return }
        nextRenewal = podsSeen < 160 ? podsSeen * 2 : podsSeen < 310 ? 310 : podsSeen + renewalPods
        renew()
        epoch &+= 1
    }

    /// The device of a node for a pod of the class: the one that keeps most worth, where it still holds the pod.
    mutating func device(_ type: Int, _ index: ClassIndex, _ node: NodeIndex, _ cell: Cell) -> DeviceSet? {
        let need = cell.classes[Int(index)].need
        guard need.count == 1, need.milli < Int32(GPU.milliPerDevice) else { return nil }
        let part = bestPart(type, Int(node))
        guard part >= need.milli else { return nil }
        for device in 0..<Int(cell.devices.count[Int(node)]) where cell.devices.free(Int(node), device) == part {
            return DeviceSet(rawValue: 1 << UInt64(device))
        }
        return nil
    }

    /// Whether there is something to tell losses by: in a cell with GPUs prices, in others the mix.
    var isReady: Bool { hasDevices ? iterations > 0 && deviceTotal > 0 : mix.isReady }

    /// What the losses of a class's pods go by.
    mutating func priced(_ index: ClassIndex, _ cell: inout Cell) -> PricedClass {
        PricedClass(
            type: hasDevices ? type(index, &cell) : -1, demand: mix.demand(index, cell),
            extras: mix.extraDemand(index, cell))
    }

    // MARK: Losses

    /// What a pod costs a node, in steps of the quantum: zero or below.
    ///
    /// In a cell with GPUs memory counts by the cores that lie idle for want of it, at what a core is worth there.
    @inline(__always)
    mutating func loss(_ priced: borrowing PricedClass, _ node: Int, _ table: borrowing ResourceTable) -> Int32 {
        let skew = mix.skew(table, node)
        let extra = mix.extras.isEmpty ? 0 : mix.extraLoss(priced.demand, priced.extras, table, node)
        if priced.type < 0 {
            return MixWorth.steps(MixWorth.loss(priced.demand, skew: skew) + extra, quantum: quantum)
        }
        let known = remembered(priced.type, Int(stateOf[node]))
        let stranded = MixWorth.stranding(priced.demand, skew: skew) + extra
        if stranded == 0 { return known.loss }
        let more = MixWorth.steps(stranded * known.coreWorth * mix.cpu / 1000, quantum: quantum)
        return max(-PricedScore.mostSteps, known.loss &+ more)
    }

    /// What a pod that asks for CPU and memory alone costs a node of a cell without GPUs.
    @inline(__always)
    func plainLoss(_ demand: MixWorth.Demand, _ node: Int, _ table: borrowing ResourceTable) -> Int32 {
        let extra = mix.extras.isEmpty ? 0 : mix.extraLoss(demand, [], table, node)
        return MixWorth.steps(MixWorth.loss(demand, skew: mix.skew(table, node)) + extra, quantum: quantum)
    }

    /// The free thousandths of the device that a pod of a type had better take on a node.
    mutating func bestPart(_ type: Int, _ node: Int) -> Int32 { remembered(type, Int(stateOf[node])).part }

    @inline(__always)
    private mutating func remembered(_ type: Int, _ state: Int) -> RememberedLoss {
        if state >= losses[type].count {
            let more = max(64, states.count - losses[type].count)
            losses[type].append(contentsOf: repeatElement(RememberedLoss(), count: more))
        }
        let known = losses[type][state]
        if known.epoch == epoch, known.stamp == stateStamps[state] { return known }
        let fresh = evaluate(type, state)
        losses[type][state] = fresh
        return fresh
    }

    private mutating func evaluate(_ type: Int, _ number: Int) -> RememberedLoss {
        let state = states[number]
        let table = table(state.model)
        if worths[number].epoch != epoch || worths[number].stamp != stateStamps[number] {
            let (value, level) = tables[table].worth(state)
            worths[number] = (epoch, stateStamps[number], value, tables[table].lambda[level])
        }
        let before = worths[number].value
        let (after, part) = successor(types[type], milli: Int32(types[type].share * 10), state, table)
        let steps = ((after - before) / quantum + 1e-6).rounded(.down)
        let loss = Int32(max(-Double(PricedScore.mostSteps), min(0, steps)))
        return RememberedLoss(
            epoch: epoch, stamp: stateStamps[number], loss: loss, coreWorth: worths[number].core, part: part)
    }

    /// The worth of the best state that placing a pod can lead to, and the device that leads there.
    private func successor(_ type: PriceType, milli: Int32, _ state: PriceState, _ table: Int) -> (Double, Int32) {
        var next = state
        next.cpuMilli = max(0, state.cpuMilli - Int64((type.cores * 1000).rounded()))
        if type.devices == 0 { return (tables[table].worth(next).value, 0) }
        if type.devices > 1 || type.share == 100 {
            next.whole = max(0, state.whole - type.devices)
            return (tables[table].worth(next).value, Int32(GPU.milliPerDevice))
        }
        var best = -Double.infinity
        var choice: Int32 = Int32(GPU.milliPerDevice)
        var previous: Int32 = -1
        for (position, part) in state.parts.enumerated() where part >= milli - 9 && part != previous {
            previous = part
            var other = next
            other.parts.remove(at: position)
            if part > milli { other.parts.append(part - milli) }
            let value = tables[table].worth(other).value
            if value > best { (best, choice) = (value, part) }
        }
        if state.whole > 0 {
            var other = next
            other.whole -= 1
            other.parts.append(Int32(GPU.milliPerDevice) - milli)
            let value = tables[table].worth(other).value
            if value > best { (best, choice) = (value, Int32(GPU.milliPerDevice)) }
        }
        return best == -.infinity ? (tables[table].worth(next).value, choice) : (best, choice)
    }
}

/// What the losses of a class's pods go by.
struct PricedClass {
    /// The type that the GPU prices know the class by; −1 in a cell without GPUs.
    var type: Int
    var demand: MixWorth.Demand
    /// Extended resources, by position in the mix's.
    var extras: ContiguousArray<Double>

    static let none = PricedClass(type: -1, demand: MixWorth.Demand(), extras: [])
}
