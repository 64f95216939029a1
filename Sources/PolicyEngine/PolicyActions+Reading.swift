import ClusterModel

extension PolicyActions {
    static let keys = [
        "scheduler", "whenUnavailable", "fallback", "whenNamed", "labels", "annotations", "reject",
    ]

    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: PolicyActions.keys)
        self.init()
        scheduler = try object.reader.optional("scheduler", PolicyDocument.objectName)
        reject = try object.reader.optional("reject", PolicyActions.message)
        labels = try object.reader.optional("labels", { v throws(FieldError) in
            try MetadataEdit(v, areLabels: true)
        }) ?? MetadataEdit()
        annotations = try object.reader.optional("annotations", { v throws(FieldError) in
            try MetadataEdit(v, areLabels: false)
        }) ?? MetadataEdit()
        try readRouting(object)
        if scheduler == nil, reject == nil, !edits {
            throw FieldError(
                expected: "at least one of scheduler, reject, labels, annotations", found: value.summary)
        }
        if reject != nil, scheduler != nil || edits {
            throw FieldError(
                path: FieldPath("reject"), expected: "no other action beside reject, since nothing is then changed",
                found: "reject and \(scheduler != nil ? "scheduler" : "labels or annotations")")
        }
    }

    private mutating func readRouting(_ object: StrictObject) throws(FieldError) {
        if let names = try object.reader.optional("fallback", PolicyActions.schedulers) {
            fallback = names
            whenUnavailable = .fallback
        }
        if let choice = try object.choice("whenUnavailable", of: WhenUnavailable.self) {
            if choice != .fallback, !fallback.isEmpty {
                throw FieldError(
                    path: FieldPath("whenUnavailable"), expected: "\"fallback\", since a fallback is given",
                    found: "the string \"\(choice.rawValue)\"")
            }
            if choice == .fallback, fallback.isEmpty {
                throw FieldError(
                    path: FieldPath("fallback"), expected: "the scheduler to fall back to", found: "nothing")
            }
            whenUnavailable = choice
        }
        whenNamed = try object.choice("whenNamed", of: WhenNamed.self) ?? .honour
        guard scheduler == nil else { return }
        for key in ["whenUnavailable", "fallback", "whenNamed"] where object.reader.value(key) != nil {
            throw FieldError(path: FieldPath(key), expected: "a scheduler beside it", found: "\(key) alone")
        }
    }

    /// One scheduler's name, or a list of them in the order in which they are tried.
    private static func schedulers(_ value: Value) throws(FieldError) -> [String] {
        guard case .array(let items) = value else { return [try PolicyDocument.objectName(value)] }
        guard (1...16).contains(items.count) else {
            throw FieldError(expected: "one scheduler, or a list of at most 16", found: value.summary)
        }
        return try value.decodeList(PolicyDocument.objectName)
    }

    private static func message(_ value: Value) throws(FieldError) -> String {
        let object = try StrictObject(value, keys: ["message"])
        let text = try object.reader.required("message", "why the pod is refused") { item throws(FieldError) in
            try item.decodeString()
        }
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= PolicyLimits.messageBytes else {
            throw FieldError(
                path: FieldPath("message"), expected: "a message of 1 to \(PolicyLimits.messageBytes) bytes",
                found: text.utf8.count > PolicyLimits.messageBytes ? "\(text.utf8.count) bytes" : "an empty one")
        }
        return text
    }
}

extension MetadataEdit {
    init(_ value: Value, areLabels: Bool) throws(FieldError) {
        let object = try StrictObject(value, keys: ["add", "default"])
        self.init(add: try object.reader.strings("add"), default: try object.reader.strings("default"))
        if isEmpty { throw FieldError(expected: "add, default or both, with at least one key", found: value.summary) }
        for (field, entries) in [("add", add), ("default", self.default)] {
            try PolicyMatch.checkKeys(entries.keys, field, MetadataText.keyText)
            for (key, text) in entries.sorted(by: { $0.key < $1.key }) {
                if areLabels, !MetadataText.isLabelValue(text) {
                    throw FieldError(
                        path: FieldPath(field, key), expected: MetadataText.labelValue, found: "the string \"\(text)\"")
                }
                if !areLabels, PolicyAnnotation.reserved.contains(key) {
                    throw FieldError(
                        path: FieldPath(field, key), expected: "an annotation that the engine does not write itself",
                        found: "\"\(key)\"")
                }
            }
        }
        if let key = add.keys.sorted().first(where: { self.default[$0] != nil }) {
            throw FieldError(
                path: FieldPath("default", key), expected: "a key that is not under add too", found: "\"\(key)\"")
        }
    }
}
