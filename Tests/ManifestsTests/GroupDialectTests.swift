import ClusterModel
import Testing

@testable import Manifests

/// Each dialect of gangs, as its own documentation writes it.
@Suite struct GroupDialectTests {
    private func input(_ text: String) throws -> ClusterInput { try ClusterInput(texts: [("f.yaml", text)]) }

    /// A pod with the given lines in its metadata and spec.
    private func pod(_ name: String, _ metadata: String = "labels: {}", spec: String = "", phase: String = "Pending")
        -> String
    {
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), \(metadata)}
        spec:
          containers: [{name: main, image: x}]
          \(spec)
        status: {phase: \(phase)}

        """
    }

    private func group(_ input: ClusterInput, _ name: String) -> PodGroup? {
        input.podGroups.first { $0.metadata.key == ObjectKey(namespace: "default", name: name) }
    }

    @Test(
        arguments: [
            "labels: {scheduling.x-k8s.io/pod-group: g}", "labels: {pod-group.scheduling.sigs.k8s.io: g}",
            "labels: {pod-group.scheduling.sigs.k8s.io/name: g}", "labels: {kueue.x-k8s.io/pod-group-name: g}",
            "annotations: {scheduling.k8s.io/group-name: g}", "annotations: {scheduling.volcano.sh/group-name: g}",
            "annotations: {gang.scheduling.koordinator.sh/name: g}",
            "annotations: {godel.bytedance.com/pod-group-name: g}",
            "labels: {applicationId: g}, annotations: {yunikorn.apache.org/task-group-name: t}",
            "labels: {yunikorn.apache.org/app-id: g, applicationId: h}, "
                + "annotations: {yunikorn.apache.org/task-group-name: t}",
        ])
    func findsThePodsGroup(metadata: String) throws {
        #expect(try input(pod("a", metadata)).pods.first?.groupKey == ObjectKey(namespace: "default", name: "g"))
    }

    @Test func theSpecGoesFirstThenLabelsThenAnnotations() throws {
        let labels = "labels: {scheduling.x-k8s.io/pod-group: b, kueue.x-k8s.io/pod-group-name: c}"
        let all = labels + ", annotations: {scheduling.k8s.io/group-name: d, gang.scheduling.koordinator.sh/name: e}"
        let names = try [
            input(pod("p", all, spec: "schedulingGroup: {podGroupName: a}")), input(pod("p", all)),
            input(pod("p", "labels: {kueue.x-k8s.io/pod-group-name: c}")),
            input(pod("p", "annotations: {gang.scheduling.koordinator.sh/name: e, scheduling.k8s.io/group-name: d}")),
            input(pod("p", "labels: {scheduling.x-k8s.io/pod-group: ''}")),
        ].map { $0.pods.first?.groupName }
        #expect(names == ["a", "b", "c", "d", nil])
    }

    @Test(
        arguments: [
            (
                "labels: {pod-group.scheduling.sigs.k8s.io/name: g, pod-group.scheduling.sigs.k8s.io/min-available: '2'}",
                2
            ),
            (
                "annotations: {gang.scheduling.koordinator.sh/name: g, gang.scheduling.koordinator.sh/min-available: '2'}",
                2
            ),
            (
                "labels: {kueue.x-k8s.io/pod-group-name: g}, annotations: {kueue.x-k8s.io/pod-group-total-count: '3'}",
                3
            ),
            (
                "labels: {pod-group.scheduling.sigs.k8s.io/name: g, pod-group.scheduling.sigs.k8s.io/min-available: x}",
                3
            ),
            ("labels: {scheduling.x-k8s.io/pod-group: g}", 3),
        ])
    func membersStateTheirNumberWhereNoObjectDoes(metadata: String, minMember: Int) throws {
        let input = try input((0..<3).map { pod("p\($0)", metadata) }.joined())
        #expect(group(input, "g")?.minMember == minMember)
    }

    @Test func workloadsOf135DefineGroupsByNameAndReplica() throws {
        let workload = """
            apiVersion: scheduling.k8s.io/v1alpha1
            kind: Workload
            metadata: {name: train}
            spec:
              podGroups:
                - {name: workers, policy: {gang: {minCount: 2}}}
                - {name: driver, policy: {basic: {}}}

            """
        let reference = { (group: String, key: String) in
            "workloadRef: {name: train, podGroup: \(group)\(key.isEmpty ? "" : ", podGroupReplicaKey: \(key)")}"
        }
        let text =
            workload + pod("a", spec: reference("workers", "r0")) + pod("b", spec: reference("workers", "r1"))
            + pod("c", spec: reference("driver", "")) + pod("d", spec: reference("none", ""))
        let input = try input(text)
        #expect(group(input, "train/workers/r0")?.minMember == 2 && group(input, "train/workers/r1")?.minMember == 2)
        #expect(group(input, "train/driver")?.minMember == 0, "basic asks for nothing")
        #expect(input.pods.map(\.groupName) == ["train/workers/r0", "train/workers/r1", "train/driver", "train/none"])
        #expect(group(input, "train/none") == nil, "the pod waits")
        #expect(input.warnings.contains { $0.contains("no PodGroup or Workload") && $0.contains("train/none") })
        #expect(try Pod(input.pods[0].value).groupName == "train/workers/r0", "it is written as it was read")
    }

    @Test func podsOf136WaitForTheirPodGroup() throws {
        let input = try input(pod("a", spec: "schedulingGroup: {podGroupName: g}"))
        #expect(input.podGroups.isEmpty)
        #expect(input.warnings.contains { $0.contains("no PodGroup or Workload") && $0.contains("default/g") })
    }

    @Test func namesWithSlashesAreNoNames() {
        for spec in ["schedulingGroup: {podGroupName: a/b}", "workloadRef: {name: a/b, podGroup: c}"] {
            #expect(throws: (any Error).self) { try input(pod("a", spec: spec)) }
        }
    }

    @Test func volcanosTasksCountWhereTheyFit() throws {
        let volcano = { (minMember: Int) in
            """
            apiVersion: scheduling.volcano.sh/v1beta1
            kind: PodGroup
            metadata: {name: tf}
            spec: {minMember: \(minMember), minTaskMember: {ps: 1, worker: 2, none: 0}, minResources: {cpu: "3"}, queue: q}

            """
        }
        let metadata = "annotations: {scheduling.k8s.io/group-name: tf, volcano.sh/task-spec: ps}"
        let full = try input(volcano(3) + pod("a", metadata))
        #expect(group(full, "tf")?.minByTask == ["ps": 1, "worker": 2])
        #expect(group(full, "tf")?.minResources == ["cpu": Quantity(3)])
        #expect(full.pods.first?.task == "ps")
        #expect(full.warnings.contains { $0.contains("not honoured") && $0.contains("spec.queue (1)") })
        #expect(try group(input(volcano(2) + pod("a", metadata)), "tf")?.minByTask == [:], "as CheckTaskReady has it")
    }

    @Test func yuniKornsApplicationsNeedTheirTasksAsFarAsTheyAreThere() throws {
        let tasks = #"[{"name": "driver", "minMember": 1}, {"name": "executor", "minMember": 9}]"#
        let metadata = { (task: String) in
            "labels: {applicationId: app}, annotations: {yunikorn.apache.org/task-group-name: \(task), "
                + "yunikorn.apache.org/task-groups: '\(tasks)'}"
        }
        let input = try input(
            pod("d", metadata("driver")) + pod("e", metadata("executor")) + pod("f", metadata("executor")))
        #expect(group(input, "app")?.minByTask == ["driver": 1, "executor": 2])
        #expect(group(input, "app")?.minMember == 3)
        let bad = try self.input(
            pod(
                "d",
                "labels: {applicationId: app}, annotations: {yunikorn.apache.org/task-group-name: d, "
                    + "yunikorn.apache.org/task-groups: '[{\"'}"))
        #expect(group(bad, "app")?.minMember == 0, "what is no list declares nothing")
    }

    @Test func membersThatHaveRunCountAsPlaced() throws {
        let metadata = "labels: {scheduling.x-k8s.io/pod-group: g}, annotations: {volcano.sh/task-spec: w}"
        let definition = """
            apiVersion: scheduling.x-k8s.io/v1alpha1
            kind: PodGroup
            metadata: {name: g}
            spec: {minMember: 4}

            """
        let input = try input(
            definition + pod("a", metadata, phase: "Succeeded") + pod("b", metadata, phase: "Failed")
                + pod("c", metadata, spec: "nodeName: elsewhere", phase: "Running") + pod("d", metadata)
                + "---\napiVersion: v1\nkind: Node\nmetadata: {name: node-a}\nstatus: {allocatable: {cpu: '1'}}\n")
        #expect(group(input, "g")?.finishedByTask == ["w": 2])
        #expect(input.warnings.contains { $0.contains("fewer pods than they need") }, "one of four is still missing")
    }
}
