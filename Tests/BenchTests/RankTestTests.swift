import ClusterModel
import Testing

@testable import Bench

/// The rank test against counting all orders.
@Suite struct RankTestTests {
    /// How many of all ways to choose which values are the high ones give at least as many wins.
    private func oracle(_ high: [Double], _ low: [Double]) -> Double {
        let all = high + low
        func wins(_ chosen: Set<Int>) -> Double {
            var wins = 0.0
            for a in chosen { for b in all.indices where !chosen.contains(b) { wins += all[a] > all[b] ? 1 : 0 } }
            return wins
        }
        let seen = wins(Set(high.indices))
        var total = 0
        var asHigh = 0
        for mask in 0..<1 << all.count {
            let chosen = Set(all.indices.filter { mask >> $0 & 1 == 1 })
            guard chosen.count == high.count else { continue }
            total += 1
            if wins(chosen) >= seen { asHigh += 1 }
        }
        return Double(asHigh) / Double(total)
    }

    @Test func agreesWithCounting() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<60 {
            var values = (0..<10).map(Double.init)
            random.shuffle(&values)
            let split = 1 + random.next(below: 8)
            let size = split + 1 + random.next(below: 9 - split)
            let high = Array(values[..<split])
            let low = Array(values[split..<size])
            let found = RankTest.probability(that: high, isAbove: low)
            #expect(abs(found - oracle(high, low)) < 1e-12, "\(high) above \(low)")
        }
    }

    @Test func knownValues() {
        #expect(RankTest.leastProbability(5, 5) == 1.0 / 252)
        #expect(RankTest.leastProbability(1, 1) == 0.5)
        #expect(RankTest.probability(that: [1, 1, 1], isAbove: [1, 1, 1]) > 0.5)
    }
}
