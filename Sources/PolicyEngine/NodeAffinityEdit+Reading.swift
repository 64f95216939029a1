import ClusterModel

extension NodeAffinityEdit {
    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    /// Reads `{add: …, default: …, remove: […]}`, of which the first two are written as in a pod's `nodeAffinity`.
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["add", "default", "remove"])
        self.init()
        if let added = try object.reader.optional("add", NodeAffinityEdit.terms) {
            (addRequired, addPreferred) = added
        }
        if let defaults = try object.reader.optional("default", NodeAffinityEdit.terms) {
            (defaultRequired, defaultPreferred) = defaults
        }
        remove =
            try object.filledList("remove", of: "key of a node label") { item throws(FieldError) in
                try item.decodeString()
            } ?? []
        for (index, key) in remove.enumerated() where !MetadataText.isKey(key) {
            throw FieldError(
                path: FieldPath("remove").appending(index), expected: MetadataText.keyText,
                found: "the string \"\(key)\"")
        }
        if self == NodeAffinityEdit() {
            throw FieldError(expected: "add, default, remove or several of them", found: value.summary)
        }
    }

    private static func terms(_ value: Value) throws(FieldError) -> (NodeSelector?, [PreferredNodes]) {
        let object = try StrictObject(value, keys: [required, preferred])
        _ = try object.object(required, keys: ["nodeSelectorTerms"]) { selector throws(FieldError) in
            _ = try selector.filledList("nodeSelectorTerms", of: "term", checkTerm)
        }
        _ = try object.filledList(preferred, of: "preference") { item throws(FieldError) in
            let preference = try StrictObject(item, keys: ["weight", "preference"])
            return try preference.reader.required("preference", "a term", checkTerm)
        }
        let affinity: Affinity
        do throws(FieldError) { affinity = try Affinity(ObjectReader(.object([.init("nodeAffinity", value)]))) } catch {
            // Here the terms stand without the key around them.
            throw FieldError(
                path: FieldPath(Array(error.path.elements.dropFirst())), expected: error.expected, found: error.found)
        }
        if affinity.requiredNodes == nil, affinity.preferredNodes.isEmpty {
            throw FieldError(expected: "\(required) or \(preferred)", found: value.summary)
        }
        return (affinity.requiredNodes, affinity.preferredNodes)
    }

    /// What a manifest has under `nodeAffinity`, as tests expect it.
    static func affinity(_ value: Value) throws(FieldError) -> Affinity {
        if case .object(let fields) = value, fields.isEmpty { return Affinity() }
        let (required, preferred) = try terms(value)
        return Affinity(requiredNodes: required, preferredNodes: preferred)
    }

    /// Fails at what the API server would not take in a term, and at a term that selects no node.
    private static func checkTerm(_ value: Value) throws(FieldError) {
        let term = try StrictObject(value, keys: ["matchExpressions", "matchFields"])
        let keys = ["key", "operator", "values"]
        let expressions: [Void] = try term.reader.list("matchExpressions") { item throws(FieldError) in
            let reader = try StrictObject(item, keys: keys).reader
            let key = try reader.string("key") ?? ""
            guard MetadataText.isKey(key) else {
                throw FieldError(
                    path: FieldPath("key"), expected: MetadataText.keyText, found: "the string \"\(key)\"")
            }
            for (index, text) in try reader.stringList("values").enumerated() where !MetadataText.isLabelValue(text) {
                throw FieldError(
                    path: FieldPath("values").appending(index), expected: MetadataText.labelValue,
                    found: "the string \"\(text)\"")
            }
        }
        let fields: [Void] = try term.reader.list("matchFields") { item throws(FieldError) in
            let reader = try StrictObject(item, keys: keys).reader
            let isName = try reader.string("key") == "metadata.name"
            let isListed = ["In", "NotIn"].contains(try reader.string("operator") ?? "")
            guard isName, isListed, try reader.stringList("values").count == 1 else {
                throw FieldError(expected: "metadata.name In or NotIn one name", found: item.summary)
            }
        }
        if expressions.isEmpty, fields.isEmpty {
            throw FieldError(expected: "at least one of matchExpressions, matchFields", found: value.summary)
        }
    }

    /// The edit as a policy's manifest has it.
    var value: Value {
        func terms(_ required: NodeSelector?, _ preferred: [PreferredNodes]) -> Value? {
            Affinity(requiredNodes: required, preferredNodes: preferred).value["nodeAffinity"]
        }
        var object = ObjectBuilder()
        object.add("add", terms(addRequired, addPreferred))
        object.add("default", terms(defaultRequired, defaultPreferred))
        object.add("remove", remove) { .string($0) }
        return object.value
    }
}
