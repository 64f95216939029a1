import ClusterModel

/// Finds, for each pod, the selector of the pods that count as the same service.
///
/// As Kubernetes' `DefaultSelector`: the selectors of all services of the namespace that select the pod, and that of its
/// ReplicaSet, StatefulSet or ReplicationController, must all hold. The default spread constraints use it.
public struct ServiceSelectors: Sendable {
    private struct LabelKey: Hashable {
        var namespace: String
        var label: String
        var value: String
    }

    private struct CollectionKey: Hashable {
        var kind: String
        var object: ObjectKey
    }

    /// Services by one of their selector's labels: a pod that they select must have it.
    private var services: [LabelKey: [Service]] = [:]
    private var controllers: [CollectionKey: LabelSelector] = [:]

    /// Prepares the services and collections of a cluster.
    ///
    /// A Deployment whose ReplicaSet is not among them stands for it.
    public init(services: [Service], collections: [PodCollection]) {
        for service in services {
            // A service without a selector selects nothing.
            guard let (label, value) = service.selector.min(by: { $0.key < $1.key }) else { continue }
            let key = LabelKey(namespace: service.metadata.namespace, label: label, value: value)
            self.services[key, default: []].append(service)
        }
        for collection in collections {
            switch collection.kind {
            case .job, .daemonSet: continue
            case .deployment, .replicaSet, .replicationController, .statefulSet:
                let key = CollectionKey(kind: collection.kind.rawValue, object: collection.metadata.key)
                controllers[key] = collection.selector
            }
        }
    }

    /// The selector of a pod's service; nil where no service selects it and no controller owns it.
    ///
    /// - Complexity: O(labels of the pod + services that select it).
    public func selector(for pod: Pod) -> LabelSelector? {
        let metadata = pod.metadata
        var result = LabelSelector()
        if !services.isEmpty {
            for (label, value) in metadata.labels {
                let key = LabelKey(namespace: metadata.namespace, label: label, value: value)
                for service in services[key] ?? []
                where service.selector.allSatisfy({ metadata.labels[$0.key] == $0.value }) {
                    result.matchLabels.merge(service.selector) { first, _ in first }
                }
            }
        }
        if let owner = metadata.ownerReferences.first(where: \.controller), !controllers.isEmpty {
            if let own = selector(of: owner, metadata) {
                result.matchExpressions += own.matchExpressions
                for (label, value) in own.matchLabels.sorted(by: { $0.key < $1.key }) {
                    guard let other = result.matchLabels[label], other != value else {
                        result.matchLabels[label] = value
                        continue
                    }
                    result.matchExpressions.append(SelectorRequirement(key: label, operator: .in, values: [value]))
                }
            }
        }
        return result.isEmpty ? nil : result
    }

    /// The selector of the controller of a pod; that of a ReplicaSet has the hash of the template too.
    private func selector(of owner: OwnerReference, _ metadata: ObjectMeta) -> LabelSelector? {
        let key = ObjectKey(namespace: metadata.namespace, name: owner.name)
        if let own = controllers[CollectionKey(kind: owner.kind, object: key)] { return own }
        let label = PodCollection.Label.templateHash
        guard owner.kind == "ReplicaSet", let hash = metadata.labels[label], owner.name.hasSuffix("-\(hash)") else {
            return nil
        }
        let name = String(owner.name.dropLast(hash.count + 1))
        let deployment = ObjectKey(namespace: metadata.namespace, name: name)
        guard var own = controllers[CollectionKey(kind: "Deployment", object: deployment)] else { return nil }
        own.matchLabels[label] = hash
        return own
    }
}

extension ClusterInput {
    /// The selectors of this input's services and collections.
    public var serviceSelectors: ServiceSelectors {
        ServiceSelectors(services: services, collections: collections)
    }

    /// The scheduling spec of every pod, in step with `pods`.
    public var schedulingSpecs: [SchedulingSpec] {
        let selectors = serviceSelectors
        return pods.map { SchedulingSpec($0, serviceSelector: selectors.selector(for: $0)) }
    }
}
