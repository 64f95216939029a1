import ClusterModel

/// One object of an input, as its manifest has it.
///
/// Indirect, so that passing fifty thousand of them along does not copy the many parts of a pod each time.
indirect enum ClusterObject: Sendable {
    case node(Node)
    case pod(Pod)
    case namespace(Namespace)
    case service(Service)
    case podGroup(PodGroup)
    case priorityClass(PriorityClass)
    case disruptionBudget(PodDisruptionBudget)
    /// A collection; one that is complete (a Job) makes no more pods.
    case collection(PodCollection, isComplete: Bool)
    /// A kind that is passed over.
    case other(String)

    /// The kind's name.
    var kind: String {
        switch self {
        case .node: "Node"
        case .pod: "Pod"
        case .namespace: "Namespace"
        case .service: "Service"
        case .podGroup: "PodGroup"
        case .priorityClass: "PriorityClass"
        case .disruptionBudget: "PodDisruptionBudget"
        case .collection(let collection, _): collection.kind.rawValue
        case .other(let kind): kind
        }
    }

    /// The object's metadata; nil for a kind that is passed over.
    var metadata: ObjectMeta? {
        switch self {
        case .node(let node): node.metadata
        case .pod(let pod): pod.metadata
        case .namespace(let namespace): namespace.metadata
        case .service(let service): service.metadata
        case .podGroup(let group): group.metadata
        case .priorityClass(let priorityClass): priorityClass.metadata
        case .disruptionBudget(let budget): budget.metadata
        case .collection(let collection, _): collection.metadata
        case .other: nil
        }
    }
}

extension ClusterObject {
    /// A fault of an object, with what its manifest calls it.
    struct Fault: Error {
        var code: InputError.Code
        var error: FieldError
        var object: String
    }

    /// Decodes the objects of a value: one, or the items of a `List`.
    ///
    /// - Parameters:
    ///   - path: where the value stands in its document.
    ///   - defaultKind: the kind of a list's item that does not say.
    static func decode(
        _ value: Value, at path: FieldPath = FieldPath([]), defaultKind: String?,
        _ body: (Result<ClusterObject, Fault>, FieldPath) -> Void
    ) {
        guard case .object = value else {
            let error = FieldError(path: path, expected: "an object with a kind", found: value.summary)
            return body(.failure(Fault(code: .field, error: error, object: "")), path)
        }
        if case .string(let kind)? = value["kind"], kind.hasSuffix("List"), let items = value["items"] {
            return decodeItems(items, of: kind, at: path, body)
        }
        body(object(value, defaultKind: defaultKind, at: path), path)
    }

    private static func decodeItems(
        _ items: Value, of kind: String, at path: FieldPath, _ body: (Result<ClusterObject, Fault>, FieldPath) -> Void
    ) {
        switch items {
        case .null: break
        case .array(let values):
            for (index, value) in values.enumerated() {
                decode(value, at: path.appending("items").appending(index), defaultKind: itemKind(of: kind), body)
            }
        default:
            let error = FieldError(path: path.appending("items"), expected: "a list", found: items.summary)
            body(.failure(Fault(code: .field, error: error, object: kind)), path)
        }
    }

    /// The kind that the items of a `PodList` have; nil for a plain `List`.
    static func itemKind(of listKind: String) -> String? {
        listKind == "List" ? nil : String(listKind.dropLast("List".count))
    }

    private static func object(
        _ value: Value, defaultKind: String?, at path: FieldPath
    ) -> Result<ClusterObject, Fault> {
        var name = defaultKind ?? ""
        do throws(Fault) {
            let kind = try kind(of: value, defaultKind: defaultKind, name: &name)
            do throws(FieldError) {
                return .success(try read(value, kind, name))
            } catch {
                throw Fault(code: .field, error: error, object: title(name, value))
            }
        } catch {
            var fault = error
            fault.error.path.elements.insert(contentsOf: path.elements, at: 0)
            return .failure(fault)
        }
    }

    private static func kind(
        of value: Value, defaultKind: String?, name: inout String
    ) throws(Fault) -> ObjectKind? {
        var apiVersion: String?
        do throws(FieldError) {
            let object = try ObjectReader(value)
            apiVersion = try object.string("apiVersion").flatMap { $0.isEmpty ? nil : $0 }
            name = try object.string("kind") ?? defaultKind ?? ""
            guard !name.isEmpty else {
                throw FieldError(path: FieldPath("kind"), expected: "a kind such as Pod", found: "nothing")
            }
        } catch {
            throw Fault(code: .field, error: error, object: "")
        }
        switch ObjectKind.lookup(name, apiVersion: apiVersion) {
        case .known(let kind): return kind
        case .other(let other):
            name = other
            return nil
        case .unknown(let nearest):
            let expected = nearest.map { "a known kind, perhaps \"\($0)\"" } ?? "a known kind such as Pod"
            let error = FieldError(path: FieldPath("kind"), expected: expected, found: "\"\(name)\"")
            throw Fault(code: .unknownKind, error: error, object: "")
        case .wrongGroup(let expected):
            let error = FieldError(
                path: FieldPath("apiVersion"), expected: "\"\(expected)\" for kind \(name)",
                found: "\"\(apiVersion ?? "")\"")
            throw Fault(code: .unknownKind, error: error, object: title(name, value))
        }
    }

    private static func read(_ value: Value, _ kind: ObjectKind?, _ name: String) throws(FieldError) -> ClusterObject {
        switch kind {
        case .node: return .node(try Node(value))
        case .pod:
            var pod = try Pod(value)
            // kubectl's copy of the whole manifest: of no use to anybody here, and as large as all the rest.
            pod.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
            return .pod(pod)
        case .namespace: return .namespace(try Namespace(value))
        case .service: return .service(try Service(value))
        case .podGroup: return .podGroup(try PodGroup(value))
        case .priorityClass: return .priorityClass(try PriorityClass(value))
        case .disruptionBudget: return .disruptionBudget(try PodDisruptionBudget(value))
        case .collection(let kind):
            return .collection(try PodCollection(value, kind: kind), isComplete: isComplete(value))
        case .cronJob, nil: return .other(name)
        }
    }

    /// Whether a Job has run to its end, well or not.
    private static func isComplete(_ value: Value) -> Bool {
        guard case .array(let conditions)? = value["status"]?["conditions"] else { return false }
        return conditions.contains { condition in
            condition["status"] == .string("True")
                && (condition["type"] == .string("Complete") || condition["type"] == .string("Failed"))
        }
    }

    /// `Pod default/web`, as far as the manifest says.
    private static func title(_ kind: String, _ value: Value) -> String {
        guard case .string(let name)? = value["metadata"]?["name"] else { return kind }
        guard case .string(let namespace)? = value["metadata"]?["namespace"] else { return "\(kind) \(name)" }
        return "\(kind) \(namespace)/\(name)"
    }
}
