import ClusterModel
import ClusterTestKit
import Manifests
import Testing

@testable import Traces

@Suite struct JobTraceTests {
    private static let swf = """
        ; MaxProcs: 16
        ; Note: a comment
            1        0     -1   1451  8     -1    -1   -1     -1    -1 -1   1   1  -1 -1 -1 -1 -1
            2     1460     -1   3726  -1     -1    -1   4     9000    -1 -1   1   1  -1 -1 -1 -1 -1
            3     1400     -1   100.0  2     -1    -1   4     50    -1 -1   1   1  -1 -1 -1 -1 -1
            4     1500     -1   0  2     -1    -1   4     50    -1 -1   1   1  -1 -1 -1 -1 -1
        """

    private func read(_ text: String, capacity: Int? = nil) throws -> JobTrace {
        try SWFTrace.read(Array(text.utf8), file: "t.swf", capacity: capacity)
    }

    @Test func readsTheStandardWorkloadFormat() throws {
        let trace = try read(JobTraceTests.swf)
        #expect(trace.capacity == 16)
        #expect(
            trace.jobs == [
                JobTrace.Job(id: 1, submitted: 0, run: 1_451, processors: 8, estimate: 1_451),
                JobTrace.Job(id: 3, submitted: 1_400, run: 100, processors: 2, estimate: 100),
                JobTrace.Job(id: 2, submitted: 1_460, run: 3_726, processors: 4, estimate: 9_000),
            ], "in the order of submission, those that did not run left out")
    }

    @Test func widerJobsArePutAside() throws {
        let trace = try read(JobTraceTests.swf, capacity: 4)
        #expect(trace.jobs.map(\.id) == [3, 2])
        #expect(trace.refused.map(\.job.id) == [1])
        #expect(trace.refused.map(\.line) == [3])
    }

    @Test func theHeaderSaysHowLargeTheMachineIs() throws {
        #expect(try read(JobTraceTests.swf.replacing("MaxProcs: 16", with: "MaxNodes: 12")).capacity == 12)
        #expect(try read("; MaxNodes: 12\n" + JobTraceTests.swf).capacity == 16)
        #expect(try read("; MaxNodes: 12\n" + JobTraceTests.swf.replacing(": 16", with: ": -1")).capacity == 12)
    }

    @Test func errorsNameLineAndField() {
        let bad = JobTraceTests.swf + "\n5 x -1 10 2 -1 -1 4 50 -1 -1 1 1 -1 -1 -1 -1 -1\n6 7 8\n"
        #expect(
            inputErrors { try read(bad) } == [
                #"t.swf:7: submit time: expected a number from -1 to 4294967296, found "x""#,
                "t.swf:8: expected 18 numbers, found 3 words",
            ])
        #expect(
            inputErrors { try read(JobTraceTests.swf, capacity: 1) } == [
                "t.swf:3: processors: expected at most 1, the capacity, in some line at least, found 8"
            ])
        let headless = JobTraceTests.swf.split(separator: "\n").dropFirst().joined(separator: "\n")
        #expect(inputErrors { try read(headless) }.first?.contains("MaxProcs") == true)
        let twice = JobTraceTests.swf + "\n1 0 -1 10 2 -1 -1 4 50 -1 -1 1 1 -1 -1 -1 -1 -1"
        #expect(
            inputErrors { try read(twice) } == ["t.swf:7: id: expected a number that line 3 does not have, found 1"])
    }

    private func table(_ text: String, capacity: Int = 8) throws -> JobTrace {
        try JobTable.read(
            try TraceTable(file: "t.csv", bytes: Array(text.utf8), columns: ["id", "submit", "run", "procs"]),
            capacity: capacity)
    }

    @Test func readsTablesOfJobs() throws {
        var trace = try table("id,submit,run,procs,estimate\n7,10,20,4,60\n8,5,30,2,\n")
        #expect(
            trace.jobs == [
                JobTrace.Job(id: 8, submitted: 5, run: 30, processors: 2, estimate: 30),
                JobTrace.Job(id: 7, submitted: 10, run: 20, processors: 4, estimate: 60),
            ])
        trace.use(.inflated)
        #expect(trace.jobs[1].estimate == 60)
        trace.use(.perfect)
        #expect(trace.jobs[1].estimate == 20)
        #expect(
            inputErrors { try table("id,submit,run,procs\n1,0,0,1\n2,x,1,1\n") } == [
                #"t.csv:2: run: expected a whole number, 1 to 4294967296, found "0""#,
                #"t.csv:3: submit: expected a whole number, 0 to 4294967296, found "x""#,
            ])
    }

    @Test func moreThanAMachineHoldsIsRefused() {
        let header = "id,submit,run,procs\n"
        let many = header + (0..<30).map { "\($0),0,1,1000000" }.joined(separator: "\n")
        let tooMany = inputErrors { try table(many, capacity: 1_000_000) }.first ?? ""
        #expect(tooMany.contains("20,000,000 in all jobs together"), "\(tooMany)")
        let tooLate = inputErrors { try table(header + "1,4294967297,1,1\n") }.first ?? ""
        #expect(tooLate.contains("submit: expected a whole number, 0 to 4294967296"), "\(tooLate)")
    }

    @Test func submissionsMoveToALoad() throws {
        var trace = try table("id,submit,run,procs\n1,100,40,4\n2,300,20,4\n3,200,20,8\n")
        #expect(trace.offeredLoad == 0.25)
        trace.scale(toLoad: 0.5)
        #expect(trace.jobs.map(\.submitted) == [100, 150, 200])
        #expect(trace.offeredLoad == 0.5)
    }

    @Test func jobsBecomeGangsOnProcessorsOfEitherKind() throws {
        let trace = try table("id,submit,run,procs,estimate\n7,10,20,4,60\n")
        let job = trace.jobs[0]
        let group = JobTrace.group(of: job)
        #expect(group.minMember == 4)
        #expect(group.expectedRunSeconds == 60)
        let pod = JobTrace.member(of: job, .gpus(perNode: 3), scheduler: "gang")
        #expect(pod.groupKey == group.metadata.key)
        #expect(pod.spec.effectiveRequests[GPU.deviceResource] == Quantity(1))
        #expect(trace.nodes(.single).count == 8)
        let sizes = trace.nodes(.gpus(perNode: 3)).map { $0.allocatable[GPU.deviceResource] }
        #expect(sizes == [Quantity(3), Quantity(3), Quantity(2)])
    }
}
