import CEL
import ClusterModel

/// The object that the expressions of a policy see as `params`.
///
/// Written as `paramKind` and `paramRef`, as in Kubernetes' admission policies and their bindings.
public struct PolicyParameters: Hashable, Sendable {
    /// The API group and version of the object.
    public var apiVersion: String
    /// The kind of the object.
    public var kind: String
    /// The object's name.
    public var name: String
    /// The object's namespace; nil for that of the pod, or for an object of the cluster.
    public var namespace: String?
    /// What happens to a pod while there is no such object.
    public var whenMissing: WhenMissing

    /// What happens to a pod while there is no such object.
    public enum WhenMissing: String, CaseIterable, Hashable, Sendable {
        /// The policy has nothing to say about the pod.
        case allow = "Allow"
        /// The policy's `failurePolicy` decides.
        case deny = "Deny"
    }

    /// The object, if it is there.
    func object(for pod: Pod, in cluster: PolicyCluster) -> Value? {
        func find(_ namespace: String) -> Value? {
            let key = PolicyObjectKey(apiVersion: apiVersion, kind: kind, namespace: namespace, name: name)
            return cluster.objects[key] ?? cluster.objectsOfPolicies[key]
        }
        if let namespace { return find(namespace) }
        return find(pod.metadata.namespace) ?? find("")
    }

    /// The object in words: `ConfigMap platform/queues`.
    var words: String { "\(kind) \(namespace.map { "\($0)/" } ?? "")\(name)" }
}

/// What tells an object of the cluster from all others.
public struct PolicyObjectKey: Hashable, Comparable, Sendable {
    /// The API group and version.
    public var apiVersion: String
    /// The kind.
    public var kind: String
    /// The namespace; empty for objects of the cluster as a whole.
    public var namespace: String
    /// The name.
    public var name: String

    /// Orders by kind, then by place.
    public static func < (a: PolicyObjectKey, b: PolicyObjectKey) -> Bool {
        (a.apiVersion, a.kind, a.namespace, a.name) < (b.apiVersion, b.kind, b.namespace, b.name)
    }

    /// A key of the given parts.
    public init(apiVersion: String, kind: String, namespace: String, name: String) {
        (self.apiVersion, self.kind, self.namespace, self.name) = (apiVersion, kind, namespace, name)
    }

    /// The key of an object; fails where a part is no text, or there is none that must be.
    public init(of object: Value) throws(FieldError) {
        let reader = try ObjectReader(object)
        func text(_ reader: ObjectReader, _ field: String) throws(FieldError) -> String {
            let text = try reader.string(field) ?? ""
            guard !text.isEmpty else { throw FieldError(path: FieldPath(field), expected: "a text", found: "nothing") }
            return text
        }
        apiVersion = try text(reader, "apiVersion")
        kind = try text(reader, "kind")
        let named = try reader.object("metadata") { metadata throws(FieldError) in
            (try metadata.string("namespace") ?? "", try text(metadata, "name"))
        }
        guard let named else {
            throw FieldError(path: FieldPath("metadata"), expected: "metadata with a name", found: "nothing")
        }
        (namespace, name) = named
        // Kubernetes takes an object of a namespace that names none for one of `default`; these are always of one.
        if namespace.isEmpty, ["ConfigMap", "Secret"].contains(kind) { namespace = "default" }
    }
}

extension PolicyParameters {
    /// Reads `paramKind` and `paramRef` of a policy; nil where it has neither.
    init?(_ spec: StrictObject) throws(FieldError) {
        let kind = try spec.object("paramKind", keys: ["apiVersion", "kind"]) { item throws(FieldError) in
            func text(_ field: String, _ expected: String) throws(FieldError) -> String {
                try item.reader.required(field, expected) { v throws(FieldError) in try v.decodeString() }
            }
            return (try text("apiVersion", "an API version such as v1"), try text("kind", "a kind such as ConfigMap"))
        }
        let keys = ["name", "namespace", "parameterNotFoundAction"]
        let reference = try spec.object("paramRef", keys: keys) { item throws(FieldError) in
            let name = try item.reader.required("name", "the name of the object", PolicyDocument.objectName)
            let namespace = try item.reader.optional("namespace", PolicyDocument.objectName)
            guard let action = try item.choice("parameterNotFoundAction", of: WhenMissing.self) else {
                throw FieldError(
                    path: FieldPath("parameterNotFoundAction"), expected: "Allow or Deny", found: "nothing")
            }
            return (name, namespace, action)
        }
        guard kind != nil || reference != nil else { return nil }
        guard let kind else {
            throw FieldError(path: FieldPath("paramKind"), expected: "apiVersion and kind of params", found: "nothing")
        }
        guard let reference else {
            throw FieldError(path: FieldPath("paramRef"), expected: "which object params is", found: "nothing")
        }
        (apiVersion, self.kind) = kind
        (name, namespace, whenMissing) = reference
    }

    /// Adds `paramKind` and `paramRef`.
    func add(to spec: inout ObjectBuilder) {
        var (of, reference) = (ObjectBuilder(), ObjectBuilder())
        of.add("apiVersion", apiVersion)
        of.add("kind", kind)
        reference.add("name", name)
        reference.add("namespace", namespace)
        reference.add("parameterNotFoundAction", whenMissing.rawValue)
        spec.add("paramKind", of.value)
        spec.add("paramRef", reference.value)
    }
}
