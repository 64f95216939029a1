import ClusterModel

/// Which collections of an input have their pods in the input too, as everything that `kubectl get all` prints.
///
/// Such a collection must not make its pods a second time.
struct CollectionOwners {
    private struct Owner: Hashable {
        var namespace: String
        var kind: String
        var name: String
    }

    /// The collections that own a pod, or a collection, of the input.
    private var owners: Set<Owner> = []

    /// Looks at the owners of every pod and collection.
    init(_ objects: some Sequence<LoadedObject>) {
        for loaded in objects {
            switch loaded.object {
            case .pod(let pod): note(pod.metadata)
            // A ReplicaSet stands for its Deployment, whether its own pods are there or are made from it.
            case .workload(let workload): note(workload.metadata)
            default: break
            }
        }
    }

    private mutating func note(_ metadata: ObjectMeta) {
        for owner in metadata.ownerReferences {
            owners.insert(Owner(namespace: metadata.namespace, kind: owner.kind, name: owner.name))
            // A Deployment's ReplicaSet, which may be absent, is called after it and the hash of its template.
            if owner.kind == "ReplicaSet", let hash = metadata.labels["pod-template-hash"],
                owner.name.hasSuffix("-\(hash)")
            {
                let name = String(owner.name.dropLast(hash.count + 1))
                owners.insert(Owner(namespace: metadata.namespace, kind: "Deployment", name: name))
            }
        }
    }

    /// Whether pods of the collection are in the input.
    func ownsPods(_ collection: PodCollection) -> Bool {
        let metadata = collection.metadata
        return owners.contains(
            Owner(namespace: metadata.namespace, kind: collection.kind.rawValue, name: metadata.name))
    }
}
