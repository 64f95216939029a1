import ClusterModel

extension PolicyActions {
    static let keys = [
        "scheduler", "split", "shadow", "whenUnavailable", "fallback", "whenNamed", "labels", "annotations",
        "nodeSelector",
        "tolerations", "topologySpreadConstraints", "schedulingGates", "nodeAffinity", "requests", "limits",
        "priorityClassName", "reject",
    ]

    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: PolicyActions.keys)
        self.init()
        scheduler = try object.reader.optional("scheduler", PolicyDocument.objectName)
        split = try object.filledList("split", of: "scheduler", SchedulerShare.init) ?? []
        if !split.isEmpty, split.allSatisfy({ $0.weight == 0 }) {
            throw FieldError(path: FieldPath("split"), expected: "a weight above 0", found: "none")
        }
        if let refusal = try object.reader.optional("reject", PolicyActions.refusal) {
            (reject, rejectExpression) = (refusal.message, refusal.expression)
        }
        try readEdits(object)
        try readRouting(object)
        if !routes, reject == nil, !edits {
            throw FieldError(
                expected: "at least one of scheduler, split, reject, labels, annotations …", found: value.summary)
        }
        if reject != nil, routes || edits {
            throw FieldError(
                path: FieldPath("reject"), expected: "no other action beside reject, since nothing is then changed",
                found: "reject and \(routes ? "a scheduler" : "changes")")
        }
    }

    /// A toleration that the API server would take.
    static func toleration(_ object: ObjectReader) throws(FieldError) -> Toleration {
        let toleration = try Toleration(object)
        if !toleration.key.isEmpty, !MetadataText.isKey(toleration.key) {
            throw FieldError(
                path: FieldPath("key"), expected: MetadataText.keyText, found: "the string \"\(toleration.key)\"")
        }
        if toleration.operator == .exists, !toleration.value.isEmpty {
            throw FieldError(
                path: FieldPath("value"), expected: "no value beside the operator Exists",
                found: "the string \"\(toleration.value)\"")
        }
        if toleration.operator == .equal, !MetadataText.isLabelValue(toleration.value) {
            throw FieldError(
                path: FieldPath("value"), expected: MetadataText.labelValue,
                found: "the string \"\(toleration.value)\"")
        }
        if toleration.tolerationSeconds != nil, toleration.effect != .noExecute {
            throw FieldError(
                path: FieldPath("tolerationSeconds"), expected: "the effect NoExecute beside it",
                found: toleration.effect.map { "the effect \($0.rawValue)" } ?? "no effect")
        }
        return toleration
    }

    /// A topology spread constraint that the API server would take.
    static func spread(_ object: ObjectReader) throws(FieldError) -> TopologySpreadConstraint {
        let constraint = try TopologySpreadConstraint(object)
        if object.value("minDomains") != nil, constraint.whenUnsatisfiable != .doNotSchedule {
            throw FieldError(
                path: FieldPath("minDomains"), expected: "whenUnsatisfiable: DoNotSchedule beside it",
                found: constraint.whenUnsatisfiable.rawValue)
        }
        if object.value("matchLabelKeys") != nil, constraint.labelSelector == nil {
            throw FieldError(
                path: FieldPath("matchLabelKeys"), expected: "a labelSelector beside it", found: "none")
        }
        return constraint
    }

    /// Fails where a pair of topology key and `whenUnsatisfiable` stands twice: the API server refuses a pod with both.
    static func checkPairs(_ edit: ListEdit<TopologySpreadConstraint>) throws(FieldError) {
        var seen: [TopologySpreadConstraint] = []
        for (field, items) in [("add", edit.add), ("default", edit.default), ("defaultByKey", edit.defaultByKey)] {
            for (index, item) in items.enumerated() {
                if seen.contains(where: { $0.isOfPair(of: item) }) {
                    throw FieldError(
                        path: FieldPath([.key(field), .index(index)]),
                        expected: "each pair of topologyKey and whenUnsatisfiable once",
                        found: "\(item.topologyKey), \(item.whenUnsatisfiable.rawValue) a second time")
                }
                seen.append(item)
            }
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
        shadow = try object.reader.optional("shadow", PolicyDocument.objectName)
        if scheduler != nil, !split.isEmpty {
            throw FieldError(path: FieldPath("split"), expected: "scheduler or split", found: "both")
        }
        if let shadow, targets.contains(shadow) {
            throw FieldError(
                path: FieldPath("shadow"), expected: "another scheduler than the one that places the pod",
                found: "\"\(shadow)\"")
        }
        guard !routes else { return }
        for key in ["shadow", "whenUnavailable", "fallback", "whenNamed"] where object.reader.value(key) != nil {
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

    private static func refusal(_ value: Value) throws(FieldError) -> (message: String, expression: String?) {
        let object = try StrictObject(value, keys: ["message", "messageExpression"])
        let text = try object.reader.required("message", "why the pod is refused") { item throws(FieldError) in
            try item.decodeString()
        }
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= PolicyLimits.messageBytes else {
            throw FieldError(
                path: FieldPath("message"), expected: "a message of 1 to \(PolicyLimits.messageBytes) bytes",
                found: text.utf8.count > PolicyLimits.messageBytes ? "\(text.utf8.count) bytes" : "an empty one")
        }
        return (text, try object.reader.string("messageExpression"))
    }
}

extension SchedulerShare {
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["scheduler", "weight"])
        let name = try object.reader.required("scheduler", "the name of a scheduler", PolicyDocument.objectName)
        let weight = try object.reader.int("weight", in: 0...1_000_000)
        guard let weight else {
            throw FieldError(path: FieldPath("weight"), expected: "a whole number, 0...1000000", found: "nothing")
        }
        self.init(name, weight: weight)
    }
}
