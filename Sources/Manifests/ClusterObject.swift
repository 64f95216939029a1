import ClusterModel

/// One object of an input, as its manifest has it.
///
/// Indirect, so that passing fifty thousand of them along does not copy the many parts of a pod each time.
indirect enum ClusterObject: Sendable {
    case node(Node)
    case pod(Pod)
    /// An object of which a controller makes pods.
    case workload(Workload)
    /// An object that stands in a list of the input and needs no more.
    case listed(ListedObject)
    /// A kind that is passed over, under the name that a warning gives it.
    case passedOver(String, why: String)

    /// The kind's name.
    var kind: String {
        switch self {
        case .node: "Node"
        case .pod: "Pod"
        case .workload(let workload): workload.kind
        case .listed(let object): object.kind
        case .passedOver(let kind, _): kind
        }
    }

    /// What no other kind has: kinds of two groups may share a name, as the Jobs of Kubernetes and Volcano do.
    var kindID: String {
        if case .workload(let workload) = self { return workload.kindID }
        return kind
    }

    /// The object's metadata; nil for a kind that is passed over.
    var metadata: ObjectMeta? {
        switch self {
        case .node(let node): node.metadata
        case .pod(let pod): pod.metadata
        case .workload(let workload): workload.metadata
        case .listed(let object): object.metadata
        case .passedOver: nil
        }
    }
}

/// A type whose objects stand in a list of `ClusterInput`; to read one more such kind is one line in `ObjectKind.all`.
protocol ListedType: Sendable {
    /// Name and namespace.
    var metadata: ObjectMeta { get }

    /// Reads a manifest.
    init(_ value: Value) throws(FieldError)
}

extension Namespace: ListedType {}
extension Service: ListedType {}
extension PodGroup: ListedType {}
extension SchedulingWorkload: ListedType {}
extension PriorityClass: ListedType {}
extension PodDisruptionBudget: ListedType {}
extension RuntimeClass: ListedType {}
extension LimitRange: ListedType {}
extension ResourceQuota: ListedType {}
extension PersistentVolume: ListedType {}
extension PersistentVolumeClaim: ListedType {}
extension StorageClass: ListedType {}
extension CSINode: ListedType {}

/// An object that stands in a list of the input.
struct ListedObject: Sendable {
    /// The kind's name.
    var kind: String
    /// Name and namespace.
    var metadata: ObjectMeta
    /// Puts the object into its list.
    var add: @Sendable (inout ClusterInput) -> Void
}

extension ClusterObject {
    /// A fault of an object, with what its manifest calls it.
    struct Fault: Error {
        var code: InputError.Code
        var error: FieldError
        var object: String
    }

    /// What the items of a list need not say themselves.
    struct ItemDefaults: Hashable, Sendable {
        /// The kind of the items of a `PodList`.
        var kind: String
        /// Their API version, if the list says it.
        var apiVersion: String?

        /// The defaults that a list gives its items; nil for a plain `List`, whose items speak for themselves.
        init?(listKind: String, apiVersion: String?) {
            guard listKind.hasSuffix("List"), listKind != "List" else { return nil }
            self.kind = String(listKind.dropLast("List".count))
            self.apiVersion = apiVersion
        }

        /// The defaults that the list gives whose fields these are, but for its items.
        init?(header: Value) {
            guard case .string(let kind)? = header["kind"] else { return nil }
            var version: String?
            if case .string(let text)? = header["apiVersion"] { version = text }
            self.init(listKind: kind, apiVersion: version)
        }
    }

