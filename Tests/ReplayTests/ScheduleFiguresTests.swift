import Testing

@testable import Replay

@Suite struct ScheduleFiguresTests {
    private func job(_ id: Int, _ submitted: Int, start: Int?, run: Int?, _ size: Double) -> ReplayResult.Job {
        ReplayResult.Job(id: id, submitted: submitted, run: run, size: size, start: start)
    }

    @Test func figuresOfAScheduleByHand() {
        // On 4 processors: 1 takes all for 20 s, 2 (1 s long) waits 20 s, 3 overtakes nobody, 4 starts before 3.
        let figures = ScheduleFigures(
            [
                job(1, 0, start: 0, run: 20, 4), job(2, 0, start: 20, run: 1, 2), job(3, 10, start: 30, run: 40, 4),
                job(4, 12, start: 20, run: 10, 2), job(5, 13, start: nil, run: 10, 2),
            ], capacity: 4)
        #expect(figures.jobs == 4)
        #expect(figures.meanWait == 12)
        #expect(figures.medianWait == 8)
        #expect(figures.p95Wait == 20)
        #expect(figures.longestWait == 20)
        // 1, 21 s over 10 s, 60 over 40, 18 over 10.
        #expect(abs(figures.meanBoundedSlowdown - (1 + 2.1 + 1.5 + 1.8) / 4) < 1e-12)
        #expect(abs(figures.areaWeightedWait - (20 * 2 + 20 * 160 + 8 * 20) / 262.0) < 1e-12)
        #expect(abs(figures.utilization - 262.0 / (4 * 70)) < 1e-12)
        #expect(figures.makespan == 70)
        #expect(figures.overtakers == 1)
    }

    @Test func jobsWithoutEndAreNotCounted() {
        let figures = ScheduleFigures(
            [job(1, 0, start: 5, run: nil, 1), job(2, 0, start: nil, run: 3, 1)], capacity: 1)
        #expect(figures == ScheduleFigures())
    }

    @Test func slicesAreMeansOverTime() {
        var timeline = Timeline()
        timeline.note(at: 0, waiting: 9, used: 0)
        timeline.note(at: 0, waiting: 2, used: 4)
        timeline.note(at: 15, waiting: 0, used: 8)
        timeline.note(at: 20, waiting: 0, used: 0)
        let slices = timeline.slices(2)
        #expect(slices.map(\.time) == [0, 10])
        #expect(slices.map(\.waiting) == [2, 1])
        #expect(slices.map(\.used) == [4, 6])
    }
}
