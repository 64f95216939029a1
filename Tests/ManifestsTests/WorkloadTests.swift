import ClusterModel
import ClusterTestKit
import Manifests
import Testing

private func load(_ text: String) throws(InputErrors) -> ClusterInput {
    try ClusterInput(texts: [("f.yaml", text)], strict: true)
}

private let pod = "{spec: {containers: [{name: a, resources: {requests: {cpu: 1}}}]}}"

/// The pods of the kinds whose controllers are not Kubernetes' own.
@Suite struct WorkloadTests {
    private static func one(_ version: String, _ kind: String, _ spec: String, meta: String = "", status: String = "{}")
        -> String
    {
        "---\n{apiVersion: \(version), kind: \(kind), metadata: {name: w\(meta)}, spec: \(spec), status: \(status)}\n"
    }

    private static func names(_ text: String) throws -> [String] { try load(text).pods.map(\.metadata.name) }

    @Test func cronJobsMakeOneJob() throws {
        let spec = "{schedule: '* * * * *', jobTemplate: {spec: {parallelism: 2, template: \(pod)}}}"
        let job = Self.one("batch/v1", "CronJob", spec)
        let pods = try load(job).pods
        #expect(pods.map(\.metadata.name) == ["w-0", "w-1"])
        #expect(pods[0].metadata.labels["batch.kubernetes.io/job-name"] == "w")
        #expect(pods[0].metadata.controller?.kind == "Job")
        let suspended = try load(Self.one("batch/v1", "CronJob", "{suspend: true, \(spec.dropFirst())"))
        #expect(suspended.pods.isEmpty)
        #expect(suspended.warnings == ["made no pods of 1 of kind CronJob: suspended"])
        let started =
            "---\n{apiVersion: batch/v1, kind: Job, metadata: {name: w-7, ownerReferences: [{kind: CronJob, "
            + "name: w}]}, spec: {template: \(pod)}}\n"
        #expect(try Self.names(job + started) == ["w-7-0"])
    }

