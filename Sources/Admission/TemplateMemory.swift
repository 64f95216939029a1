import ClusterModel
import PolicyEngine

/// What became of the pods of some templates, for the pods after them that are like them.
///
/// Pods of several collections come in turns. A template is known by the identity of its spec, which its pods share, and
/// then compared in full; of two templates with one spec the later is remembered. Bounded: when it is full the oldest
/// gives way.
struct TemplateMemory: Sendable {
    /// How many templates are remembered.
    static let limit = 64

    struct Entry: Sendable {
        /// A pod of the template.
        var sample: Sample
        /// What the policies decided about it.
        var decision: SharedDecision
        /// What no other template is or was known by.
        let number: Int
    }

    /// A pod before and after admission; a class, so that a pod is compared where it is, which costs a third of copying it.
    final class Sample: Sendable {
        /// As it came in.
        let pod: Pod
        /// As it was admitted.
        let admitted: AdmittedPod
        /// Whether a pod that has lived fares otherwise than one that has not.
        let asksForPast: Bool

        init(pod: Pod, admitted: AdmittedPod, asksForPast: Bool) {
            (self.pod, self.admitted, self.asksForPast) = (pod, admitted, asksForPast)
        }

        /// Whether the other pod fares like this one.
        func stands(for other: Pod) -> Bool {
            pod.hasTemplate(of: other) && (!asksForPast || pod.hasLived == other.hasLived)
        }
    }

    /// The templates remembered.
    private(set) var entries: ContiguousArray<Entry> = []
    /// The identities of their specs, apart from the rest so that they are soon looked through.
    private var identities: ContiguousArray<ObjectIdentifier> = []
    /// The entry asked for last.
    private var latest = 0
    /// The entry that is written over next once all are taken.
    private var oldest = 0
    private var numbers = 0

    /// Where the template of a pod is remembered, or nil.
    ///
    /// - Complexity: O(templates), with one comparison of two pods.
    mutating func place(of pod: Pod) -> Int? {
        guard !entries.isEmpty else { return nil }
        let spec = pod.$spec
        let identity = spec.identity
        if identities[latest] == identity { return entries[latest].sample.stands(for: pod) ? latest : nil }
        if let place = identities.firstIndex(of: identity) {
            guard entries[place].sample.stands(for: pod) else { return nil }
            latest = place
            return place
        }
        // Equal, but in another place in memory: pods that were read one by one.
        let sample = entries[latest].sample
        guard sample.stands(for: pod) else { return nil }
        // The next one is likelier to share its parts with this pod.
        entries[latest].sample = Sample(
            pod: pod, admitted: sample.admitted, asksForPast: sample.asksForPast)
        identities[latest] = identity
        return latest
    }

    /// Counts the decision about a template once more; if it does not hold any more the template is forgotten.
    mutating func repeats(_ place: Int, _ engine: inout PolicyEngine) -> Bool {
        if engine.repeats(&entries[place].decision) { return true }
        forgetAll()
        return false
    }

    /// Remembers the template of a pod.
    mutating func remember(_ pod: Pod, _ admitted: AdmittedPod, _ decision: SharedDecision, asksForPast: Bool) {
        numbers += 1
        let sample = Sample(pod: pod, admitted: admitted, asksForPast: asksForPast)
        let entry = Entry(sample: sample, decision: decision, number: numbers)
        let identity = pod.$spec.identity
        if let place = identities.firstIndex(of: identity) {
            latest = place
        } else if entries.count < TemplateMemory.limit {
            latest = entries.count
            entries.append(entry)
            identities.append(identity)
            return
        } else {
            latest = oldest
            oldest = (oldest + 1) % TemplateMemory.limit
        }
        entries[latest] = entry
        identities[latest] = identity
    }

    /// Forgets all templates, as something has changed by which pods are admitted.
    mutating func forgetAll() {
        guard !entries.isEmpty else { return }
        entries.removeAll(keepingCapacity: true)
        identities.removeAll(keepingCapacity: true)
        (latest, oldest) = (0, 0)
    }
}

extension Pod {
    /// Whether two pods differ in name and identity alone.
    fileprivate func hasTemplate(of other: Pod) -> Bool {
        metadata.namespace == other.metadata.namespace && metadata.labels == other.metadata.labels
            && metadata.annotations == other.metadata.annotations
            && metadata.ownerReferences == other.metadata.ownerReferences
            && metadata.deletionTimestamp == other.metadata.deletionTimestamp && $spec == other.$spec
            && phase == other.phase && nominatedNodeName == other.nominatedNodeName
            && startTime == other.startTime
    }
}
