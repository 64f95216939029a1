/// Finds out what the volumes of pods ask of nodes, from the volumes, claims and classes of a cluster.
///
/// Source: the plug-ins VolumeBinding, VolumeZone, NodeVolumeLimits and VolumeRestrictions of Kubernetes' scheduler. What
/// changes as pods are placed (which volume a claim gets, what is attached where) is left to the one who places them.
struct VolumeResolver {
    private let volumes: [String: PersistentVolume]
    private let claims: [ObjectKey: PersistentVolumeClaim]
    private let classes: [String: StorageClass]
    private let defaultClass: StorageClass?
    /// The volumes that a claim can still get, by class, the smallest first.
    private let available: [String: [PersistentVolume]]
    private let topologyKeys: [String: [String]]
    private let limitedDrivers: Set<String>
    /// Claims that several pods use.
    private let shared: Set<ObjectKey>
    private let isEmpty: Bool

    /// What is found out about a pod.
    private struct Draft {
        var needs = VolumeNeeds()
        var gaps = StorageObjects.Gaps()
        var claims: [(request: Quantity, claim: VolumeNeeds.Claim)] = []
    }

    /// How many volumes a claim can choose among; with more of them one may be given twice.
    static let candidateLimit = 256

    init(_ storage: StorageObjects, pods: [Pod]) {
        volumes = Dictionary(storage.volumes.map { ($0.metadata.name, $0) }) { first, _ in first }
        claims = Dictionary(storage.claims.map { ($0.metadata.key, $0) }) { first, _ in first }
        classes = Dictionary(storage.classes.map { ($0.metadata.name, $0) }) { first, _ in first }
        // Of several default classes the newest counts, as in Kubernetes.
        defaultClass = storage.classes.filter(\.isDefault).max {
            ($0.metadata.creationTimestamp ?? "", $1.metadata.name) < (
                $1.metadata.creationTimestamp ?? "", $0.metadata.name
            )
        }
        let free = storage.volumes.filter { volume in
            (volume.phase.isEmpty || volume.phase == "Available" || volume.claim != nil)
                && volume.metadata.deletionTimestamp == nil
        }.sorted { ($0.capacity, $0.metadata.name) < ($1.capacity, $1.metadata.name) }
        available = Dictionary(grouping: free, by: \.storageClass)
        var keys: [String: [String]] = [:]
        var limited: Set<String> = []
        for driver in storage.csiNodes.flatMap(\.drivers) {
            if keys[driver.name] == nil, !driver.topologyKeys.isEmpty { keys[driver.name] = driver.topologyKeys }
            if driver.limit != nil { limited.insert(driver.name) }
        }
        (topologyKeys, limitedDrivers) = (keys, limited)
        var seen: Set<ObjectKey> = []
        var shared: Set<ObjectKey> = []
        for pod in pods {
            for volume in pod.spec.volumes {
                guard case .claim(let name, _) = volume.source else { continue }
                let key = ObjectKey(namespace: pod.metadata.namespace, name: name)
                if !seen.insert(key).inserted { shared.insert(key) }
            }
        }
        self.shared = shared
        isEmpty = storage.volumes.isEmpty && storage.claims.isEmpty && storage.classes.isEmpty
    }

    /// What the volumes of a pod ask, and in `gaps` what of it is not known; nil is nothing.
    func needs(of pod: Pod, _ gaps: inout StorageObjects.Gaps) -> VolumeNeeds? {
        var draft = Draft()
        for volume in pod.spec.volumes {
            switch volume.source {
            case .disk(let disk): add(disk, &draft.needs)
            case .claim(let name, let template): add(name, template, of: pod, &draft)
            case .ephemeral(let spec): add("\(pod.metadata.name)-\(volume.name)", spec, of: pod, &draft)
            }
        }
        for count in [
            \StorageObjects.Gaps.withoutStorage, \.withoutVolumes, \.withoutClasses, \.withManyVolumes,
        ] where draft.gaps[keyPath: count] > 0 { gaps[keyPath: count] += 1 }
        // A claim with a small wish must not take the volume that a large one needs.
        draft.needs.claims = draft.claims.sorted { ($0.request, $0.claim.name) < ($1.request, $1.claim.name) }.map(
            \.claim)
        return draft.needs.isEmpty ? nil : draft.needs
    }

