import ClusterModel
import ClusterTestKit
import Testing
import Traces

@testable import BatchBench

@Suite struct BatchCaseTests {
    /// 200 jobs of up to a third of 16 processors.
    private func trace(seed: UInt64) throws -> JobTrace {
        var random = SeededGenerator(seed: seed)
        var lines = ["id,submit,run,procs,estimate"]
        var time = 5
        for id in 1...200 {
            time += random.next(below: 4_000)
            let run = 1 + random.next(below: 5_000)
            lines.append("\(id),\(time),\(run),\(1 + random.next(below: 5)),\(run + random.next(below: 9_000))")
        }
        let folder = try TemporaryFolder()
        return try JobTable.load(
            path: try folder.write("jobs.csv", text: lines.joined(separator: "\n") + "\n"), capacity: 16)
    }

    @Test func casesHaveNamesOfTheirOwn() {
        #expect(Set(BatchCase.all().map(\.name)).count == 84)
        #expect(Set(BatchCase.all()).isDisjoint(with: BatchCase.all(seed: 1)))
        #expect(BatchCase.base.count == 8)
        #expect(Set(BatchCase.base).isSubset(of: BatchCase.all()))
    }

    @Test func variantsAreWhatTheySay() throws {
        let original = try trace(seed: 3)
        for one in BatchCase.all() {
            let made = one.make(of: original)
            #expect(made.jobs == one.make(of: original).jobs, "\(one.name): the same seed, other jobs")
            #expect(zip(made.jobs, made.jobs.dropFirst()).allSatisfy { $0.submitted <= $1.submitted }, "\(one.name)")
            #expect(made.jobs.allSatisfy { $0.estimate >= $0.run }, "\(one.name)")
            if one.estimates == .perfect { #expect(made.jobs.allSatisfy { $0.estimate == $0.run }, "\(one.name)") }
            var load = original.offeredLoad
            if case .load(let wanted) = one.variation { load = wanted }
            let tolerance = one.variation == .jitter ? 0.1 : 0.01
            #expect(abs(made.offeredLoad / load - 1) < tolerance, "\(one.name): \(made.offeredLoad), not \(load)")
            let count: ClosedRange<Int> =
                switch one.variation {
                case .subset: 120...160
                case .first, .last: 100...100
                default: 200...200
                }
            #expect(count.contains(made.jobs.count), "\(one.name): \(made.jobs.count) jobs")
            if one.variation == .same {
                #expect(made.jobs.map(\.submitted) == original.jobs.map(\.submitted))
                #expect(made.jobs.map(\.run) == original.jobs.map(\.run))
            } else {
                #expect(made.jobs.map(\.submitted) != original.jobs.map(\.submitted) || one.variation == .runs)
            }
        }
    }

    @Test func anotherSeedMakesOtherJobs() throws {
        let original = try trace(seed: 4)
        for (one, other) in zip(BatchCase.all(), BatchCase.all(seed: 1)) {
            var isRandom = one.estimates != .perfect && one.estimates != .file
            if [.jitter, .subset, .shuffled, .runs].contains(one.variation) { isRandom = true }
            #expect((one.make(of: original).jobs != other.make(of: original).jobs) == isRandom, "\(one.name)")
        }
    }
}