    @Test func jobSetsMakeJobs() throws {
        let spec =
            "{replicatedJobs: [{name: a, replicas: 2, template: {spec: {parallelism: 2, completions: 2, template: "
            + "\(pod)}}}, {name: b, template: {spec: {template: \(pod)}}}]}"
        let pods = try load(Self.one("jobset.x-k8s.io/v1alpha2", "JobSet", spec)).pods
        #expect(pods.map(\.metadata.name) == ["w-a-0-0", "w-a-0-1", "w-a-1-0", "w-a-1-1", "w-b-0-0"])
        let labels = pods[3].metadata.labels
        let expected = [
            "jobset-name": "w", "replicatedjob-name": "a", "job-index": "1", "job-global-index": "1",
            "replicatedjob-replicas": "2", "restart-attempt": "0",
        ]
        for (key, value) in expected { #expect(labels["jobset.sigs.k8s.io/\(key)"] == value, "\(key)") }
        #expect(labels["batch.kubernetes.io/job-completion-index"] == "1" && labels["job-name"] == "w-a-1")
        #expect(labels["jobset.sigs.k8s.io/job-key"] != pods[0].metadata.labels["jobset.sigs.k8s.io/job-key"])
        #expect(pods[4].metadata.labels["jobset.sigs.k8s.io/job-global-index"] == "2")
        let exclusive = try load(
            Self.one(
                "jobset.x-k8s.io/v1alpha2", "JobSet", spec,
                meta: ", annotations: {alpha.jobset.sigs.k8s.io/exclusive-topology: rack}"))
        #expect(exclusive.pods[0].spec.affinity.requiredPods.map(\.topologyKey) == ["rack"])
        #expect(exclusive.pods[0].spec.affinity.requiredAntiPods.map(\.topologyKey) == ["rack"])
        #expect(pods[0].spec.affinity.isEmpty)
    }

    @Test func leaderWorkerSetsMakeGroups() throws {
        let spec = "{replicas: 2, leaderWorkerTemplate: {size: 3, workerTemplate: \(pod)}}"
        let pods = try load(Self.one("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", spec)).pods
        #expect(pods.map(\.metadata.name) == ["w-0", "w-0-1", "w-0-2", "w-1", "w-1-1", "w-1-2"])
        let prefix = "leaderworkerset.sigs.k8s.io/"
        #expect(pods.map { $0.metadata.labels[prefix + "worker-index"] } == ["0", "1", "2", "0", "1", "2"])
        #expect(pods.map { $0.metadata.labels[prefix + "group-index"] } == ["0", "0", "0", "1", "1", "1"])
        #expect(pods.allSatisfy { $0.metadata.labels[prefix + "name"] == "w" })
        #expect(Set(pods.compactMap { $0.metadata.labels[prefix + "group-key"] }).count == 2)
        #expect(pods[4].metadata.labels["statefulset.kubernetes.io/pod-name"] == "w-1-1")
    }

    @Test(arguments: [("", 3), ("minAvailable: 2, ", 2)])
    func volcanoJobsAreGangs(least: String, minMember: Int) throws {
        let spec =
            "{\(least)queue: q, priorityClassName: system-node-critical, tasks: "
            + "[{name: ps, replicas: 1, template: \(pod)}, {name: worker, replicas: 2, template: \(pod)}]}"
        let job = Self.one("batch.volcano.sh/v1alpha1", "Job", spec)
        // Kubernetes has Jobs of the same name.
        let other = Self.one("batch/v1", "Job", "{template: \(pod)}")
        let input = try load(job + other)
        #expect(input.pods.map(\.metadata.name) == ["w-ps-0", "w-worker-0", "w-worker-1", "w-0"])
        #expect(input.podGroups.map(\.minMember) == [minMember])
        #expect(input.podGroups[0].minByTask == (least.isEmpty ? ["ps": 1, "worker": 2] : [:]))
        #expect(input.pods.map(\.task) == ["ps", "worker", "worker", ""])
        let first = input.pods[2]
        #expect(first.groupKey == input.podGroups[0].metadata.key && input.pods[3].groupKey == nil)
        #expect(first.spec.schedulerName == "volcano" && first.spec.priorityClassName == "system-node-critical")
        #expect(first.metadata.labels["volcano.sh/job-name"] == "w")
        #expect(first.metadata.labels["volcano.sh/task-spec"] == "worker")
        #expect(first.metadata.annotations["volcano.sh/task-index"] == "1")
        let done = Self.one("batch.volcano.sh/v1alpha1", "Job", spec, status: "{state: {phase: Completed}}")
        #expect(try Self.names(done + other) == ["w-0"])
    }

    @Test(arguments: [
        ("PyTorchJob", "pytorchReplicaSpecs", "Master"), ("TFJob", "tfReplicaSpecs", "Chief"),
        ("XGBoostJob", "xgbReplicaSpecs", "Master"), ("PaddleJob", "paddleReplicaSpecs", "Master"),
        ("JAXJob", "jaxReplicaSpecs", "Master"),
    ])
    func kubeflowJobsMakePodsByRole(kind: String, key: String, first: String) throws {
        let roles = "\(key): {\(first): {template: \(pod)}, Worker: {replicas: 2, template: \(pod)}}"
        let input = try load(Self.one("kubeflow.org/v1", kind, "{\(roles)}"))
        let role = first.lowercased()
        #expect(input.pods.map(\.metadata.name) == ["w-\(role)-0", "w-worker-0", "w-worker-1"])
        #expect(input.podGroups.isEmpty && input.pods[0].groupKey == nil)
        let labels = input.pods[2].metadata.labels
        #expect(labels["training.kubeflow.org/job-name"] == "w")
        #expect(labels["training.kubeflow.org/replica-type"] == "worker")
        #expect(labels["training.kubeflow.org/replica-index"] == "1")
        for (policy, least) in [("{}", 3), ("{minAvailable: 2}", 2)] {
            let gang = try load(
                Self.one("kubeflow.org/v1", kind, "{runPolicy: {schedulingPolicy: \(policy)}, \(roles)}"))
            #expect(gang.podGroups.map(\.minMember) == [least])
            #expect(gang.pods.allSatisfy { $0.groupKey == gang.podGroups[0].metadata.key })
        }
        #expect(try Self.names(Self.one("kubeflow.org/v1", kind, "{runPolicy: {suspend: true}, \(roles)}")).isEmpty)
    }

    @Test func mpiJobsHaveALauncher() throws {
        let spec = "{mpiReplicaSpecs: {Launcher: {template: \(pod)}, Worker: {replicas: 2, template: \(pod)}}}"
        let old = try load(Self.one("kubeflow.org/v1", "MPIJob", spec)).pods
        #expect(old.map(\.metadata.name) == ["w-launcher", "w-worker-0", "w-worker-1"])
        let new = try load(Self.one("kubeflow.org/v2beta1", "MPIJob", spec)).pods
        #expect(new.map(\.metadata.name) == ["w-launcher-0", "w-worker-0", "w-worker-1"])
        #expect(new[0].metadata.labels["job-name"] == "w-launcher")
        #expect(new[0].metadata.labels["training.kubeflow.org/job-role"] == "launcher")
    }

    private static let ray =
        "headGroupSpec: {template: \(pod)}, workerGroupSpecs: [{groupName: g, replicas: 2, "
        + "numOfHosts: 2, minReplicas: 1, template: \(pod)}, {groupName: h, replicas: 9, maxReplicas: 1, template: \(pod)}]"

    @Test func rayClustersMakeAHeadAndWorkers() throws {
        let names = ["head", "g-worker-0", "g-worker-1", "g-worker-2", "g-worker-3", "h-worker-0"]
        let input = try load(Self.one("ray.io/v1", "RayCluster", "{\(Self.ray)}"))
        #expect(input.pods.map(\.metadata.name) == names.map { "w-\($0)" })
        #expect(input.pods.map { $0.metadata.labels["ray.io/group"] } == ["headgroup", "g", "g", "g", "g", "h"])
        #expect(input.pods[0].metadata.labels["ray.io/node-type"] == "head" && input.podGroups.isEmpty)
        let gang = ", labels: {ray.io/scheduler-name: volcano}"
        let gangs = try load(Self.one("ray.io/v1", "RayCluster", "{\(Self.ray)}", meta: gang))
        #expect(gangs.podGroups.map(\.minMember) == [6])
        #expect(gangs.pods.allSatisfy { $0.groupKey == gangs.podGroups[0].metadata.key })
        let scaled = try load(
            Self.one("ray.io/v1", "RayCluster", "{enableInTreeAutoscaling: true, \(Self.ray)}", meta: gang))
        #expect(scaled.podGroups.map(\.minMember) == [3])
        let job = try Self.names(Self.one("ray.io/v1", "RayJob", "{rayClusterSpec: {\(Self.ray)}}"))
        #expect(job.count == 7 && job.contains("w-0") && job.contains("w-raycluster-head"))
        #expect(try Self.names(Self.one("ray.io/v1", "RayService", "{rayClusterConfig: {\(Self.ray)}}")).count == 6)
    }

    @Test func sparkApplicationsMakeADriverAndExecutors() throws {
        let spec =
            "{type: Python, driver: {cores: 1, memory: 1g}, executor: {cores: 2, coreRequest: 1500m, instances: 2, "
            + "memory: 1000m, nodeSelector: {a: b}}}"
        let pods = try load(Self.one("sparkoperator.k8s.io/v1beta2", "SparkApplication", spec)).pods
        #expect(pods.map(\.metadata.name) == ["w-driver", "w-exec-1", "w-exec-2"])
        #expect(pods.map { $0.metadata.labels["spark-role"] } == ["driver", "executor", "executor"])
        // 1 GiB and 40 per cent of it; 1,000 MiB and 40 per cent.
        let driver = pods[0].spec.effectiveRequests
        #expect(
            driver["cpu"] == Quantity(1) && driver["memory"] == Quantity((1024 << 20) + Int64(0.4 * 1024 * 1_048_576)))
        let executor = pods[1].spec.effectiveRequests
        #expect(executor["cpu"] == Quantity(milli: 1500) && executor["memory"] == Quantity(1400 << 20))
        #expect(pods[1].spec.nodeSelector == ["a": "b"] && pods[0].spec.nodeSelector.isEmpty)
    }

