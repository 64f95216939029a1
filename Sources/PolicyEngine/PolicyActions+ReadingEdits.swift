import ClusterModel

extension PolicyActions {
    mutating func readEdits(_ object: StrictObject) throws(FieldError) {
        labels = try PolicyActions.metadata(object, "labels", areLabels: true)
        annotations = try PolicyActions.metadata(object, "annotations", areLabels: false)
        nodeSelector = try PolicyActions.metadata(object, "nodeSelector", areLabels: true)
        tolerations = try PolicyActions.list(
            object, "tolerations", keys: ["key", "operator", "value", "effect", "tolerationSeconds"],
            PolicyActions.toleration, removing: Toleration.Pattern.init)
        topologySpread = try PolicyActions.list(
            object, "topologySpreadConstraints",
            keys: [
                "maxSkew", "topologyKey", "whenUnsatisfiable", "labelSelector", "minDomains", "nodeAffinityPolicy",
                "nodeTaintsPolicy", "matchLabelKeys",
            ], PolicyActions.spread, removing: TopologySpreadConstraint.Pattern.init)
        do throws(FieldError) { try PolicyActions.checkPairs(topologySpread) } catch {
            throw error.inside(.key("topologySpreadConstraints"))
        }
        schedulingGates = try object.reader.optional("schedulingGates", PolicyActions.gates) ?? ListEdit()
        nodeAffinity = try object.reader.optional("nodeAffinity", NodeAffinityEdit.init)
        requests = try PolicyActions.resources(object, "requests")
        limits = try PolicyActions.resources(object, "limits")
        priorityClass = try object.object("priorityClassName", keys: ["add", "default"]) { item throws(FieldError) in
            let add = try item.reader.optional("add", PolicyDocument.objectName)
            let fallback = try item.reader.optional("default", PolicyDocument.objectName)
            switch (add, fallback) {
            case (let name?, nil): return .add(name)
            case (nil, let name?): return .default(name)
            default: throw FieldError(expected: "either add or default", found: add == nil ? "neither" : "both")
            }
        }
    }

    private static func metadata(
        _ object: StrictObject, _ field: String, areLabels: Bool
    ) throws(FieldError) -> MetadataEdit {
        try object.reader.optional(field) { v throws(FieldError) in try MetadataEdit(v, areLabels: areLabels) }
            ?? MetadataEdit()
    }

    private static func list<Item>(
        _ object: StrictObject, _ field: String, keys: [String],
        _ decode: @escaping (ObjectReader) throws(FieldError) -> Item,
        removing pattern: (Value) throws(FieldError) -> Item.Pattern
    ) throws(FieldError) -> ListEdit<Item> {
        let item = { (value: Value) throws(FieldError) in try decode(StrictObject(value, keys: keys).reader) }
        return try object.reader.optional(field) { v throws(FieldError) in
            try ListEdit(v, item, removing: pattern)
        } ?? ListEdit()
    }

    /// Gates as their names: a default makes no sense of them, as one gate says nothing of another.
    private static func gates(_ value: Value) throws(FieldError) -> ListEdit<SchedulingGate> {
        let object = try StrictObject(value, keys: ["add", "remove"])
        func names(_ field: String) throws(FieldError) -> [String] {
            try object.filledList(field, of: "gate") { item throws(FieldError) in
                let name = try item.decodeString()
                guard MetadataText.isKey(name) else {
                    throw FieldError(
                        expected: "the name of a gate, such as example.com/quota", found: "the string \"\(name)\"")
                }
                return name
            } ?? []
        }
        let edit = ListEdit(add: try names("add").map(SchedulingGate.init), remove: try names("remove"))
        if edit.isEmpty { throw FieldError(expected: "add, remove or both", found: value.summary) }
        if let index = edit.remove.firstIndex(where: { edit.add.map(\.name).contains($0) }) {
            throw FieldError(
                path: FieldPath("remove").appending(index), expected: "a gate that is not under add too",
                found: "\"\(edit.remove[index])\"")
        }
        return edit
    }

    private static func resources(_ object: StrictObject, _ field: String) throws(FieldError) -> ResourceEdit {
        try object.reader.optional(field) { value throws(FieldError) in
            let object = try StrictObject(value, keys: ["add", "default", "remove"])
            let decode = { (item: Value) throws(FieldError) in try item.decodeResources() }
            let edit = ResourceEdit(
                add: try object.reader.optional("add", decode) ?? [:],
                default: try object.reader.optional("default", decode) ?? [:],
                remove: try object.filledList("remove", of: "resource") { item throws(FieldError) in
                    try item.decodeString()
                } ?? [])
            if edit.isEmpty {
                throw FieldError(
                    expected: "add, default or remove, with at least one resource", found: value.summary)
            }
            try edit.check(isRequest: field == "requests")
            return edit
        } ?? ResourceEdit()
    }
}

