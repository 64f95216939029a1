import ClusterModel
import ClusterTestKit
import JSON
import Testing

/// What a pod counts for while its containers are resized in place.
@Suite struct PodResizeTests {
    private static let infeasible =
        #","conditions":[{"type":"PodResizePending","status":"True","reason":"Infeasible"}]"#

    /// A pod of one container that asks for 2 CPU and 4 GiB, with a status.
    private func resized(_ status: String) throws -> Pod {
        try pod(
            #"{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"2","memory":"4Gi"}}}]},"#
                + #""status":{\#(status)}}"#)
    }

    private func status(inForce: String, allocated: String = "{}") -> String {
        #""containerStatuses":[{"name":"a","allocatedResources":\#(allocated),"resources":{"requests":\#(inForce)}}]"#
    }

    /// The most of what is asked for, allocated and in force counts, resource by resource.
    @Test func theMostCounts() throws {
        let shrinking = try resized(status(inForce: #"{"cpu":"3","memory":"1Gi"}"#, allocated: #"{"cpu":"4"}"#))
        #expect(shrinking.spec.effectiveRequests == .sample(["cpu": "4", "memory": "4Gi"]))
        #expect(SchedulingSpec(shrinking).requests == .sample(["cpu": "4", "memory": "4Gi"]))
        #expect(SchedulingSpec(shrinking).scoringCPUMilli == 4_000)
        #expect(shrinking.spec.containers[0].requests == .sample(["cpu": "2", "memory": "4Gi"]))
    }

    /// Where the node will never have room for what is asked for, only what the pod has counts.
    @Test func anInfeasibleResizeDoesNotCount() throws {
        let pod = try resized(status(inForce: #"{"cpu":"1","memory":"4Gi"}"#) + Self.infeasible)
        #expect(pod.spec.effectiveRequests == .sample(["cpu": "1", "memory": "4Gi"]))
    }

    /// A status that says what the spec says, or knows nothing of resizing, leaves the spec as it is.
    @Test(arguments: [
        #""containerStatuses":[{"name":"a","resources":{"requests":{"cpu":"2","memory":"4Gi"}}}]"#,
        #""containerStatuses":[{"name":"a","allocatedResources":{"cpu":"8"}}]"#,
        #""containerStatuses":[{"name":"other","resources":{"requests":{"cpu":"8"}}}]"#,
    ])
    func otherStatusesChangeNothing(status: String) throws {
        #expect(try resized(status).spec == resized("").spec)
    }

    @Test func sidecarsAreReadFromTheirOwnStatuses() throws {
        let pod = try pod(
            #"{"spec":{"initContainers":[{"name":"a","restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}],"#
                + #""containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]},"status":{"initContainerStatuses":"#
                + #"[{"name":"a","resources":{"requests":{"cpu":"5"}}}]}}"#)
        #expect(pod.spec.effectiveRequests == .sample(["cpu": "6"]))
    }

    @Test(arguments: ["", PodResizeTests.infeasible])
    func whatIsWrittenIsReadAgain(more: String) throws {
        let written = try resized(status(inForce: #"{"cpu":"1","memory":"8Gi"}"#) + more)
        #expect(try Pod(written.value) == written)
    }

    @Test func aWrongAmountIsNamed() throws {
        #expect(
            fault { try resized(status(inForce: #"{"cpu":"x"}"#)) }
                .hasPrefix("status.containerStatuses[0].resources.requests"))
    }
}
