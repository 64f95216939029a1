/// The filters, in the order in which they run; a node is refused by the first that refuses it.
public enum FilterPlugin: String, CaseIterable, Hashable, Sendable {
    case nodeUnschedulable = "NodeUnschedulable"
    case nodeName = "NodeName"
    case taintToleration = "TaintToleration"
    case nodeAffinity = "NodeAffinity"
    case nodePorts = "NodePorts"
    case nodeResourcesFit = "NodeResourcesFit"
    case volumeRestrictions = "VolumeRestrictions"
    case nodeVolumeLimits = "NodeVolumeLimits"
    case volumeBinding = "VolumeBinding"
    case volumeZone = "VolumeZone"
    case podTopologySpread = "PodTopologySpread"
    case interPodAffinity = "InterPodAffinity"
}

/// Why a node does not take a pod.
public enum Reason: Hashable, Sendable {
    /// No node has this index.
    case noSuchNode
    /// The node is cordoned.
    case unschedulable
    /// The pod names another node.
    case nodeName
    /// A taint that the pod does not tolerate.
    case taint
    /// The node selector, or the required node affinity.
    case nodeAffinity
    /// The node is not among those that the required node affinity names outright.
    case notNamed
    /// The node names that the terms of the required node affinity ask for contradict each other.
    case namesConflict
    /// The node is not among those that the profile's added affinity allows.
    case enforcedNodeAffinity
    /// A host port is taken.
    case ports
    /// More pods than the node takes.
    case tooManyPods
    /// Not enough of the named resource.
    case insufficient(String)
    /// A disk that the pod names is in use there.
    case disk
    /// A claim that one pod alone may use is in use.
    case exclusiveVolume
    /// The node's drivers attach no more volumes.
    case volumeLimit
    /// Something about the pod's volumes must be mended before any node can take it.
    case volumes(String)
    /// The node does not reach a volume of the pod.
    case volumeNodeAffinity
    /// No volume can be had for a claim of the pod there.
    case volumeBind
    /// The node is in another zone than a volume of the pod.
    case volumeZone
    /// A topology spread constraint would be broken.
    case spread
    /// The node lacks the label of a topology spread constraint.
    case spreadLabelMissing
    /// The placement would break a hard spread constraint of a pod that stands already.
    case placedSpread
    /// No pod that the required affinity wants.
    case affinity
    /// A pod that the required anti-affinity forbids.
    case antiAffinity
    /// A pod there forbids this one.
    case existingAntiAffinity

    /// The reason in Kubernetes' own wording.
    public var message: String {
        switch self {
        case .noSuchNode: "node(s) not found"
        case .unschedulable: "node(s) were unschedulable"
        case .nodeName: "node(s) didn't match the requested node name"
        case .taint: "node(s) had untolerated taint(s)"
        case .nodeAffinity: "node(s) didn't match Pod's node affinity/selector"
        case .notNamed: "node(s) didn't satisfy plugin(s) [NodeAffinity]"
        case .namesConflict: "pod affinity terms conflict"
        case .enforcedNodeAffinity: "node(s) didn't match scheduler-enforced node affinity"
        case .ports: "node(s) didn't have free ports for the requested pod ports"
        case .tooManyPods: "Too many pods"
        case .insufficient(let resource): "Insufficient \(resource)"
        case .disk: "node(s) had no available disk"
        case .exclusiveVolume:
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"
        case .volumeLimit: "node(s) exceed max volume count"
        case .volumes(let message): message
        case .volumeNodeAffinity: "node(s) didn't match PersistentVolume's node affinity"
        case .volumeBind: "node(s) didn't find available persistent volumes to bind"
        case .volumeZone: "node(s) had no available volume zone"
        case .spread: "node(s) didn't match pod topology spread constraints"
        case .spreadLabelMissing: "node(s) didn't match pod topology spread constraints (missing required label)"
        case .placedSpread: "node(s) would break topology spread constraints of placed pods"
        case .affinity: "node(s) didn't match pod affinity rules"
        case .antiAffinity: "node(s) didn't match pod anti-affinity rules"
        case .existingAntiAffinity: "node(s) didn't satisfy existing pods anti-affinity rules"
        }
    }

    /// The filter that gives the reason.
    public var plugin: FilterPlugin {
        switch self {
        case .unschedulable: .nodeUnschedulable
        case .nodeName, .noSuchNode: .nodeName
        case .taint: .taintToleration
        case .nodeAffinity, .enforcedNodeAffinity, .notNamed, .namesConflict: .nodeAffinity
        case .ports: .nodePorts
        case .tooManyPods, .insufficient: .nodeResourcesFit
        case .disk, .exclusiveVolume: .volumeRestrictions
        case .volumeLimit: .nodeVolumeLimits
        case .volumes, .volumeNodeAffinity, .volumeBind: .volumeBinding
        case .volumeZone: .volumeZone
        case .spread, .spreadLabelMissing, .placedSpread: .podTopologySpread
        case .affinity, .antiAffinity, .existingAntiAffinity: .interPodAffinity
        }
    }
}

/// Whether a node takes a pod.
public enum Fit: Hashable, Sendable {
    /// It does; the pod may be placed.
    case fits
    /// It does not as things stand; it could if pods there went away.
    case rejected([Reason])
    /// It does not whatever pods go away, so preemption is no help there.
    case unresolvable([Reason])

    /// Whether the node takes the pod.
    public var isFit: Bool { self == .fits }

    /// The reasons of the first filter that refused; empty where the pod fits.
    public var reasons: [Reason] {
        switch self {
        case .fits: []
        case .rejected(let reasons), .unresolvable(let reasons): reasons
        }
    }
}
