import Testing

@testable import BatchQueue

@Suite struct RunTimePredictorTests {
    @Test func rightEstimatesLeaveNothingUncertain() {
        var predictor = RunTimePredictor()
        for length in 1...500 { predictor.learn(ran: length * 1_000, expected: length * 1_000) }
        #expect(predictor.deviation == 0)
        #expect(predictor.predict(expected: 7_000) == 7_000)
        #expect(predictor.predict(expected: 7_000, ran: 3_000) == 7_000)
    }

    @Test func wrongEstimatesAreLearned() {
        var predictor = RunTimePredictor()
        for _ in 0..<5_000 {
            predictor.learn(ran: 2_000, expected: 10_000)
            predictor.learn(ran: 10_000, expected: 10_000)
        }
        // Half run a fifth of what was expected, half all of it.
        #expect(abs(predictor.deviation - 0.4) < 0.001)
        #expect(abs(predictor.predict(expected: 10_000) - 6_000) < 10)
        #expect(predictor.predict(expected: 10_000, ran: 3_000) == 10_000, "only the longer ones run still")
    }

    @Test func uncertaintyIsNeverOverAHalf() {
        var predictor = RunTimePredictor()
        for run in [0, 50, 3, 10, 99, 0, 0, 100] {
            predictor.learn(ran: run, expected: 10)
            #expect((0...0.5).contains(predictor.deviation))
        }
    }
}
