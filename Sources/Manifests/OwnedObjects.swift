import ClusterModel

/// Which objects of an input belong to which, as in everything that `kubectl get all` prints.
///
/// What is there already must not be made a second time.
struct OwnedObjects {
    private struct Owner: Hashable {
        var namespace: String
        var kind: String
        var name: String
    }

    /// The label by which the ReplicaSets of an Argo Rollout are told apart.
    static let rolloutHash = "rollouts-pod-template-hash"

    private let objects: [LoadedObject]
    /// The places of the pods that an object owns.
    private var pods: [Owner: [Int]] = [:]
    /// The objects that own a collection, or something else that makes pods.
    private var ownersOfWorkloads: Set<Owner> = []
    /// The objects that make pods.
    private var workloads: [Owner: Int] = [:]

    /// Looks at the owners of every pod and workload that is not left out; at none where nothing makes pods.
    init(_ objects: [LoadedObject], leavingOut isSetAside: [Bool]) {
        self.objects = objects
        for (index, loaded) in objects.enumerated() where !isSetAside[index] {
            guard case .workload(let workload) = loaded.object else { continue }
            let metadata = workload.metadata
            let key = Owner(namespace: metadata.namespace, kind: workload.kind, name: metadata.name)
            workloads[key] = index
            for owner in owners(of: metadata) { ownersOfWorkloads.insert(owner) }
        }
        guard !workloads.isEmpty else { return }
        for (index, loaded) in objects.enumerated() where !isSetAside[index] {
            guard case .pod(let pod) = loaded.object else { continue }
            for owner in owners(of: pod.metadata) { pods[owner, default: []].append(index) }
        }
    }

    private func owners(of metadata: ObjectMeta) -> [Owner] {
        var result: [Owner] = []
        for owner in metadata.ownerReferences {
            result.append(Owner(namespace: metadata.namespace, kind: owner.kind, name: owner.name))
            guard owner.kind == "ReplicaSet" else { continue }
            // A ReplicaSet, which may be absent, is called after who made it and the hash of the template.
            for (label, kind) in [
                (PodCollection.Label.templateHash, "Deployment"), (OwnedObjects.rolloutHash, "Rollout"),
            ] {
                guard let hash = metadata.labels[label], owner.name.hasSuffix("-\(hash)") else { continue }
                let name = String(owner.name.dropLast(hash.count + 1))
                result.append(Owner(namespace: metadata.namespace, kind: kind, name: name))
            }
        }
        return result
    }

    /// The pods of the input that an object owns, those that have ended among them.
    func pods(of kind: String, _ key: ObjectKey) -> [Pod] {
        (pods[Owner(namespace: key.namespace, kind: kind, name: key.name)] ?? []).compactMap { index in
            if case .pod(let pod) = objects[index].object { pod } else { nil }
        }
    }

    /// Whether an object that makes pods, and that this one owns, is in the input.
    func ownsWorkloads(_ kind: String, _ key: ObjectKey) -> Bool {
        ownersOfWorkloads.contains(Owner(namespace: key.namespace, kind: kind, name: key.name))
    }

    /// An object of the input that makes pods, or nil.
    func workload(_ kind: String, _ key: ObjectKey) -> Workload? {
        guard let index = workloads[Owner(namespace: key.namespace, kind: kind, name: key.name)],
            case .workload(let workload) = objects[index].object
        else { return nil }
        return workload
    }
}