    private func add(_ disk: PodDisk, _ needs: inout VolumeNeeds) {
        if let driver = disk.kind.driver { attach(.init(driver: driver, volume: disk.id), &needs) }
        let exclusive = disk.kind.isExclusive
        guard exclusive.always || exclusive.whenWritten else { return }
        needs.disks += disk.conflictNames.map { .init(name: $0, mayShare: !exclusive.always && disk.isReadOnly) }
    }

    private func attach(_ attachment: VolumeNeeds.Attachment, _ needs: inout VolumeNeeds) {
        guard limitedDrivers.contains(attachment.driver), !needs.attachments.contains(attachment) else { return }
        needs.attachments.append(attachment)
    }

    /// - Parameter template: what the claim is made of where it is not there yet.
    private func add(_ name: String, _ template: ClaimSpec?, of pod: Pod, _ draft: inout Draft) {
        guard !isEmpty else {
            draft.gaps.withoutStorage = 1
            return
        }
        let key = ObjectKey(namespace: pod.metadata.namespace, name: name)
        guard let claim = claims[key] else {
            if let template { return add(key, template, nil, &draft) }
            // Where no claim at all is in the input they were not asked for.
            if claims.isEmpty {
                draft.gaps.withoutStorage = 1
            } else {
                draft.needs.block("persistentvolumeclaim \"\(name)\" not found")
            }
            return
        }
        if claim.spec.accessModes.contains("ReadWriteOncePod"), !draft.needs.exclusive.contains(key.description) {
            draft.needs.exclusive.append(key.description)
        }
        if claim.phase == "Lost" {
            return draft.needs.block(
                "persistentvolumeclaim \"\(name)\" bound to non-existent persistentvolume \"\(claim.spec.volumeName)\"")
        }
        if claim.metadata.deletionTimestamp != nil {
            return draft.needs.block("persistentvolumeclaim \"\(name)\" is being deleted")
        }
        if claim.isBound { addBound(claim, &draft) } else { add(key, claim.spec, claim, &draft) }
    }

    /// A claim that has its volume: the pod must stand where that is.
    private func addBound(_ claim: PersistentVolumeClaim, _ draft: inout Draft) {
        guard let volume = volumes[claim.spec.volumeName] else {
            if volumes.isEmpty {
                draft.gaps.withoutVolumes = 1
            } else {
                draft.needs.block("persistentvolume \"\(claim.spec.volumeName)\" not found")
            }
            return
        }
        if let nodes = volume.nodeAffinity, !draft.needs.bound.contains(nodes) { draft.needs.bound.append(nodes) }
        if let attachment = volume.attachment { attach(attachment, &draft.needs) }
        draft.needs.addZones(of: volume)
    }

    /// A claim without a volume: one that waits for its pod gets one where the pod is placed.
    ///
    /// - Parameter existing: the claim, where it is there already; one that is made with its pod is not waited for.
    private func add(
        _ key: ObjectKey, _ spec: ClaimSpec, _ existing: PersistentVolumeClaim?, _ draft: inout Draft
    ) {
        let name = spec.storageClass ?? defaultClass?.metadata.name
        let storageClass = name.flatMap { classes[$0] }
        if existing != nil, !spec.volumeName.isEmpty { return draft.needs.block(VolumeNeeds.unboundImmediate) }
        if storageClass == nil, let name, !name.isEmpty, !classes.isEmpty {
            return draft.needs.block("storageclass.storage.k8s.io \"\(name)\" not found")
        }
        // Without any class in the input nothing is known about named or default ones.
        let isUnknown = storageClass == nil && name != "" && classes.isEmpty
        if existing != nil, !isUnknown, storageClass?.waitsForConsumer != true {
            return draft.needs.block(VolumeNeeds.unboundImmediate)
        }
        if let provisioner = storageClass?.provisioner {
            attach(.init(driver: provisioner, volume: key.description), &draft.needs)
        }
        var claim = VolumeNeeds.Claim(name: key.description)
        if let node = existing?.selectedNode {
            let named = SelectorRequirement(key: "metadata.name", operator: .in, values: [node])
            claim.isMade = true
            claim.madeIn = NodeSelector(terms: [NodeSelectorTerm(matchFields: [named])])
        } else {
            claim.candidates = candidates(for: key, spec, storageClass: name ?? "")
            claim.isMade = isUnknown || storageClass?.makesVolumes == true
            claim.madeIn = storageClass?.topologies
        }
        if isUnknown { draft.gaps.withoutClasses = 1 }
        if shared.contains(key) { claim.topologyKeys = storageClass.flatMap { topologyKeys[$0.provisioner] } ?? [] }
        if claim.candidates.count > VolumeResolver.candidateLimit {
            draft.gaps.withManyVolumes = 1
            claim.merge()
        }
        if !claim.isFree { draft.claims.append((spec.request, claim)) }
    }

