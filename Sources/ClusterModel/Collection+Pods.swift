/// The pods that the controllers of Kubernetes 1.36 make of a collection, with the labels that they give them.
extension PodCollection {
    /// The pods that the collection's controller would create now, in order.
    ///
    /// They are called `NAME-0`, `NAME-1` and so on, where controllers mostly make names up. A DaemonSet has one pod for each
    /// node that its template's node selector, required node affinity and tolerations allow, tied to the node by name.
    ///
    /// - Parameter existing: the pods that it has already, those that have ended among them; only what is missing is made.
    public func expanded(nodes: [Node], beside existing: [Pod] = []) -> [Pod] {
        guard details.idle == nil else { return [] }
        switch kind {
        case .deployment, .replicaSet, .replicationController: return replicaPods(existing)
        case .statefulSet: return statefulPods(existing)
        case .job: return details.isIndexed ? indexedPods(existing) : jobPods(existing)
        case .daemonSet: return daemonPods(nodes, existing)
        }
    }

    /// How many pods `expanded` makes at most.
    public func expectedCount(nodes: Int) -> Int {
        details.idle != nil ? 0 : kind == .daemonSet ? nodes : replicas
    }

    /// The collection's identity, which is made up where it was never given one.
    public var identity: String {
        metadata.uid.isEmpty
            ? StableHash.uid(kind: kind.rawValue, namespace: metadata.namespace, name: metadata.name) : metadata.uid
    }

    /// The hash of the template, as controllers write it into labels.
    public var templateHash: String { PodTemplate(metadata: templateMetadata, spec: template).hash }

    /// Labels that controllers write.
    public enum Label {
        /// Tells the ReplicaSets of a Deployment apart.
        public static let templateHash = "pod-template-hash"
        /// Tells the revisions of StatefulSets and DaemonSets apart.
        public static let revisionHash = "controller-revision-hash"
        /// How often a DaemonSet's template was changed.
        public static let templateGeneration = "pod-template-generation"
        /// The name of a StatefulSet's pod.
        public static let statefulPodName = "statefulset.kubernetes.io/pod-name"
        /// The number of a StatefulSet's pod.
        public static let statefulPodIndex = "apps.kubernetes.io/pod-index"
        /// The name of a pod's Job.
        public static let jobNames = ["batch.kubernetes.io/job-name", "job-name"]
        /// The uid of a pod's Job.
        public static let jobIdentities = ["batch.kubernetes.io/controller-uid", "controller-uid"]
        /// The index of a Job's pod; an annotation has the same name.
        public static let completionIndex = "batch.kubernetes.io/job-completion-index"
    }

    /// A pod as all pods of the collection are, but for its name; copies share the spec.
    private func sample(_ labels: [String: String], owner: OwnerReference? = nil) -> Pod {
        var meta = templateMetadata
        meta.namespace = metadata.namespace
        meta.labels.merge(labels) { $1 }
        meta.ownerReferences = [
            owner
                ?? OwnerReference(
                    kind: kind.rawValue, name: metadata.name, apiVersion: kind.apiVersion, uid: identity)
        ]
        return Pod(metadata: meta, spec: template)
    }

    /// So many pods with numbers from 0 on, but for the names that are taken.
    private func numbered(_ count: Int, _ sample: Pod, beside existing: [Pod]) -> [Pod] {
        guard count > 0 else { return [] }
        let taken = Set(existing.map(\.metadata.name))
        var pods: [Pod] = []
        pods.reserveCapacity(count)
        var number = 0
        while pods.count < count {
            var pod = sample
            pod.metadata.name = "\(metadata.name)-\(number)"
            number += 1
            if !taken.contains(pod.metadata.name) { pods.append(pod) }
        }
        return pods
    }

    // MARK: Deployment, ReplicaSet, ReplicationController

    /// A Deployment's pods belong to the ReplicaSet that it makes, and carry the hash of its template.
    private func replicaPods(_ existing: [Pod]) -> [Pod] {
        let missing = max(0, replicas - existing.count(where: \.isActive))
        guard missing > 0 else { return [] }
        guard kind == .deployment else { return numbered(missing, sample([:]), beside: existing) }
        let hash = templateHash
        let name = "\(metadata.name)-\(hash)"
        let owner = OwnerReference(
            kind: Kind.replicaSet.rawValue, name: name, apiVersion: kind.apiVersion,
            uid: StableHash.uid(kind: Kind.replicaSet.rawValue, namespace: metadata.namespace, name: name))
        return numbered(missing, sample([Label.templateHash: hash], owner: owner), beside: existing)
    }

    // MARK: StatefulSet

    private func statefulPods(_ existing: [Pod]) -> [Pod] {
        // A pod that is leaving has its name until it is gone.
        let taken = Set(existing.lazy.filter { !$0.isFinished }.map(\.metadata.name))
        let revision = details.revision.isEmpty ? "\(metadata.name)-\(templateHash)" : details.revision
        let sample = sample([Label.revisionHash: revision])
        return (details.firstOrdinal..<details.firstOrdinal + replicas).compactMap { ordinal in
            let name = "\(metadata.name)-\(ordinal)"
            guard !taken.contains(name) else { return nil }
            var pod = sample
            pod.metadata.name = name
            pod.metadata.labels[Label.statefulPodName] = name
            pod.metadata.labels[Label.statefulPodIndex] = String(ordinal)
            let claims = details.claimTemplates
            guard !claims.isEmpty else { return pod }
            // A claim's volume takes the place of one of its name in the template.
            pod.spec.volumes.removeAll { volume in claims.contains { $0.name == volume.name } }
            pod.spec.volumes += claims.map { $0.volume(ofPod: name) }
            return pod
        }
    }

