/// Whether one set of values tends to lie above another: the test of Mann and Whitney, exact, for small sets.
///
/// Ranks, not values, so that one run that was disturbed says no more than that it was disturbed.
enum RankTest {
    /// How likely it is that values of `high` would lie so far above those of `low`, or further, if both came from the same
    /// source: 0 to 1.
    ///
    /// Ties count half. The distribution is that without ties, which makes the answer a little too large where there are
    /// some: on the side of finding no difference.
    /// - Complexity: O(n² m²) for sets of n and m values.
    static func probability(that high: [Double], isAbove low: [Double]) -> Double {
        guard !high.isEmpty, !low.isEmpty else { return 1 }
        var wins = 0.0
        for a in high { for b in low { wins += a > b ? 1 : a == b ? 0.5 : 0 } }
        // Wins of the other side: the statistic of which small values speak for a difference.
        let statistic = Int((Double(high.count * low.count) - wins).rounded(.up))
        let counts = distribution(high.count, low.count)
        let total = counts.reduce(0, +)
        return counts[...min(statistic, counts.count - 1)].reduce(0, +) / total
    }

    /// The least probability that sets of such sizes can give: that of values which do not overlap.
    static func leastProbability(_ n: Int, _ m: Int) -> Double {
        let counts = distribution(n, m)
        return counts[0] / counts.reduce(0, +)
    }

    /// In how many orders of n and m values the statistic is 0, 1, … n·m.
    private static func distribution(_ n: Int, _ m: Int) -> [Double] {
        // counts[i][u]: orders of i values of one set and j of the other, for j from 0 upwards; the last value of an order
        // belongs to one set, and beats all j of the other, or to the other.
        var counts = [[Double]](repeating: [1], count: n + 1)
        for j in 1...max(1, m) where m > 0 {
            var next = [[Double]](repeating: [1], count: n + 1)
            for i in 1...max(1, n) where n > 0 {
                var row = [Double](repeating: 0, count: i * j + 1)
                for (u, count) in next[i - 1].enumerated() { row[u + j] += count }
                for (u, count) in counts[i].enumerated() { row[u] += count }
                next[i] = row
            }
            counts = next
        }
        return counts[n]
    }
}
