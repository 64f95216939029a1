import Manifests

/// The cluster of the demo, written as anybody would write it.
enum DemoCluster {
    /// The files, as `ClusterInput` reads them.
    static var texts: [(file: String, text: String)] {
        [("demo/nodes.yaml", nodes), ("demo/pods.yaml", pods)]
    }

    /// Writes the files into a folder.
    static func write(to folder: String) throws {
        for (file, text) in texts {
            let name = file.split(separator: "/").last.map(String.init) ?? file
            try Tool.write(text, to: "\(folder)/\(name)")
        }
    }

    /// 240 nodes: three zones, racks of ten, every sixth with four GPUs, one rack cordoned.
    private static var nodes: String {
        (0..<240).map { number in
            let hasGPU = number % 6 == 0
            let isLarge = number % 4 == 1
            return """
                apiVersion: v1
                kind: Node
                metadata:
                  name: node-\(number)
                  labels:
                    kubernetes.io/hostname: node-\(number)
                    topology.kubernetes.io/zone: zone-\("abc".map(String.init)[number % 3])
                    rack: rack-\(number / 10)\(hasGPU ? "\n    nvidia.com/gpu.product: A100" : "")
                spec:
                  unschedulable: \(number / 10 == 23)\(hasGPU ? taint : "")
                status:
                  allocatable:
                    cpu: "\(isLarge ? 64 : 32)"
                    memory: \(isLarge ? 256 : 128)Gi
                    pods: "110"\(hasGPU ? "\n    nvidia.com/gpu: 4" : "")
                """
        }.joined(separator: "\n---\n") + "\n"
    }

    private static let taint = "\n  taints:\n  - {key: dedicated, value: gpu, effect: PreferNoSchedule}"

    private static var pods: String {
        let services = (0..<20).map { deployment("web-\($0)", replicas: 40, namespace: "default", cpu: "500m") }
        let trading = (0..<4).map { deployment("quotes-\($0)", replicas: 30, namespace: "trading", cpu: "1") }
        let jobs = (0..<10).map { job("sort-\($0)", pods: 60, cpu: "2", gpu: nil) }
        let groups = (0..<12).map { group("train-\($0)", size: 16 + $0) }
        let shares = (0..<90).map { number in
            pod("notebook-\(number)", namespace: "research", resources: "{cpu: 500m, memory: 2Gi, \(share(number))}")
        }
        let plain = (0..<900).map { pod("task-\($0)", namespace: "default", resources: "{cpu: 250m, memory: 512Mi}") }
        let absurd = [pod("typo", namespace: "default", resources: "{cpu: 25000, memory: 1Gi}")]
        let tooLarge = [pod("too-large", namespace: "default", resources: "{cpu: 100, memory: 1Gi}")]
        let all = [namespaces] + services + trading + jobs + groups + shares + plain + absurd + tooLarge
        return all.joined(separator: "\n---\n") + "\n"
    }

    private static func share(_ number: Int) -> String { "switchyard.dev/gpu-milli: \([250, 460, 700][number % 3])" }

    private static let namespaces = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: trading, labels: {switchyard.dev/tenant: trading}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: research, labels: {switchyard.dev/tenant: research}}
        """

    private static func deployment(_ name: String, replicas: Int, namespace: String, cpu: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          replicas: \(replicas)
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name)}}
            spec:
              topologySpreadConstraints:
              - maxSkew: 1
                topologyKey: topology.kubernetes.io/zone
                whenUnsatisfiable: DoNotSchedule
                labelSelector: {matchLabels: {app: \(name)}}
              containers:
              - name: main
                resources: {requests: {cpu: \(cpu), memory: 1Gi}}
        """
    }

    private static func job(_ name: String, pods: Int, cpu: String, gpu: String?) -> String {
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: \(name)}
        spec:
          parallelism: \(pods)
          template:
            metadata: {labels: {job-name: \(name)}}
            spec:
              restartPolicy: Never
              containers:
              - name: main
                resources: {requests: {cpu: \(cpu), memory: 2Gi}}
        """
    }

    /// A group that must start together, in one rack if it can.
    private static func group(_ name: String, size: Int) -> String {
        let header = """
            apiVersion: scheduling.x-k8s.io/v1alpha1
            kind: PodGroup
            metadata: {name: \(name)}
            spec: {minMember: \(size)}
            """
        let members = (0..<size).map { number in
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name)-\(number), labels: {scheduling.x-k8s.io/pod-group: \(name)}}
            spec:
              containers:
              - name: worker
                resources: {requests: {cpu: 3, memory: 8Gi}}
            """
        }
        return ([header] + members).joined(separator: "\n---\n")
    }

    private static func pod(_ name: String, namespace: String, resources: String) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          containers:
          - name: main
            resources: {requests: \(resources)}
        """
    }
}
