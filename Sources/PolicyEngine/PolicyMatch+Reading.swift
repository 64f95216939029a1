import ClusterModel

extension PolicyMatch {
    static let keys = [
        "namespaces", "excludeNamespaces", "namespaceSelector", "labelSelector", "annotationSelector", "ownerKinds",
        "priorityClasses", "priority", "qosClasses", "podGroup", "requests", "schedulerNames",
        "any", "except",
    ]

    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: PolicyMatch.keys)
        self.init()
        namespaces = try PolicyMatch.patterns(object, "namespaces", "namespace")
        excludeNamespaces = try PolicyMatch.patterns(object, "excludeNamespaces", "namespace")
        namespaceSelector = try object.reader.optional("namespaceSelector", PolicyMatch.labelSelector)
        labelSelector = try object.reader.optional("labelSelector", PolicyMatch.labelSelector)
        annotationSelector = try object.reader.optional("annotationSelector", PolicyMatch.annotationSelector)
        ownerKinds = try object.filledList("ownerKinds", of: "kind", PolicyMatch.kind)
        priorityClasses = try PolicyMatch.patterns(object, "priorityClasses", "priority class")
        priority = try object.reader.optional("priority", IntegerRange.init)
        qosClasses = try object.filledList("qosClasses", of: "class") { item throws(FieldError) in
            try StrictObject.choice(item, of: QoSClass.self)
        }
        podGroup = try object.reader.optional("podGroup", GroupMatch.init)
        requests = try object.reader.map("requests", QuantityRange.init)
        try PolicyMatch.checkKeys(requests.keys, "requests", "a resource such as cpu or nvidia.com/gpu")
        schedulerNames = try PolicyMatch.patterns(object, "schedulerNames", "scheduler")
        any = try object.filledList("any", of: "match", PolicyMatch.alternative) ?? []
        except = try object.filledList("except", of: "match", PolicyMatch.alternative) ?? []
        guard depth <= PolicyLimits.matchDepth else {
            throw FieldError(
                expected: "any and except at most \(PolicyLimits.matchDepth - 1) deep", found: "\(depth - 1)")
        }
    }

    /// A match among others, which must ask something.
    private static func alternative(_ value: Value) throws(FieldError) -> PolicyMatch {
        let match = try PolicyMatch(value)
        if match == PolicyMatch() { throw FieldError(expected: "at least one condition", found: value.summary) }
        return match
    }

    /// How deep matches stand in the match, itself included.
    private var depth: Int { 1 + ((any + except).map(\.depth).max() ?? 0) }

    private static func patterns(
        _ object: StrictObject, _ key: String, _ what: String
    ) throws(FieldError) -> [NamePattern]? {
        try object.filledList(key, of: what) { item throws(FieldError) in
            try NamePattern(item, what: "the name of a \(what)")
        }
    }

    private static func kind(_ value: Value) throws(FieldError) -> String {
        let text = try value.decodeString()
        let fits = text.utf8.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ?? false
        guard fits, text.utf8.count <= 63, text.utf8.allSatisfy({ $0 < 0x80 && $0 > UInt8(ascii: " ") }) else {
            throw FieldError(expected: "a kind such as Job, or None for a pod that nothing owns", found: value.summary)
        }
        return text
    }

    static func labelSelector(_ value: Value) throws(FieldError) -> LabelSelector {
        let selector = try annotationSelector(value)
        for (key, text) in selector.matchLabels.sorted(by: { $0.key < $1.key }) where !MetadataText.isLabelValue(text) {
            throw FieldError(
                path: FieldPath("matchLabels", key), expected: MetadataText.labelValue, found: "\"\(text)\"")
        }
        return selector
    }

    static func annotationSelector(_ value: Value) throws(FieldError) -> LabelSelector {
        let object = try StrictObject(value, keys: ["matchLabels", "matchExpressions"])
        if case .array(let items)? = object.reader.value("matchExpressions") {
            for (index, item) in items.enumerated() {
                do { _ = try StrictObject(item, keys: ["key", "operator", "values"]) } catch {
                    throw error.inside(.index(index)).inside(.key("matchExpressions"))
                }
            }
        }
        let selector = try LabelSelector(object.reader)
        try checkKeys(selector.matchLabels.keys, "matchLabels", MetadataText.keyText)
        for (index, item) in selector.matchExpressions.enumerated() where !MetadataText.isKey(item.key) {
            throw FieldError(
                path: FieldPath([.key("matchExpressions"), .index(index), .key("key")]),
                expected: MetadataText.keyText, found: "the string \"\(item.key)\"")
        }
        return selector
    }

    static func checkKeys(
        _ keys: some Collection<String>, _ field: String, _ expected: String
    ) throws(FieldError) {
        guard keys.count <= PolicyLimits.items else {
            throw FieldError(
                path: FieldPath(field), expected: "at most \(PolicyLimits.items) entries", found: "\(keys.count)")
        }
        for key in keys.sorted() where !MetadataText.isKey(key) {
            throw FieldError(path: FieldPath(field, key), expected: expected, found: "the key \"\(key)\"")
        }
    }
}

extension IntegerRange {
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["min", "max"])
        self.init(min: try object.reader.int("min"), max: try object.reader.int("max"))
        if min == nil, max == nil { throw FieldError(expected: "min, max or both", found: value.summary) }
        if let min, let max, max < min {
            throw FieldError(path: FieldPath("max"), expected: "at least min, \(min)", found: "\(max)")
        }
    }
}

extension QuantityRange {
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["min", "max"])
        let quantity = { (item: Value) throws(FieldError) in try item.decodeQuantity() }
        self.init(
            min: try object.reader.optional("min", quantity), max: try object.reader.optional("max", quantity))
        if min == nil, max == nil { throw FieldError(expected: "min, max or both", found: value.summary) }
        if let min, let max, max < min {
            throw FieldError(path: FieldPath("max"), expected: "at least min, \(min)", found: "\(max)")
        }
    }
}

extension GroupMatch {
    init(_ value: Value) throws(FieldError) {
        guard case .object = value else {
            enum Word: String, CaseIterable { case any, none }
            guard case .string = value else {
                throw FieldError(expected: "any, none, or a mapping of names and minMember", found: value.summary)
            }
            self = try StrictObject.choice(value, of: Word.self) == .any ? .any : .absent
            return
        }
        let object = try StrictObject(value, keys: ["names", "minMember"])
        let names = try object.filledList("names", of: "name") { item throws(FieldError) in
            try NamePattern(item, what: "the name of a pod group")
        }
        let members = try object.reader.optional("minMember", IntegerRange.init)
        if names == nil, members == nil {
            throw FieldError(expected: "names, minMember or both", found: value.summary)
        }
        self = .group(names: names, minMember: members)
    }
}

/// What Kubernetes allows in the keys and values of labels and annotations.
enum MetadataText {
    static let keyText = "a key such as app or example.com/app"
    static let labelValue = "a label value: at most 63 of A-Z, a-z, 0-9, \"-\", \"_\", \".\""

    /// Whether `key` is a qualified name: at most 63 characters after an optional prefix, a DNS name, and a slash.
    static func isKey(_ key: String) -> Bool {
        let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, name.utf8.count <= 63, isWord(name) else { return false }
        return parts.count == 1 || PolicyDocument.isObjectName(String(parts[0]))
    }

    /// Whether `text` may stand as the value of a label.
    static func isLabelValue(_ text: String) -> Bool {
        text.isEmpty || (text.utf8.count <= 63 && isWord(text[...]))
    }

    private static func isWord(_ text: Substring) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }
}
