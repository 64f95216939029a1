import ClusterModel

/// Makes the pods of a template.
///
/// Pods that differ by name alone are parsed once, as a controller would make them of one template.
struct PodMaker: Sendable {
    private let template: ObjectTemplate
    private let name: String
    private let group: String?
    private let groupSize: Int
    private var made: [[Int]: Pod] = [:]
    /// The pod made last, for the next one where it differs by name alone.
    private var latest: (key: [Int], group: Int, pod: Pod)?

    /// A maker of the pods `name-0`, `name-1` and so on.
    ///
    /// - Parameters:
    ///   - group: the stem of the names of their groups; nil for pods of no group.
    ///   - groupSize: how many pods in a row make a group.
    init(_ template: ObjectTemplate, name: String, group: String? = nil, groupSize: Int = 1) {
        self.template = template
        self.name = name
        self.group = group
        self.groupSize = groupSize
    }

    /// The pod of a number.
    mutating func pod(_ index: Int) throws(FieldError) -> Pod {
        let key = template.places.map { $0.number(for: index) }
        let number = group == nil ? 0 : index / groupSize
        var pod: Pod
        if let latest, latest.key == key, latest.group == number {
            pod = latest.pod
        } else {
            if let known = made[key] {
                pod = known
            } else {
                pod = try PodMaker.parse(template.manifest(for: index))
                made[key] = pod
            }
            if let group { pod.spec.schedulingGroup = "\(group)-\(number)" }
            latest = (key, number, pod)
        }
        pod.metadata.name = "\(name)-\(index)"
        return pod
    }

    /// A pod of a manifest whose name may be missing: benchmarks give it.
    private static func parse(_ manifest: Value) throws(FieldError) -> Pod {
        guard case .object(var fields) = manifest else {
            throw FieldError(expected: "a pod's manifest", found: manifest.summary)
        }
        var metadata: [Value.Field] = []
        if case .object(let stated)? = manifest["metadata"] { metadata = stated.filter { $0.key != "name" } }
        metadata.append(.init("name", .string("pod")))
        fields.removeAll { $0.key == "metadata" }
        fields.append(.init("metadata", .object(metadata)))
        var pod = try Pod(.object(fields))
        pod.written = WrittenObject(.object(fields))
        return pod
    }
}