    @Test func rolloutsAreAsDeployments() throws {
        let template = "{metadata: {labels: {app: x}}, \(pod.dropFirst())"
        let rollout = Self.one(
            "argoproj.io/v1alpha1", "Rollout", "{replicas: 2, selector: {matchLabels: {app: x}}, template: \(template)}"
        )
        let input = try load(rollout)
        #expect(input.pods.count == 2)
        let hash = try #require(input.pods[0].metadata.labels["rollouts-pod-template-hash"])
        #expect(input.pods[0].metadata.controller?.name == "w-\(hash)")
        #expect(input.serviceSelectors.selector(for: input.pods[0])?.matchLabels["app"] == "x")
        let lender =
            "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 0, selector: "
            + "{matchLabels: {app: x}}, template: \(template)}}\n"
        let borrower = Self.one(
            "argoproj.io/v1alpha1", "Rollout",
            "{replicas: 3, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: d}}")
        #expect(try load(borrower + lender).pods.map { $0.metadata.labels["app"] } == ["x", "x", "x"])
        #expect(
            try load(borrower).warnings == [
                "made no pods of 1 of kind Rollout: the Deployment that they name is not in the input"
            ])
    }

    @Test func kueueWorkloadsOfNobodyAreGangs() throws {
        let spec =
            "{podSets: [{name: main, count: 2, template: \(pod)}, {name: side, count: 3, minCount: 1, template: \(pod)}]}"
        let input = try load(Self.one("kueue.x-k8s.io/v1beta1", "Workload", spec))
        #expect(input.pods.map(\.metadata.name) == ["w-main-0", "w-main-1", "w-side-0", "w-side-1", "w-side-2"])
        #expect(input.podGroups.map(\.minMember) == [3])
        #expect(input.pods.allSatisfy { $0.groupKey == input.podGroups[0].metadata.key })
        let mirror = Self.one(
            "kueue.x-k8s.io/v1beta1", "Workload", spec, meta: ", ownerReferences: [{kind: Job, name: j}]")
        #expect(try Self.names(mirror + Self.one("batch/v1", "Job", "{template: \(pod)}")) == ["w-0"])
    }

    @Test func plainReplicas() throws {
        #expect(
            try Self.names(Self.one("apps.kruise.io/v1alpha1", "CloneSet", "{replicas: 2, template: \(pod)}"))
                == ["w-0", "w-1"])
        #expect(
            try Self.names(Self.one("apps.openshift.io/v1", "DeploymentConfig", "{template: \(pod)}")) == ["w-0"])
    }

    /// What is in the input already is not made again.
    @Test func podsThatAreThereCount() throws {
        let spec = "{mpiReplicaSpecs: {Launcher: {template: \(pod)}, Worker: {replicas: 3, template: \(pod)}}}"
        let there =
            "---\n{apiVersion: v1, kind: Pod, metadata: {name: w-worker-1, labels: {"
            + "training.kubeflow.org/job-name: w, training.kubeflow.org/replica-type: worker, "
            + "training.kubeflow.org/operator-name: mpijob-controller, training.kubeflow.org/job-role: worker}, "
            + "ownerReferences: [{kind: MPIJob, name: w, controller: true}]}, \(pod.dropFirst())\n"
        #expect(
            try Self.names(Self.one("kubeflow.org/v1", "MPIJob", spec) + there)
                == ["w-launcher", "w-worker-0", "w-worker-2", "w-worker-1"])
        let launcher = there.replacing("w-worker-1", with: "w-launcher").replacing("worker", with: "launcher")
        #expect(
            try Self.names(Self.one("kubeflow.org/v1", "MPIJob", spec) + launcher)
                == ["w-worker-0", "w-worker-1", "w-worker-2", "w-launcher"])
    }

    @Test(arguments: [
        ("batch/v1", "CronJob", "{}", "spec.jobTemplate: expected the template of its Jobs"),
        (
            "jobset.x-k8s.io/v1", "JobSet", "{replicatedJobs: [{name: a, replicas: 99999999, template: {}}]}",
            "spec.replicatedJobs[0].replicas: expected a whole number"
        ),
        (
            "jobset.x-k8s.io/v1", "JobSet", "{replicatedJobs: [{name: a, template: {spec: {}}}]}",
            "spec.replicatedJobs[0].template.spec.template"
        ),
        ("batch.volcano.sh/v1", "Job", "{tasks: [{}]}", "spec.tasks[0].template: expected a pod template"),
        ("kubeflow.org/v1", "TFJob", "{tfReplicaSpecs: {Worker: {replicas: x}}}", "spec.tfReplicaSpecs.Worker"),
        ("kubeflow.org/v1", "TFJob", "{tfReplicaSpecs: []}", "spec.tfReplicaSpecs: expected a mapping of roles"),
        ("ray.io/v1", "RayCluster", "{}", "spec.headGroupSpec: expected the group of the head"),
        (
            "ray.io/v1", "RayCluster",
            "{headGroupSpec: {template: \(pod)}, workerGroupSpecs: [{replicas: 1000000, numOfHosts: 1000000}]}",
            "numOfHosts: expected at most"
        ),
        (
            "sparkoperator.k8s.io/v1beta2", "SparkApplication", "{driver: {memory: 9999999999999t}}",
            "spec.driver.memory: expected an amount of memory"
        ),
        ("argoproj.io/v1alpha1", "Rollout", "{}", "spec.template: expected a pod template or a workloadRef"),
        ("apps.kruise.io/v1alpha1", "CloneSet", "{replicas: 5000000, template: \(pod)}", "spec.replicas"),
    ])
    func saysWhatIsWrong(version: String, kind: String, spec: String, message: String) throws {
        let error = try #require(throws: InputErrors.self) { try load(Self.one(version, kind, spec)) }
        #expect(error.description.contains(message), "\(error)")
    }

    /// Pods without end are refused, whoever asks for them.
    @Test func boundsPodsInAll() throws {
        let many = (0..<3).map { number in
            Self.one("apps/v1", "ReplicaSet", "{replicas: 1500000, template: \(pod)}").replacing(
                "name: w", with: "name: w-\(number)")
        }.joined()
        let error = try #require(throws: InputErrors.self) { try load(many.replacing("1500000", with: "9000000")) }
        #expect(error.description.contains("expected at most 2000000 pods in all"))
    }
}
