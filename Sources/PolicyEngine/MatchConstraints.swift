import ClusterModel

/// Which requests a policy is about, as ValidatingAdmissionPolicy writes it.
///
/// Policies decide about pods when they are created, so at least one rule of `resourceRules` must be about that; beyond
/// it the constraints come down to names of pods and two selectors. A pod has but one version, so both match policies
/// mean the same.
public struct MatchConstraints: Hashable, Sendable {
    /// Labels of the pod's namespace.
    public var namespaceSelector: LabelSelector?
    /// Labels of the pod.
    public var objectSelector: LabelSelector?
    /// The requests that the policy is about; empty for all.
    public var resourceRules: [ResourceRule]
    /// Requests that it is not about, although they are among the first.
    public var excludeResourceRules: [ResourceRule]
    /// Whether other versions of a resource count as the same.
    public var matchPolicy: MatchPolicy

    /// Whether other versions of a resource count as the same.
    public enum MatchPolicy: String, CaseIterable, Hashable, Sendable {
        case exact = "Exact"
        case equivalent = "Equivalent"
    }

    /// Some requests: by group, version, operation, resource, scope and name; `*` stands for all.
    public struct ResourceRule: Hashable, Sendable {
        /// API groups; that of pods is the empty one.
        public var apiGroups: [String]
        /// Versions of the API.
        public var apiVersions: [String]
        /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`.
        public var operations: [String]
        /// Resources, such as `pods`; `*/*` and `pods/*` stand for subresources too.
        public var resources: [String]
        /// Names of objects; empty for any.
        public var resourceNames: [String]
        /// `Namespaced`, `Cluster` or `*`.
        public var scope: Scope

        /// What kind of resources a rule is about.
        public enum Scope: String, CaseIterable, Hashable, Sendable {
            case namespaced = "Namespaced"
            case cluster = "Cluster"
            case any = "*"
        }

        /// Whether the rule is about creating pods, of whatever name.
        var isAboutPods: Bool {
            func has(_ list: [String], _ words: String...) -> Bool { list.contains { words.contains($0) } }
            return has(apiGroups, "", "*") && has(apiVersions, "v1", "*") && has(operations, "CREATE", "*")
                && has(resources, "pods", "pods/*", "*", "*/*") && scope != .cluster
        }
    }

    /// The names of the pods that the constraints are about; nil for any.
    var names: [String]? {
        let rules = resourceRules.filter(\.isAboutPods)
        if rules.isEmpty || rules.contains(where: \.resourceNames.isEmpty) { return nil }
        return Set(rules.flatMap(\.resourceNames)).sorted()
    }

    /// The names of the pods that the constraints leave out.
    var excludedNames: [String] {
        Set(excludeResourceRules.filter(\.isAboutPods).flatMap(\.resourceNames)).sorted()
    }

    /// The constraints as conditions in the order of the fields; `path` is where they stand.
    func conditions(at path: FieldPath) -> [Condition] {
        var result: [Condition] = []
        result += namespaceSelector?.conditions(at: path.appending("namespaceSelector")) { .namespaceLabel($0) } ?? []
        result += objectSelector?.conditions(at: path.appending("objectSelector")) { .label($0) } ?? []
        if let names {
            result.append(Condition(path: path.appending("resourceRules"), test: .podNames(names)))
        }
        if !excludedNames.isEmpty {
            result.append(Condition(path: path.appending("excludeResourceRules"), test: .notPodNames(excludedNames)))
        }
        return result
    }
}

extension MatchConstraints {
    static let keys = [
        "namespaceSelector", "objectSelector", "resourceRules", "excludeResourceRules", "matchPolicy",
    ]

    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: MatchConstraints.keys)
        namespaceSelector = try object.reader.optional("namespaceSelector", PolicyMatch.labelSelector)
        objectSelector = try object.reader.optional("objectSelector", PolicyMatch.labelSelector)
        resourceRules = try object.filledList("resourceRules", of: "rule", ResourceRule.init) ?? []
        excludeResourceRules = try object.filledList("excludeResourceRules", of: "rule", ResourceRule.init) ?? []
        matchPolicy = try object.choice("matchPolicy") ?? .equivalent
        if !resourceRules.isEmpty, !resourceRules.contains(where: \.isAboutPods) {
            throw FieldError(
                path: FieldPath("resourceRules"),
                expected: "a rule about what policies decide: apiGroups [\"\"], apiVersions [v1], operations [CREATE], "
                    + "resources [pods]",
                found: "none")
        }
        for (index, rule) in excludeResourceRules.enumerated() where rule.isAboutPods && rule.resourceNames.isEmpty {
            throw FieldError(
                path: FieldPath([.key("excludeResourceRules"), .index(index)]),
                expected: "resourceNames, or a rule about something else than creating pods",
                found: "a rule that leaves out every pod")
        }
    }

    var value: Value {
        var object = ObjectBuilder()
        object.add("namespaceSelector", namespaceSelector?.value)
        object.add("objectSelector", objectSelector?.value)
        object.add("resourceRules", resourceRules) { $0.value }
        object.add("excludeResourceRules", excludeResourceRules) { $0.value }
        if matchPolicy != .equivalent { object.add("matchPolicy", matchPolicy.rawValue) }
        return object.value
    }
}

extension MatchConstraints.ResourceRule {
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(
            value, keys: ["apiGroups", "apiVersions", "operations", "resources", "resourceNames", "scope"])
        func texts(_ key: String) throws(FieldError) -> [String]? {
            try object.filledList(key, of: "entry") { item throws(FieldError) in try item.decodeString() }
        }
        func required(_ key: String) throws(FieldError) -> [String] {
            guard let list = try texts(key) else {
                throw FieldError(path: FieldPath(key), expected: "a list, or [\"*\"]", found: "nothing")
            }
            return list
        }
        enum Operation: String, CaseIterable {
            case create = "CREATE"
            case update = "UPDATE"
            case delete = "DELETE"
            case connect = "CONNECT"
            case any = "*"
        }
        apiGroups = try required("apiGroups")
        apiVersions = try required("apiVersions")
        let given = try object.filledList("operations", of: "operation") { item throws(FieldError) in
            try StrictObject.choice(item, of: Operation.self).rawValue
        }
        guard let given else {
            throw FieldError(path: FieldPath("operations"), expected: "a list such as [CREATE]", found: "nothing")
        }
        operations = given
        resources = try required("resources")
        resourceNames = try texts("resourceNames") ?? []
        scope = try object.choice("scope") ?? .any
    }

    fileprivate var value: Value {
        var object = ObjectBuilder()
        object.add("apiGroups", .strings(apiGroups))
        object.add("apiVersions", .strings(apiVersions))
        object.add("operations", .strings(operations))
        object.add("resources", .strings(resources))
        object.add("resourceNames", resourceNames) { .string($0) }
        if scope != .any { object.add("scope", scope.rawValue) }
        return object.value
    }
}
