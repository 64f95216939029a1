/// One condition of a selector: a key, an operator, and the values to compare with.
public struct SelectorRequirement: Hashable, Sendable {
    /// The comparisons that a requirement can make.
    public enum Operator: String, CaseIterable, Hashable, Sendable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
        case greaterThan = "Gt"
        case lessThan = "Lt"
    }

    /// The label (or field) looked at.
    public var key: String
    /// The comparison.
    public var `operator`: Operator
    /// What it is compared with: any number for `In` and `NotIn`, one integer for `Gt` and `Lt`, none otherwise.
    public var values: [String]

    /// A requirement of the given parts.
    public init(key: String, operator: Operator, values: [String] = []) {
        self.key = key
        self.operator = `operator`
        self.values = values
    }

    /// Whether the requirement holds for a label with this value; nil is an absent label.
    ///
    /// `NotIn` holds where the label is absent; `Gt` and `Lt` hold for integers alone. Texts are compared byte for byte.
    public func matches(_ label: String?) -> Bool {
        switch `operator` {
        case .in: label.map(has) ?? false
        case .notIn: label.map { !has($0) } ?? true
        case .exists: label != nil
        case .doesNotExist: label == nil
        case .greaterThan, .lessThan: matchesNumber(label)
        }
    }

    /// Whether a text stands among the values, byte for byte.
    public func has(_ text: String) -> Bool {
        for value in values where PlainText.isSame(value, text) { return true }
        return false
    }

    private func matchesNumber(_ label: String?) -> Bool {
        guard let label, let number = Int64(label), let bound = values.first.flatMap({ Int64($0) }) else {
            return false
        }
        return `operator` == .greaterThan ? number > bound : number < bound
    }

    init(_ object: ObjectReader, numeric: Bool) throws(FieldError) {
        self.key = try object.required("key", "a label key") { value throws(FieldError) in try value.decodeString() }
        guard let comparison = try object.choice("operator", of: Operator.self) else {
            throw FieldError(path: FieldPath("operator"), expected: "an operator such as In", found: "nothing")
        }
        self.operator = comparison
        self.values = try object.stringList("values")
        let fault: String? =
            switch `operator` {
            case .in, .notIn: values.isEmpty ? "at least one value" : nil
            case .exists, .doesNotExist: values.isEmpty ? nil : "no values with \(`operator`.rawValue)"
            case .greaterThan, .lessThan: values.count == 1 && Int64(values[0]) != nil ? nil : "one whole number"
            }
        if let fault {
            let found = values.isEmpty ? "none" : values.map { "\"\($0)\"" }.joined(separator: ", ")
            throw FieldError(path: FieldPath("values"), expected: fault, found: found)
        }
        if !numeric, [.greaterThan, .lessThan].contains(`operator`) {
            throw FieldError(
                path: FieldPath("operator"), expected: "one of \"In\", \"NotIn\", \"Exists\", \"DoesNotExist\"",
                found: "the string \"\(`operator`.rawValue)\"")
        }
    }

    var value: Value {
        var object = ObjectBuilder()
        object.add("key", key)
        object.add("operator", `operator`.rawValue)
        object.add("values", values) { .string($0) }
        return object.value
    }
}

/// Selects objects by their labels; an empty selector selects all.
public struct LabelSelector: Hashable, Sendable {
    /// Labels that must stand exactly so.
    public var matchLabels: [String: String]
    /// Further requirements, which must all hold.
    public var matchExpressions: [SelectorRequirement]

    /// A selector of the given conditions.
    public init(matchLabels: [String: String] = [:], matchExpressions: [SelectorRequirement] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// Whether every condition holds for these labels.
    public func matches(_ labels: [String: String]) -> Bool {
        for (key, value) in matchLabels {
            guard let label = labels[key], PlainText.isSame(label, value) else { return false }
        }
        return matchExpressions.allSatisfy { $0.matches(labels[$0.key]) }
    }

    /// Whether there is no condition at all.
    public var isEmpty: Bool { matchLabels.isEmpty && matchExpressions.isEmpty }

    /// Reads a selector as a manifest holds it.
    public init(_ object: ObjectReader) throws(FieldError) {
        self.matchLabels = try object.strings("matchLabels")
        self.matchExpressions = try object.objects("matchExpressions") { item throws(FieldError) in
            try SelectorRequirement(item, numeric: false)
        }
    }

    /// The selector as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("matchLabels", matchLabels)
        object.add("matchExpressions", matchExpressions) { $0.value }
        return object.value
    }
}

/// One alternative of a node selector; all its requirements must hold, and one without any selects nothing.
public struct NodeSelectorTerm: Hashable, Sendable {
    /// Requirements on labels.
    public var matchExpressions: [SelectorRequirement]
    /// Requirements on fields; Kubernetes knows `metadata.name` alone.
    public var matchFields: [SelectorRequirement]

    /// A term of the given requirements.
    public init(matchExpressions: [SelectorRequirement] = [], matchFields: [SelectorRequirement] = []) {
        self.matchExpressions = matchExpressions
        self.matchFields = matchFields
    }

    /// Whether the term selects a node of this name with these labels.
    public func matches(name: String, labels: [String: String]) -> Bool {
        guard !matchExpressions.isEmpty || !matchFields.isEmpty else { return false }
        return matchExpressions.allSatisfy { $0.matches(labels[$0.key]) }
            && matchFields.allSatisfy { $0.matches($0.key == "metadata.name" ? name : nil) }
    }

    init(_ object: ObjectReader) throws(FieldError) {
        self.matchExpressions = try object.objects("matchExpressions") { item throws(FieldError) in
            try SelectorRequirement(item, numeric: true)
        }
        self.matchFields = try object.objects("matchFields") { item throws(FieldError) in
            try SelectorRequirement(item, numeric: true)
        }
    }

    var value: Value {
        var object = ObjectBuilder()
        object.add("matchExpressions", matchExpressions) { $0.value }
        object.add("matchFields", matchFields) { $0.value }
        return object.value
    }
}

/// Selects nodes: any one of its terms must hold; without terms it selects nothing.
public struct NodeSelector: Hashable, Sendable {
    /// The alternatives.
    public var terms: [NodeSelectorTerm]

    /// A selector of the given alternatives.
    public init(terms: [NodeSelectorTerm]) {
        self.terms = terms
    }

    /// Whether the selector selects a node of this name with these labels.
    public func matches(name: String, labels: [String: String]) -> Bool {
        terms.contains { $0.matches(name: name, labels: labels) }
    }

    init(_ object: ObjectReader) throws(FieldError) {
        self.terms = try object.objects("nodeSelectorTerms", NodeSelectorTerm.init)
        guard !terms.isEmpty else {
            throw FieldError(path: FieldPath("nodeSelectorTerms"), expected: "at least one term", found: "none")
        }
    }

    var value: Value {
        var object = ObjectBuilder()
        object.add("nodeSelectorTerms", terms) { $0.value }
        return object.value
    }
}
