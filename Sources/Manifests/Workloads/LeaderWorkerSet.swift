import ClusterModel

extension Workload {
    /// A LeaderWorkerSet: so many groups of one leader and its workers.
    ///
    /// Leaders are called `NAME-GROUP` and workers `NAME-GROUP-1` and so on, as the StatefulSets name them that its
    /// controller makes. Its groups are no gangs: Kubernetes places their pods one by one.
    static let leaderWorkerSet = ObjectKind.workload("LeaderWorkerSet", ["leaderworkerset.x-k8s.io"]) {
        value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(kind: "LeaderWorkerSet", metadata: metadata)
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            let groups = try spec.int("replicas", in: 0...workloadParts).map { Int($0) } ?? 1
            let found = try spec.object("leaderWorkerTemplate") { item throws(FieldError) in
                let size = try item.count("size") ?? 1
                let read = { (object: ObjectReader) throws(FieldError) in try PodTemplate(object, of: metadata) }
                let leader = try item.object("leaderTemplate", read)
                let worker = try item.object("workerTemplate", read)
                guard let worker = worker ?? leader else {
                    throw FieldError(path: FieldPath("workerTemplate"), expected: "a pod template", found: "nothing")
                }
                let path = FieldPath("spec", "leaderWorkerTemplate")
                return (
                    size: size, leader: leader ?? worker, worker: worker,
                    paths: (
                        path.appending(leader == nil ? "workerTemplate" : "leaderTemplate"),
                        path.appending("workerTemplate")
                    )
                )
            }
            guard let found else {
                throw FieldError(
                    path: FieldPath("leaderWorkerTemplate"), expected: "the templates of its pods", found: "nothing")
            }
            for group in 0..<groups {
                var sets = members(group, found.size, found.leader, found.worker, of: metadata)
                for (set, path) in zip(sets.indices, [found.paths.0, found.paths.1]) { sets[set].path = path }
                workload.sets += sets
            }
        }
        return workload
    }

    private static let prefix = "leaderworkerset.sigs.k8s.io/"

    private static func members(
        _ group: Int, _ size: Int, _ leader: PodTemplate, _ worker: PodTemplate, of owner: ObjectMeta
    ) -> [PodSet] {
        let name = "\(owner.name)-\(group)"
        let key = key(owner.namespace, name)
        let marks = [
            prefix + "name": owner.name, prefix + "group-index": String(group), prefix + "group-key": key,
        ]
        func set(_ template: PodTemplate, of statefulSet: String, _ text: String, _ marks: [String: String]) -> PodSet {
            var meta = owner
            (meta.name, meta.uid) = (statefulSet, "")
            var set = PodSet(
                template: template, owner: OwnerReference("StatefulSet", "apps/v1", meta), count: 1, name: text,
                marks: marks)
            set.template.metadata.annotations[prefix + "size"] = String(size)
            if let topology = owner.annotations[prefix + "exclusive-topology"] {
                set.template.spec.affinity.keepApart(topology, by: prefix + "group-key", key)
            }
            set.nameLabels = [PodCollection.Label.statefulPodName]
            return set
        }
        var first = set(leader, of: owner.name, name, marks.with([prefix + "worker-index": "0"]))
        first.isNumbered = false
        first.marks[PodCollection.Label.statefulPodIndex] = String(group)
        guard size > 1 else { return size > 0 ? [first] : [] }
        var others = set(worker, of: name, "\(name)-", marks)
        (others.count, others.first) = (size - 1, 1)
        others.numberLabels = [prefix + "worker-index", PodCollection.Label.statefulPodIndex]
        return [first, others]
    }
}