    /// The volumes that would do for a claim: the one that is kept for it, or else those that are large enough, the smallest
    /// first.
    ///
    /// Source: Kubernetes' `FindMatchingVolume` (component-helpers, storage/volume).
    private func candidates(
        for key: ObjectKey, _ spec: ClaimSpec, storageClass: String
    ) -> [VolumeNeeds.Candidate] {
        let all = available[storageClass] ?? []
        let kept = all.filter { $0.claim == key && $0.capacity >= spec.request && $0.volumeMode == spec.volumeMode }
        let matching =
            !kept.isEmpty
            ? kept
            : all.filter { volume in
                volume.claim == nil && volume.capacity >= spec.request && volume.volumeMode == spec.volumeMode
                    && (spec.selector?.matches(volume.metadata.labels) ?? true)
                    && spec.accessModes.allSatisfy(volume.accessModes.contains)
            }
        return matching.map { .init(volume: $0.metadata.name, nodes: $0.nodeAffinity) }
    }
}

extension VolumeNeeds.Claim {
    /// Whether any node will do, whatever stands where.
    var isFree: Bool { candidates.isEmpty && isMade && madeIn == nil && topologyKeys.isEmpty }

    /// Gives up which volume is which: what remains is where one can be had or made at all.
    mutating func merge() {
        let selectors = candidates.map(\.nodes) + (isMade ? [madeIn] : [])
        let terms = selectors.compactMap { $0?.terms }.flatMap { $0 }
        // One that every node reaches leaves nothing to ask.
        let isAnywhere = selectors.contains { $0 == nil }
        candidates = []
        isMade = true
        madeIn = isAnywhere ? nil : NodeSelector(terms: terms)
    }
}

extension VolumeNeeds {
    static let unboundImmediate = "pod has unbound immediate PersistentVolumeClaims"

    /// Notes why no node takes the pod.
    mutating func block(_ reason: String) {
        if !blockers.contains(reason) { blockers.append(reason) }
    }

    private static let zoneLabels = [
        "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
        "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
    ]

    /// Adds the zones that the labels of a volume name: a node with any label of that kind must be in one of them.
    ///
    /// Source: Kubernetes' VolumeZone plug-in. A label may name several zones, with `__` between them; for one of the old
    /// labels that the node lacks its new one counts.
    mutating func addZones(of volume: PersistentVolume) {
        let labels = volume.metadata.labels
        for key in VolumeNeeds.zoneLabels {
            guard let text = labels[key] else { continue }
            let values = text.split(separator: "__", omittingEmptySubsequences: false).map { $0.trimmed }
            guard !values.contains("") else { continue }
            require(key, in: Set(values).sorted())
        }
    }

    private mutating func require(_ key: String, in values: [String]) {
        var terms = [
            NodeSelectorTerm(matchExpressions: VolumeNeeds.zoneLabels.map { .init(key: $0, operator: .doesNotExist) }),
            NodeSelectorTerm(matchExpressions: [.init(key: key, operator: .in, values: values)]),
        ]
        if let new = VolumeNeeds.newLabel(for: key) {
            terms.append(
                NodeSelectorTerm(matchExpressions: [
                    .init(key: key, operator: .doesNotExist), .init(key: new, operator: .in, values: values),
                ]))
        }
        let selector = NodeSelector(terms: terms)
        if !zones.contains(selector) { zones.append(selector) }
    }

    private static func newLabel(for key: String) -> String? {
        switch key {
        case zoneLabels[0]: zoneLabels[2]
        case zoneLabels[1]: zoneLabels[3]
        default: nil
        }
    }
}

extension Substring {
    /// The text without spaces at its ends.
    fileprivate var trimmed: String {
        var bytes = utf8[...]
        while bytes.first == UInt8(ascii: " ") { bytes = bytes.dropFirst() }
        while bytes.last == UInt8(ascii: " ") { bytes = bytes.dropLast() }
        return String(Substring(bytes))
    }
}
