/// Learns from the jobs that have ended how long those will run that have not.
///
/// Owners ask for more than they need, each in his own way but all in much the same proportion. What is kept is the
/// distribution of run time over estimate. A job that waits is expected to run the mean share of its estimate; one that has
/// run for some share already, the mean of those that ran longer than that. With estimates that are right, both are the
/// estimate itself.
struct RunTimePredictor: Sendable {
    private static let bins = 50
    /// By bin of the share: how many jobs, and the sum of their shares. One job that ran just as long as expected stands for
    /// those of which nothing is known yet.
    private var counts: [Double]
    private var sums: [Double]
    /// The same over a bin and all above it.
    private var countsAbove: [Double]
    private var sumsAbove: [Double]
    /// The sum of the squares of all shares.
    private var squares = 1.0

    init() {
        counts = Array(repeating: 0, count: RunTimePredictor.bins)
        sums = counts
        countsAbove = Array(repeating: 1, count: RunTimePredictor.bins + 1)
        sumsAbove = countsAbove
    }

    /// A job that was expected to run so long ran so long, both in milliseconds.
    mutating func learn(ran: Int, expected: Int) {
        let share = expected > 0 ? min(1, Double(ran) / Double(expected)) : 1
        let bin = min(RunTimePredictor.bins - 1, Int(share * Double(RunTimePredictor.bins)))
        counts[bin] += 1
        sums[bin] += share
        squares += share * share
        for index in 0...bin {
            countsAbove[index] += 1
            sumsAbove[index] += share
        }
    }

    /// How uncertain a prediction is: the standard deviation of the share, from 0 where estimates are right to a half.
    var deviation: Double {
        let mean = sumsAbove[0] / countsAbove[0]
        return max(0, squares / countsAbove[0] - mean * mean).squareRoot()
    }

    /// How long a job will run in all, in milliseconds, given what its owner expects and how long it has run.
    func predict(expected: Int, ran: Int = 0) -> Int {
        let share = expected > 0 ? Double(ran) / Double(expected) : 1
        // Those in the share's own bin may have ended by now, so the next one counts.
        let bin = ran <= 0 ? 0 : min(RunTimePredictor.bins, Int(share * Double(RunTimePredictor.bins)) + 1)
        return Int((Double(expected) * max(share, sumsAbove[bin] / countsAbove[bin])).rounded(.up))
    }
}