extension ResourceEdit {
    /// Fails at what the API server would not take.
    fileprivate func check(isRequest: Bool) throws(FieldError) {
        for (field, names) in [("add", Array(add.keys)), ("default", Array(self.default.keys)), ("remove", remove)] {
            try PolicyMatch.checkKeys(names, field, "a resource such as cpu or memory")
            // A request of a device or of huge pages must equal its limit, so only the limit is there to be written.
            if isRequest, let name = names.sorted().first(where: { $0.contains("/") || $0.hasPrefix("hugepages-") }) {
                throw FieldError(
                    path: FieldPath(field, name), expected: "a resource of which less may be requested than its limit",
                    found: "\(name), whose limits are its requests: write limits")
            }
        }
        for (field, amounts) in [("add", add), ("default", self.default)] {
            for (name, amount) in amounts.sorted(by: { $0.key < $1.key }) where amount < .zero {
                throw FieldError(path: FieldPath(field, name), expected: "no negative amount", found: "\(amount)")
            }
        }
        for name in add.keys.sorted() where self.default[name] != nil || remove.contains(name) {
            throw FieldError(
                path: FieldPath("add", name), expected: "a resource that is not under default or remove too",
                found: "\"\(name)\"")
        }
        for name in remove where self.default[name] != nil {
            throw FieldError(
                path: FieldPath("default", name), expected: "a resource that is not under remove too",
                found: "\"\(name)\"")
        }
    }
}

extension ListEdit {
    /// Reads `{add: […], default: […], defaultByKey: […], remove: […]}`.
    init(
        _ value: Value, _ item: (Value) throws(FieldError) -> Item,
        removing pattern: (Value) throws(FieldError) -> Item.Pattern
    ) throws(FieldError) {
        let object = try StrictObject(value, keys: ["add", "default", "defaultByKey", "remove"])
        self.init(
            add: try object.filledList("add", of: "entry", item) ?? [],
            default: try object.filledList("default", of: "entry", item) ?? [],
            defaultByKey: try object.filledList("defaultByKey", of: "entry", item) ?? [],
            remove: try object.filledList("remove", of: "entry", pattern) ?? [])
        if isEmpty {
            throw FieldError(expected: "add, default, defaultByKey, remove or several of them", found: value.summary)
        }
    }
}

extension Toleration.Pattern {
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["key", "operator", "value", "effect"])
        self.init(
            key: try object.reader.string("key"), operator: try object.choice("operator"),
            value: try object.reader.string("value"), effect: try object.choice("effect"))
        if self == Toleration.Pattern() {
            throw FieldError(
                expected: "key, operator, value or effect of the tolerations to remove", found: value.summary)
        }
        if let key, !key.isEmpty, !MetadataText.isKey(key) {
            throw FieldError(
                path: FieldPath("key"), expected: MetadataText.keyText, found: "the string \"\(key)\"")
        }
    }
}

extension TopologySpreadConstraint.Pattern {
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["topologyKey", "whenUnsatisfiable"])
        self.init(
            topologyKey: try object.reader.string("topologyKey"),
            whenUnsatisfiable: try object.choice("whenUnsatisfiable"))
        if self == TopologySpreadConstraint.Pattern() {
            throw FieldError(
                expected: "topologyKey or whenUnsatisfiable of the constraints to remove", found: value.summary)
        }
    }
}

extension EditValue {
    /// Reads a text, or `{expression: …}`.
    init(_ value: Value) throws(FieldError) {
        guard case .object = value else {
            guard case .string(let text) = value else {
                throw FieldError(expected: "a string, or {expression: …}", found: value.summary)
            }
            self = .text(text)
            return
        }
        let object = try StrictObject(value, keys: ["expression"])
        self = .expression(
            try object.reader.required("expression", "an expression in CEL that is a string") {
                v throws(FieldError) in
                try v.decodeString()
            })
    }
}

extension MetadataEdit {
    init(_ value: Value, areLabels: Bool) throws(FieldError) {
        let object = try StrictObject(value, keys: ["add", "default", "remove"])
        self.init(
            add: try object.reader.map("add", EditValue.init),
            default: try object.reader.map("default", EditValue.init),
            remove: try object.filledList("remove", of: "key") { item throws(FieldError) in try item.decodeString() }
                ?? [])
        if isEmpty {
            throw FieldError(expected: "add, default or remove, with at least one key", found: value.summary)
        }
        for (field, entries) in [("add", add), ("default", self.default)] {
            try PolicyMatch.checkKeys(entries.keys, field, MetadataText.keyText)
            for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
                if areLabels, case .text(let text) = entry, !MetadataText.isLabelValue(text) {
                    throw FieldError(
                        path: FieldPath(field, key), expected: MetadataText.labelValue, found: "the string \"\(text)\"")
                }
                if !areLabels { try MetadataEdit.checkAnnotation(key, at: FieldPath(field, key)) }
            }
        }
        for (index, key) in remove.enumerated() {
            let path = FieldPath("remove").appending(index)
            guard MetadataText.isKey(key) else {
                throw FieldError(path: path, expected: MetadataText.keyText, found: "the string \"\(key)\"")
            }
            if !areLabels { try MetadataEdit.checkAnnotation(key, at: path) }
            if add[key] != nil || self.default[key] != nil {
                throw FieldError(path: path, expected: "a key that is not written too", found: "\"\(key)\"")
            }
        }
        if let key = add.keys.sorted().first(where: { self.default[$0] != nil }) {
            throw FieldError(
                path: FieldPath("default", key), expected: "a key that is not under add too", found: "\"\(key)\"")
        }
    }

    private static func checkAnnotation(_ key: String, at path: FieldPath) throws(FieldError) {
        guard PolicyAnnotation.reserved.contains(key) else { return }
        throw FieldError(
            path: path, expected: "an annotation that the engine does not write itself", found: "\"\(key)\"")
    }
}
