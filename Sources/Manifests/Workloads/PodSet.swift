import ClusterModel

/// Pods of one template that a controller makes itself, with what tells one from the other.
struct PodSet: Sendable {
    /// What they have in common.
    var template: PodTemplate
    /// Who makes them.
    var owner: OwnerReference
    /// How many there are.
    var count: Int
    /// The name, or what the number of a pod is appended to.
    var name: String
    /// Whether the number stands in the name; else there is one pod, of just that name.
    var isNumbered = true
    /// The number of the first pod.
    var first = 0
    /// Labels by which the pods of the set are known among all pods of its owner.
    var marks: [String: String] = [:]
    /// Labels that hold the number of the pod.
    var numberLabels: [String] = []
    /// Labels that hold the name of the pod.
    var nameLabels: [String] = []
    /// Where the template stands in the object, for what no view of a pod has.
    var path: FieldPath?
    /// Annotations that hold the number of the pod.
    var numberAnnotations: [String] = []

    /// The pods that are missing beside those that the owner has in the input.
    func pods(beside owned: [Pod]) -> [Pod] {
        let taken = Set(owned.map(\.metadata.name))
        // Of a set with one name that pod is all there can be; in others those count that are of the set.
        let present = owned.count { pod in
            !pod.isFinished && marks.allSatisfy { pod.metadata.labels[$0.key] == $0.value }
        }
        var sample = Pod(metadata: template.metadata, spec: template.spec)
        sample.metadata.labels.merge(marks) { $1 }
        sample.metadata.ownerReferences = [owner]
        var pods: [Pod] = []
        var number = first
        while pods.count < count - present {
            // Names of their own are counted up past those that are taken; a single name that is taken is the pod itself.
            if !isNumbered, !pods.isEmpty || taken.contains(name) { break }
            let text = String(number)
            number += 1
            var pod = sample
            pod.metadata.name = isNumbered ? name + text : name
            guard !taken.contains(pod.metadata.name) else { continue }
            for label in numberLabels { pod.metadata.labels[label] = text }
            for label in nameLabels { pod.metadata.labels[label] = pod.metadata.name }
            for annotation in numberAnnotations { pod.metadata.annotations[annotation] = text }
            pods.append(pod)
        }
        return pods
    }
}

extension OwnerReference {
    /// A reference to the object with this metadata.
    init(_ kind: String, _ apiVersion: String, _ metadata: ObjectMeta) {
        let uid =
            metadata.uid.isEmpty
            ? StableHash.uid(kind: kind, namespace: metadata.namespace, name: metadata.name) : metadata.uid
        self.init(kind: kind, name: metadata.name, apiVersion: apiVersion, uid: uid)
    }
}