    /// Decodes the objects of a value: one, or the items of a `List`.
    ///
    /// - Parameters:
    ///   - path: where the value stands in its document.
    ///   - defaults: what a list's item need not say.
    ///   - position: what no other piece of the input has; names that are made up depend on it.
    static func decode(
        _ value: Value, at path: FieldPath = FieldPath([]), defaults: ItemDefaults?, position: inout Int,
        _ body: (Result<ClusterObject, Fault>, FieldPath) -> Void
    ) {
        guard case .object = value else {
            let error = FieldError(path: path, expected: "an object with a kind", found: value.summary)
            return body(.failure(Fault(code: .field, error: error, object: "")), path)
        }
        if case .string(let kind)? = value["kind"], kind.hasSuffix("List"), let items = value["items"] {
            return decodeItems(
                items, of: kind, ItemDefaults(header: value), at: path, position: &position, body)
        }
        body(object(value, defaults, at: path, position: position), path)
        position &+= GeneratedName.step
    }

    private static func decodeItems(
        _ items: Value, of kind: String, _ defaults: ItemDefaults?, at path: FieldPath, position: inout Int,
        _ body: (Result<ClusterObject, Fault>, FieldPath) -> Void
    ) {
        switch items {
        case .null: break
        case .array(let values):
            for (index, value) in values.enumerated() {
                decode(
                    value, at: path.appending("items").appending(index), defaults: defaults, position: &position, body)
            }
        default:
            let error = FieldError(path: path.appending("items"), expected: "a list", found: items.summary)
            body(.failure(Fault(code: .field, error: error, object: kind)), path)
        }
    }

    private static func object(
        _ value: Value, _ defaults: ItemDefaults?, at path: FieldPath, position: Int
    ) -> Result<ClusterObject, Fault> {
        var name = defaults?.kind ?? ""
        do throws(Fault) {
            let lookup = try lookup(value, defaults, name: &name)
            guard case .known(let kind) = lookup else { return .success(try passedOver(lookup, name, value)) }
            do throws(FieldError) {
                return .success(try kind.read(GeneratedName.completed(value, position: position)))
            } catch {
                throw Fault(code: .field, error: error, object: title(name, value))
            }
        } catch {
            var fault = error
            fault.error.path.elements.insert(contentsOf: path.elements, at: 0)
            return .failure(fault)
        }
    }

    private static func lookup(
        _ value: Value, _ defaults: ItemDefaults?, name: inout String
    ) throws(Fault) -> ObjectKind.Lookup {
        var apiVersion: String?
        do throws(FieldError) {
            let object = try ObjectReader(value)
            apiVersion = try object.string("apiVersion").flatMap { $0.isEmpty ? nil : $0 } ?? defaults?.apiVersion
            name = try object.string("kind") ?? defaults?.kind ?? ""
            guard !name.isEmpty else {
                throw FieldError(path: FieldPath("kind"), expected: "a kind such as Pod", found: "nothing")
            }
        } catch {
            throw Fault(code: .field, error: error, object: "")
        }
        return ObjectKind.lookup(name, apiVersion: apiVersion)
    }

    /// An object that is not read, or why it is at fault.
    private static func passedOver(
        _ lookup: ObjectKind.Lookup, _ name: String, _ value: Value
    ) throws(Fault) -> ClusterObject {
        let error: FieldError
        switch lookup {
        case .known(let kind): return .passedOver(kind.name, why: "")
        case .passedOver(let name, let why): return .passedOver(name, why: why)
        case .misspelt(let nearest):
            error = FieldError(
                path: FieldPath("kind"), expected: "a known kind, perhaps \"\(nearest)\"", found: "\"\(name)\"")
        case .wrongGroup(let expected, let found):
            error = FieldError(
                path: FieldPath("apiVersion"), expected: "\"\(expected)\" for kind \(name)", found: "\"\(found)\"")
        case .noGroup:
            error = FieldError(
                path: FieldPath("apiVersion"), expected: "the API version of kind \(name)", found: "nothing")
        }
        throw Fault(code: .unknownKind, error: error, object: title(name, value))
    }

    /// `Pod default/web`, as far as the manifest says.
    private static func title(_ kind: String, _ value: Value) -> String {
        guard case .string(let name)? = value["metadata"]?["name"] else { return kind }
        guard case .string(let namespace)? = value["metadata"]?["namespace"] else { return "\(kind) \(name)" }
        return "\(kind) \(namespace)/\(name)"
    }
}
