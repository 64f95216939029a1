import ClusterModel

extension JobTrace {
    /// What the processors of a trace are.
    public enum Processors: Hashable, Sendable {
        /// Nodes with one processor each.
        case single
        /// GPUs, so many on each node; the last node has what is left over.
        case gpus(perNode: Int)
    }

    /// The machines: together they have `capacity` processors.
    public func nodes(_ processors: Processors) -> [Node] {
        switch processors {
        case .single: (1...capacity).map { node(number: $0, ["cpu": Quantity(1)]) }
        case .gpus(let perNode):
            stride(from: 0, to: capacity, by: perNode).map { first in
                let devices = Int64(min(perNode, capacity - first))
                let offer: ResourceList = ["cpu": Quantity(4 * devices), GPU.deviceResource: Quantity(devices)]
                return node(number: first / perNode + 1, offer)
            }
        }
    }

    private func node(number: Int, _ offer: ResourceList) -> Node {
        let digits = String(number)
        let name = "node-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        var allocatable = offer
        allocatable["pods"] = Node.defaultPodCapacity
        return Node(
            metadata: ObjectMeta(name: name, labels: [TraceNames.hostLabel: name]), allocatable: allocatable)
    }

    /// The gang of a job: as many members as it has processors, with the estimate as its expected run time.
    public static func group(of job: Job) -> PodGroup {
        var metadata = ObjectMeta(name: "job-\(job.id)", namespace: TraceNames.namespace)
        metadata.annotations[PodGroup.expectedRunAnnotation] = String(job.estimate)
        return PodGroup(metadata: metadata, minMember: job.processors)
    }

    /// The first member of a job's gang. The others differ in their names alone, which `memberName` gives.
    ///
    /// - Parameter scheduler: the scheduler that it names; nil leaves that to policies.
    public static func member(of job: Job, _ processors: Processors, scheduler: String?) -> Pod {
        let requests: ResourceList =
            switch processors {
            case .single: ["cpu": Quantity(1)]
            case .gpus: ["cpu": Quantity(1), GPU.deviceResource: Quantity(1)]
            }
        var spec = PodSpec(containers: [Container(name: "main", image: "job", requests: requests)])
        spec.schedulingGroup = "job-\(job.id)"
        spec.schedulerName = scheduler
        var metadata = ObjectMeta(name: memberName(of: job, 0), namespace: TraceNames.namespace)
        metadata.ownerReferences = [
            OwnerReference(kind: "Job", name: "job-\(job.id)", apiVersion: "batch/v1")
        ]
        return Pod(metadata: metadata, spec: spec)
    }

    /// The name of a member of a job's gang, counted from 0.
    public static func memberName(of job: Job, _ index: Int) -> String { "job-\(job.id)-\(index)" }
}
