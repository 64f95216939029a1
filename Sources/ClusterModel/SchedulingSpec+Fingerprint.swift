extension SchedulingSpec {
    /// A hash of the spec that passes over what most specs do not have.
    ///
    /// Equal specs have equal fingerprints within one process.
    public var fingerprint: UInt32 {
        var fingerprint = Fingerprint()
        fingerprint.combine(namespace)
        fingerprint.combine(labels)
        fingerprint.combine(requests)
        fingerprint.combine(Int64(priority))
        fingerprint.combine(scoringCPUMilli)
        fingerprint.combine(scoringMemoryBytes)
        if !isPlain { fingerprint.combine(Int64(wishes)) }
        return fingerprint.word
    }

    /// Whether the spec says nothing of what `wishes` hashes.
    private var isPlain: Bool {
        nodeName == nil && nodeSelector.isEmpty && affinity.isEmpty && tolerations.isEmpty
            && topologySpreadConstraints.isEmpty && hostPorts.isEmpty && images.isEmpty && serviceSelector == nil
            && !isTerminating && !hasVolumeNeeds
    }

    private var wishes: Int {
        var hasher = Hasher()
        if let nodeName { hasher.combine(nodeName) }
        if !nodeSelector.isEmpty { hasher.combine(nodeSelector) }
        if !affinity.isEmpty { hasher.combine(affinity) }
        if !tolerations.isEmpty { hasher.combine(tolerations) }
        if !topologySpreadConstraints.isEmpty { hasher.combine(topologySpreadConstraints) }
        if !hostPorts.isEmpty { hasher.combine(hostPorts) }
        if !images.isEmpty { hasher.combine(images) }
        if let serviceSelector { hasher.combine(serviceSelector) }
        if isTerminating { hasher.combine(isTerminating) }
        if let volumes { hasher.combine(volumes) }
        return hasher.finalize()
    }
}
