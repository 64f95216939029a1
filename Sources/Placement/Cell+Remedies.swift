import ClusterModel

extension Cell {
    /// What would have to change so that a node takes a pod of the class, for the reasons that can be told in a few words.
    func remedies(_ index: ClassIndex, on node: NodeIndex, _ reasons: [Reason]) -> [String] {
        reasons.flatMap { remedies(index, Int(node), $0) }
    }

    private func remedies(_ index: ClassIndex, _ node: Int, _ reason: Reason) -> [String] {
        let spec = classes[Int(index)].spec
        switch reason {
        case .unschedulable: return ["uncordon it"]
        case .nodeName: return ["spec.nodeName names \(spec.nodeName ?? "another")"]
        case .taint:
            return nodes.rows[node].taints.map { nodes.taints[$0] }
                .filter { taint in
                    taint.effect != .preferNoSchedule && !spec.tolerations.contains { $0.tolerates(taint) }
                }.map { "tolerate \($0.key)\($0.value.isEmpty ? "" : "=\($0.value)"):\($0.effect.rawValue)" }
        case .nodeAffinity:
            let missing = spec.nodeSelector.sorted { $0.key < $1.key }
                .filter { label($0.key, of: node) != $0.value }
                .map { "label \($0.key)=\($0.value) (has \(label($0.key, of: node) ?? "none"))" }
            return missing.isEmpty ? ["labels that the required node affinity asks for"] : missing
        case .ports:
            let taken = portsTaken[NodeIndex(node)] ?? []
            return classes[Int(index)].ports
                .filter { mine in taken.contains { mine == $0 || hostPorts[mine].conflicts(with: hostPorts[$0]) } }
                .map { "free host port \(hostPorts[$0].port)/\(hostPorts[$0].protocol)" }
        case .tooManyPods:
            return ["room for one pod more than \(resources.allocatable[ResourceID.pods][node])"]
        case .insufficient(let name):
            guard let resource = resources.find(name),
                let item = classes[Int(index)].requests.first(where: { $0.resource == resource })
            else { return [] }
            let free = max(0, resources.free[resource][node])
            let text = { (amount: Int64) in amountText(amount, resource) }
            return [
                "\(text(item.amount - free)) \(name) more: asks \(text(item.amount)), \(text(free)) of "
                    + "\(text(resources.allocatable[resource][node])) free"
            ]
        case .spreadLabelMissing:
            let keys = spec.topologySpreadConstraints.map(\.topologyKey).filter { label($0, of: node) == nil }
            return keys.map { "label \($0)" }
        case .spread:
            return spec.topologySpreadConstraints.filter { $0.whenUnsatisfiable == .doNotSchedule }.map {
                "\($0.topologyKey) \(label($0.topologyKey, of: node) ?? "") has its share under maxSkew \($0.maxSkew)"
            }
        case .noSuchNode, .notNamed, .namesConflict, .enforcedNodeAffinity, .placedSpread, .affinity, .antiAffinity,
            .existingAntiAffinity, .disk, .exclusiveVolume, .volumeLimit, .volumes, .volumeNodeAffinity, .volumeBind,
            .volumeZone:
            return []
        }
    }

    private func amountText(_ amount: Int64, _ resource: Int) -> String {
        if resource == ResourceID.cpu { return Quantity(milli: amount).description }
        for (unit, shift) in [("Gi", 30), ("Mi", 20)] where amount >= 1 << shift && amount % (1 << shift) == 0 {
            return "\(amount >> shift)\(unit)"
        }
        return Quantity(amount).description
    }

    private func label(_ key: String, of node: Int) -> String? {
        let value = nodes.strings.find(key).map { nodes.rows[node].label($0) } ?? -1
        return value < 0 ? nil : nodes.strings[value]
    }
}
