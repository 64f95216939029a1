import ClusterModel

/// Makes the pods that are missing beside those of the input, for one object after the other.
struct WorkloadPods {
    /// What is there already.
    let owned: OwnedObjects
    /// The nodes, one pod on each of which a DaemonSet makes.
    let nodes: [Node]

    /// What comes of an object.
    struct Outcome {
        var parts: [Part] = []
        var collections: [PodCollection] = []
        /// Why no pods were made though there could be some.
        var idle: String?
    }

    /// Pods of one template.
    struct Part {
        var pods: [Pod]
        /// Where the template stands in the object; nil where it stands elsewhere.
        var path: FieldPath?
    }

    /// The pods of an object, and the collections that count as made by it.
    func make(_ workload: Workload) -> Outcome {
        var outcome = Outcome()
        let key = workload.metadata.key
        var collections = workload.collections
        if let borrowed = workload.borrowed {
            guard let lender = lender(borrowed, key.namespace) else {
                outcome.idle = "the \(borrowed.kind) that they name is not in the input"
                return outcome
            }
            collections = [
                Workload.replicaSet(
                    of: workload.metadata, borrowed.replicas, lender.selector,
                    PodTemplate(metadata: lender.templateMetadata, spec: lender.template))
            ]
        }
        let standsBack = workload.standsBack && owned.ownsWorkloads(workload.kind, key)
        let isDone = workload.isComplete || workload.idle != nil || standsBack
        for collection in collections {
            let isItself = collection.kind.rawValue == workload.kind && collection.metadata.key == key
            // Made already, and an object of its own in the input.
            if !isItself, owned.workload(collection.kind.rawValue, collection.metadata.key) != nil { continue }
            outcome.collections.append(collection)
            guard !isDone else { continue }
            var existing = owned.pods(of: collection.kind.rawValue, collection.metadata.key)
            if !isItself, collection.kind == .replicaSet { existing += owned.pods(of: workload.kind, key) }
            let pods = collection.expanded(nodes: nodes, beside: existing)
            let path = workload.borrowed == nil ? collection.templatePath : nil
            if !pods.isEmpty { outcome.parts.append(Part(pods: pods, path: path)) }
            outcome.idle = outcome.idle ?? collection.details.idle
        }
        guard !isDone else {
            if !workload.isComplete, !standsBack { outcome.idle = workload.idle }
            return outcome
        }
        for set in workload.sets {
            let owner = ObjectKey(namespace: key.namespace, name: set.owner.name)
            let pods = set.pods(beside: owned.pods(of: set.owner.kind, owner))
            if !pods.isEmpty { outcome.parts.append(Part(pods: pods, path: set.path)) }
        }
        return outcome
    }

    private func lender(_ borrowed: BorrowedTemplate, _ namespace: String) -> PodCollection? {
        owned.workload(borrowed.kind, ObjectKey(namespace: namespace, name: borrowed.name))?.collections.first
    }
}
