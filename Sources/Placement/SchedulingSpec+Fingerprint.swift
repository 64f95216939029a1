import ClusterModel

extension SchedulingSpec {
    /// A hash of the spec that passes over what most specs do not have.
    ///
    /// Equal specs have equal fingerprints within one process.
    var fingerprint: Int {
        var hasher = Hasher()
        hasher.combine(namespace)
        hasher.combine(labels)
        hasher.combine(requests)
        hasher.combine(priority)
        hasher.combine(scoringCPUMilli)
        hasher.combine(scoringMemoryBytes)
        if let nodeName { hasher.combine(nodeName) }
        if !nodeSelector.isEmpty { hasher.combine(nodeSelector) }
        if !affinity.isEmpty { hasher.combine(affinity) }
        if !tolerations.isEmpty { hasher.combine(tolerations) }
        if !topologySpreadConstraints.isEmpty { hasher.combine(topologySpreadConstraints) }
        if !hostPorts.isEmpty { hasher.combine(hostPorts) }
        if !images.isEmpty { hasher.combine(images) }
        if let serviceSelector { hasher.combine(serviceSelector) }
        if isTerminating { hasher.combine(isTerminating) }
        return hasher.finalize()
    }
}
