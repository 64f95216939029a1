import BatchQueue
import ClusterTestKit
import Replay
import Testing
import Traces

@testable import BatchBench

@Suite struct BatchRunTests {
    /// On 4 processors: 1 runs for 10 s, 2 needs all, 3 fits beside 1 and ends with it, 4 is too long for that.
    private func trace() throws -> JobTrace {
        let folder = try TemporaryFolder()
        let text = """
            id,submit,run,procs,estimate
            1,0,10,3,10
            2,1,5,4,5
            3,2,8,1,8
            4,2,9,1,9

            """
        return try JobTable.load(path: try folder.write("jobs.csv", text: text), capacity: 4)
    }

    @Test func startsAreThoseOfThePolicy() throws {
        let trace = try trace()
        #expect(BatchRun.starts(of: trace, policy: .fcfs) == [0, 10, 15, 15])
        #expect(BatchRun.starts(of: trace, policy: .easy) == [0, 10, 2, 15])
    }

    @Test func figuresAreThoseOfTheStarts() throws {
        let figures = BatchRun.figures(of: try trace(), policy: .easy)
        #expect(figures.jobs == 4)
        #expect(figures.meanWait == Double(0 + 9 + 0 + 13) / 4)
        #expect(figures.longestWait == 13)
    }

    @Test func lossesAreCountedByThreshold() {
        func figures(mean: Double, slowdown: Double, longest: Int, utilization: Double) -> ScheduleFigures {
            var figures = ScheduleFigures()
            figures.meanWait = mean
            figures.meanBoundedSlowdown = slowdown
            figures.longestWait = longest
            figures.middleUtilization = utilization
            return figures
        }
        let other = figures(mean: 100, slowdown: 2, longest: 1_000, utilization: 0.900)
        var report = BatchReport(policy: .plan)
        for (name, own) in [
            ("a", figures(mean: 50, slowdown: 1, longest: 1_030, utilization: 0.8985)),
            ("b", figures(mean: 110, slowdown: 3, longest: 700, utilization: 0.905)),
            ("c", figures(mean: 102, slowdown: 2, longest: 1_300, utilization: 0.894)),
        ] {
            report.add(
                BatchReport.Row(
                    name: name, hasPerfectEstimates: name == "a", figures: own, easy: other, shortestFirst: other))
        }
        let idle = figures(mean: 0, slowdown: 1, longest: 0, utilization: 0.5)
        report.add(
            BatchReport.Row(name: "idle", hasPerfectEstimates: true, figures: idle, easy: idle, shortestFirst: idle))
        #expect(report.summaries.map(\.cases) == [3, 1, 2])
        #expect(report.summaries[0].lost == [[2, 1], [1, 1], [2, 2, 1, 1], [2, 1, 1]])
        #expect(abs(report.summaries[0].means[2] - 3.03 / 3) < 1e-12)
        #expect(abs(report.summaries[0].worst[3] - -0.6) < 1e-12)
        #expect(abs(report.summaries[0].worst[0] - 1.1) < 1e-12)
    }
}