    // MARK: Job

    /// Source: `generateSelector` of Kubernetes' registry/batch/job.
    private var jobLabels: [String: String] {
        guard !details.hasOwnSelector else { return [:] }
        var labels: [String: String] = [:]
        for key in Label.jobNames { labels[key] = metadata.name }
        for key in Label.jobIdentities { labels[key] = identity }
        return labels
    }

    /// How many pods a Job wants at once.
    ///
    /// Source: `manageJob` of Kubernetes' job controller: not more than are still to succeed, and none more where a first
    /// success ends the work.
    private func wantedJobPods(_ existing: [Pod]) -> Int {
        let succeeded = max(details.succeeded, existing.count { $0.phase == "Succeeded" })
        guard let completions = details.completions else { return succeeded > 0 ? 0 : replicas }
        return max(0, min(replicas, completions - succeeded))
    }

    private func jobPods(_ existing: [Pod]) -> [Pod] {
        let missing = wantedJobPods(existing) - existing.count(where: \.isActive)
        return missing > 0 ? numbered(missing, sample(jobLabels), beside: existing) : []
    }

    private func indexedPods(_ existing: [Pod]) -> [Pod] {
        var missing = wantedJobPods(existing) - existing.count(where: \.isActive)
        guard missing > 0 else { return [] }
        var done: Set<Int> = []
        for pod in existing where pod.isActive || pod.phase == "Succeeded" {
            if let index = pod.metadata.annotations[Label.completionIndex].flatMap({ Int($0) }) { done.insert(index) }
        }
        let names = Set(existing.map(\.metadata.name))
        let sample = sample(jobLabels)
        var pods: [Pod] = []
        for index in 0..<(details.completions ?? replicas) where missing > 0 {
            guard !done.contains(index), !details.finishedIndices.contains(where: { $0.contains(index) }) else {
                continue
            }
            var pod = sample
            pod.metadata.name = "\(metadata.name)-\(index)"
            // One that has failed keeps the plain name.
            if names.contains(pod.metadata.name) { pod.metadata.name += "-again" }
            pod.metadata.annotations[Label.completionIndex] = String(index)
            pod.metadata.labels[Label.completionIndex] = String(index)
            pods.append(pod)
            missing -= 1
        }
        return pods
    }

    // MARK: DaemonSet

    private func daemonPods(_ nodes: [Node], _ existing: [Pod]) -> [Pod] {
        let served = Set(existing.lazy.filter { !$0.isFinished }.compactMap(\.targetNode))
        var sample = sample([
            Label.revisionHash: templateHash, Label.templateGeneration: details.templateGeneration,
        ])
        sample.spec.addDaemonTolerations()
        var pods: [Pod] = []
        for node in nodes where !served.contains(node.name) && sample.spec.mayRunAsDaemon(on: node) {
            var pod = sample
            pod.metadata.name = "\(metadata.name)-\(node.name)"
            let field = SelectorRequirement(key: "metadata.name", operator: .in, values: [node.name])
            // What the template requires of nodes was looked at just now, and the controller replaces it.
            pod.spec.affinity.requiredNodes = NodeSelector(terms: [NodeSelectorTerm(matchFields: [field])])
            pods.append(pod)
        }
        return pods
    }
}

extension Pod {
    /// Whether the pod counts for its controller: it has not ended, and is not about to.
    fileprivate var isActive: Bool { !isFinished && !isTerminating }

    /// The node that a daemon stands on, or is for.
    ///
    /// Source: `GetTargetNodeName` of Kubernetes' daemon controller.
    fileprivate var targetNode: String? {
        if let node = spec.nodeName { return node }
        for term in spec.affinity.requiredNodes?.terms ?? [] {
            for field in term.matchFields where field.key == "metadata.name" && field.operator == .in {
                return field.values.count == 1 ? field.values[0] : nil
            }
        }
        return nil
    }
}

extension PodSpec {
    /// Conditions of a node that daemons bear, so that they run where nothing else may.
    ///
    /// Source: `AddOrUpdateDaemonPodTolerations` of Kubernetes' daemon controller.
    fileprivate mutating func addDaemonTolerations() {
        var conditions = [
            ("not-ready", Taint.Effect.noExecute), ("unreachable", .noExecute), ("disk-pressure", .noSchedule),
            ("memory-pressure", .noSchedule), ("pid-pressure", .noSchedule), ("unschedulable", .noSchedule),
        ]
        if hostNetwork { conditions.append(("network-unavailable", .noSchedule)) }
        for (condition, effect) in conditions {
            let toleration = Toleration(
                key: "node.kubernetes.io/\(condition)", operator: .exists, effect: effect)
            let same = tolerations.firstIndex {
                $0.key == toleration.key && $0.operator == .exists && $0.effect == effect && $0.value.isEmpty
            }
            if let same { tolerations[same] = toleration } else { tolerations.append(toleration) }
        }
    }

    /// Source: `NodeShouldRunDaemonPod` of Kubernetes' daemon controller; a cordon is a taint here, which daemons bear.
    fileprivate func mayRunAsDaemon(on node: Node) -> Bool {
        if let nodeName, nodeName != node.name { return false }
        for (key, value) in nodeSelector where node.labels[key] != value { return false }
        if let required = affinity.requiredNodes, !required.matches(name: node.name, labels: node.labels) {
            return false
        }
        return node.taints.allSatisfy { taint in
            taint.effect == .preferNoSchedule || tolerations.contains { $0.tolerates(taint) }
        }
    }
}
