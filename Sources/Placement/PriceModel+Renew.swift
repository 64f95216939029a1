extension PriceModel {
    /// Moves the prices towards those at which supply meets demand in the states that the nodes are in now.
    ///
    /// Multiplicative updates of the duals, with a running mean, which is what placement uses. Thirty rounds while few pods
    /// were seen, then ten smaller ones.
    /// - Complexity: O(rounds × (states × devices + tables)).
    mutating func renew() {
        normalize()
        var coreDemand = 0.0
        for type in types.indices where types[type].devices == 0 { coreDemand += counts[type] * types[type].cores }
        let isEarly = podsSeen < 500
        let rate = isEarly ? 0.2 : 0.06
        for _ in 0..<(isEarly ? 30 : 10) {
            updateTables(prices)
            let (supply, coresLeft, load) = sold()
            guard load > 0 else { break }
            // Cores are all alike, so pods without GPUs have one price a core among them.
            let coreShare = coreDemand > 0 ? coresLeft / (coreDemand / gpusSeen * load) : 0
            for type in types.indices where counts[type] > 0 {
                let demand = counts[type] / gpusSeen * load
                let share = types[type].devices == 0 ? coreShare : supply[type] / demand
                let change = max(-0.25, min(0.25, rate * (1 - share)))
                prices[type] = max(1e-7, prices[type] * Exponential.small(change))
            }
            normalize()
            let share = max(0.03, 1 / Double(iterations + 1))
            iterations += 1
            for type in types.indices { meanPrices[type] += share * (prices[type] - meanPrices[type]) }
        }
        updateTables(meanPrices)
    }

    /// Scales the prices so that the average GPU asked for is worth one.
    private mutating func normalize() {
        var sum = 0.0
        for type in types.indices { sum += counts[type] * prices[type] }
        guard sum > 0, gpusSeen > 0 else { return }
        let factor = gpusSeen / sum
        for type in types.indices { prices[type] *= factor }
    }

    /// How many pods of each type with GPUs the nodes hold when each earns the most it can, how many cores are left beside
    /// them, and what all nodes are worth together.
    private func sold() -> (ContiguousArray<Double>, coresLeft: Double, load: Double) {
        var supply = ContiguousArray(repeating: 0.0, count: types.count)
        var load = 0.0
        var coresLeft = 0.0
        for model in tables.indices {
            let table = tables[model]
            var shares = ContiguousArray(repeating: 0.0, count: PriceTables.levels * PriceTables.shares)
            var wholes = ContiguousArray(repeating: 0.0, count: PriceTables.levels * table.devices)
            for number in states.indices where multiplicity[number] > 0 && self.table(states[number].model) == model {
                let times = Double(multiplicity[number])
                let (value, level) = table.worth(states[number])
                load += times * value
                coresLeft += sell(states[number], level, times, table, &shares, &wholes)
            }
            table.follow(&shares, &wholes, types, supply: &supply)
        }
        return (supply, coresLeft, load)
    }

    /// Sells a state's devices at its level, blended with the nearest level whose pods miss the free cores on the other side.
    ///
    /// - Returns: the cores left over.
    private func sell(
        _ state: PriceState, _ level: Int, _ times: Double, _ table: PriceTables,
        _ shares: inout ContiguousArray<Double>,
        _ wholes: inout ContiguousArray<Double>
    ) -> Double {
        var left = 0.0
        let cores = state.cores
        let used = table.cores(state, level)
        var other = level
        let step = used > cores ? 1 : -1
        var neighbour = level + step
        while neighbour >= 0, neighbour < PriceTables.levels {
            let use = table.cores(state, neighbour)
            if used > cores ? use <= cores : use >= cores {
                other = neighbour
                break
            }
            neighbour += step
        }
        var weight = 1.0
        if other != level {
            let otherUse = table.cores(state, other)
            weight = otherUse == used ? 1 : (cores - otherUse) / (used - otherUse)
            add(state, other, times * (1 - weight), table, &shares, &wholes)
        } else if used > cores, used > 0 {
            // No level spares enough cores; only part of the devices can be sold.
            weight = cores / used
        } else {
            left = times * (cores - used)
        }
        add(state, level, times * weight, table, &shares, &wholes)
        return left
    }

    private func add(
        _ state: PriceState, _ level: Int, _ amount: Double, _ table: PriceTables,
        _ shares: inout ContiguousArray<Double>,
        _ wholes: inout ContiguousArray<Double>
    ) {
        wholes[level * table.devices + state.whole] += amount
        for part in state.parts { shares[level * PriceTables.shares + Int(part) / 10] += amount }
    }
}

/// The exponential function without a C library.
enum Exponential {
    /// `eˣ` for |x| ≤ ½, to the last bit or two.
    static func small(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        for n in 1...16 {
            term *= x / Double(n)
            sum += term
        }
        return sum
    }
}
