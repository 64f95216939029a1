import ClusterModel
import ClusterTestKit
import Manifests
import Testing

@testable import Bench

/// What `bench compare` finds, and what it passes over.
@Suite struct ComparisonTests {
    /// A result whose runs have the given throughput and everything else in proportion.
    static func result(_ speeds: [Double]) -> BenchResult {
        let runs = speeds.map { speed in
            var run = RunResult()
            run.pods = 100_000
            run.seconds = 100_000 / speed
            run.podsPerSecond = speed
            run.dispatcherCPUSeconds = run.seconds
            run.latency.p99 = 1e6 / speed
            return run
        }
        var item = CaseResult(
            benchmark: "synthetic", size: "medium", summary: "", parameters: ["nodes": 5_000], schedulers: ["binpack"],
            commands: ["switchyard-binpack"], policies: "", runs: runs, medianRun: 0, series: RunSeries(), openLoop: [],
            floor: nil, goals: [], failures: [], core: nil)
        item.medianRun = speeds.count / 2
        var machine = Machine.current()
        machine.loadBefore = 0
        return BenchResult(
            machine: machine, build: Build(configuration: "release", programs: [:]), seed: 1, cases: [item])
    }

    /// Runs around a throughput, with noise of a share on either side.
    static func noisy(_ speed: Double, _ share: Double, _ random: inout SeededGenerator, count: Int = 5) -> [Double] {
        (0..<count).map { _ in speed * (1 + share * (Double(random.next(below: 2_001)) / 1_000 - 1)) }
    }

    @Test func aSlowdownOfAFifthIsFound() {
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let before = ComparisonTests.result(ComparisonTests.noisy(200_000, 0.04, &random))
            let after = ComparisonTests.result(ComparisonTests.noisy(160_000, 0.04, &random))
            let comparison = Comparison(before, after)
            #expect(!comparison.isClean, "seed \(seed): \(comparison.lines)")
            let better = Comparison(after, before)
            #expect(better.isClean && better.lines.contains { $0.verdict == .better }, "seed \(seed)")
        }
    }

    @Test func runsOfOneBuildAreNotTold() {
        var told = 0
        for seed in 0..<500 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let before = ComparisonTests.result(ComparisonTests.noisy(200_000, 0.15, &random))
            let after = ComparisonTests.result(ComparisonTests.noisy(200_000, 0.15, &random))
            if !Comparison(before, after).isClean { told += 1 }
        }
        // Noise of 15 % on either side, far more than an idle machine has: the level promises at most 1 % for each figure.
        #expect(told <= 5, "\(told) of 500 comparisons of equal builds found something")
    }

    @Test func aSmallChangeIsNotWorthTelling() {
        var random = SeededGenerator(seed: 1)
        let before = ComparisonTests.result(ComparisonTests.noisy(200_000, 0.001, &random))
        let after = ComparisonTests.result(ComparisonTests.noisy(188_000, 0.001, &random))
        #expect(Comparison(before, after).isClean)
    }

    @Test func aCaseThatFailsNowIsFound() {
        let before = ComparisonTests.result([1, 1, 1])
        var after = before
        after.cases[0].failures = ["run 1: expected 5 pods bound, found 4"]
        #expect(!Comparison(before, after).isClean)
        #expect(Comparison(after, before).isClean)
        after.cases[0].benchmark = "other"
        #expect(Comparison(before, after).warnings.count == 2)
    }

    @Test func aResultIsReadAsItWasWritten() throws {
        let result = ComparisonTests.result([100_000, 200_000, 300_000])
        let folder = try TemporaryFolder()
        let read = try BenchResult(path: folder.write("good.json", text: result.json))
        #expect(read.json == result.json)
        let faults = [
            "{}", "[1]", #"{"kind":"Other","version":1}"#, "", result.json.replacing("podsPerSecond", with: "x"),
        ]
        for (number, text) in faults.enumerated() {
            let path = try folder.write("bad-\(number).json", text: text)
            #expect(throws: InputError.self, "\(text.prefix(40))") { try BenchResult(path: path) }
        }
    }
}
