import ClusterModel

extension SchedulingPolicy {
    /// Reads a SchedulingPolicy; the errors name fields from the root of the document.
    ///
    /// Every field and every rule is read even where an earlier one is broken, so that one look finds what is wrong with all
    /// of them.
    /// - Returns: the policy, or nil where there was any error.
    static func read(_ document: Value, errors: inout [FieldError]) -> SchedulingPolicy? {
        let errorsBefore = errors.count
        var policy = SchedulingPolicy(name: "", rules: [])
        do throws(FieldError) {
            let root = try StrictObject(document, keys: ["apiVersion", "kind", "metadata", "spec"])
            try PolicyDocument.checkVersion(root)
            policy.name = try PolicyDocument.readName(root)
            let spec: Value? = root.reader.value("spec")
            guard let spec else {
                throw FieldError(path: FieldPath("spec"), expected: "the policy's rules", found: "nothing")
            }
            do throws(FieldError) { try policy.readSpec(spec, errors: &errors) } catch {
                throw error.inside(.key("spec"))
            }
        } catch {
            errors.append(error)
        }
        return errors.count == errorsBefore ? policy : nil
    }

    private mutating func readSpec(_ value: Value, errors: inout [FieldError]) throws(FieldError) {
        let spec = try StrictObject(value, keys: SchedulingPolicy.keys)
        let errorsBefore = errors.count
        func collect(_ read: () throws(FieldError) -> Void) {
            do throws(FieldError) { try read() } catch { errors.append(error.inside(.key("spec"))) }
        }
        collect { () throws(FieldError) in
            order = try spec.reader.int("order", in: -1_000_000...1_000_000) ?? SchedulingPolicy.defaultOrder
        }
        collect { () throws(FieldError) in summary = try spec.reader.string("description") ?? "" }
        func collectAll<T>(_ key: String, _ decode: (Value) throws(FieldError) -> T) -> T? {
            guard let value = spec.reader.value(key) else { return nil }
            var faults: [FieldError] = []
            let result = FieldFaults().read(value, &faults, decode)
            errors += faults.map { $0.inside(.key(key)).inside(.key("spec")) }
            return result
        }
        matchConstraints = collectAll("matchConstraints", MatchConstraints.init)
        collect { () throws(FieldError) in parameters = try PolicyParameters(spec) }
        match = collectAll("match", PolicyMatch.init) ?? PolicyMatch()
        let errorsBeforeVariables = errors.count
        collect { () throws(FieldError) in variables = try NamedExpression.list(spec, "variables", isVariable: true) }
        let variablesAreSound = errors.count == errorsBeforeVariables
        collect { () throws(FieldError) in
            matchConditions = try NamedExpression.list(spec, "matchConditions", isVariable: false)
        }
        collect { () throws(FieldError) in failurePolicy = try spec.choice("failurePolicy") ?? .fail }
        exceptions =
            collectAll("exceptions") { value throws(FieldError) in try value.decodeList(PolicyException.init) } ?? []
        var places: [Int] = []
        do throws(FieldError) { try readRules(spec, &places, errors: &errors) } catch {
            errors.append(error.inside(.key("spec")))
        }
        if errors.count == errorsBefore { checkExceptions(&errors) }
        if variablesAreSound { checkExpressions(places, &errors) }
    }

    static let keys = [
        "order", "description", "matchConstraints", "match", "variables", "matchConditions", "failurePolicy",
        "exceptions", "rules", "paramKind", "paramRef",
    ]

    /// Reads the rules, as far as they can be read; `places` is where each stands in the list.
    private mutating func readRules(
        _ spec: StrictObject, _ places: inout [Int], errors: inout [FieldError]
    ) throws(FieldError) {
        guard let list = spec.reader.value("rules") else {
            throw FieldError(path: FieldPath("rules"), expected: "at least one rule", found: "nothing")
        }
        guard case .array(let items) = list, !items.isEmpty else {
            throw FieldError(path: FieldPath("rules"), expected: "a list of at least one rule", found: list.summary)
        }
        guard items.count <= PolicyLimits.rules else {
            throw FieldError(
                path: FieldPath("rules"), expected: "at most \(PolicyLimits.rules) rules", found: "\(items.count)")
        }
        for (index, item) in items.enumerated() {
            var faults: [FieldError] = []
            if let rule = FieldFaults(standIns: PolicyRule.standIns).read(item, &faults, PolicyRule.init) {
                rules.append(rule)
                places.append(index)
            }
            errors += faults.map { $0.inside(.index(index)).inside(.key("rules")).inside(.key("spec")) }
        }
        var seen: [String: Int] = [:]
        for (index, rule) in rules.enumerated() where rules.count == items.count {
            if let first = seen.updateValue(index, forKey: rule.name) {
                errors.append(
                    FieldError(
                        path: FieldPath([.key("spec"), .key("rules"), .index(index), .key("name")]),
                        expected: "a name that no other rule of the policy has",
                        found: "\"\(rule.name)\", the name of rules[\(first)]"))
            }
        }
    }
}

extension SchedulingPolicy {
    /// Exceptions must have names of their own and be for rules that exist.
    private func checkExceptions(_ errors: inout [FieldError]) {
        let names = rules.map(\.name)
        for (index, exception) in exceptions.enumerated() {
            let path = FieldPath([.key("spec"), .key("exceptions"), .index(index)])
            if exceptions[..<index].contains(where: { $0.name == exception.name }) {
                errors.append(
                    FieldError(
                        path: path.appending("name"), expected: "a name that no other exception has",
                        found: "\"\(exception.name)\""))
            }
            for (place, rule) in (exception.rules ?? []).enumerated() where !names.contains(rule) {
                let hint = Spelling.nearest(to: rule, among: names).map { " (did you mean \"\($0)\"?)" } ?? ""
                errors.append(
                    FieldError(
                        path: path.appending("rules").appending(place),
                        expected: "the name of a rule of the policy\(hint)", found: "\"\(rule)\""))
            }
        }
    }

    /// Compiles every expression once, to find what is wrong with any of them.
    ///
    /// - Parameter places: where each of the rules stands in the file.
    private func checkExpressions(_ places: [Int], _ errors: inout [FieldError]) {
        let scope = ExpressionScope.of(self)
        for fault in scope.faults { errors.append(fault) }
        var lists = [(FieldPath("spec", "matchConditions"), matchConditions)]
        for (index, rule) in zip(places, rules) {
            let path = FieldPath([.key("spec"), .key("rules"), .index(index), .key("matchConditions")])
            lists.append((path, rule.matchConditions))
        }
        for (path, conditions) in lists {
            for (index, condition) in conditions.enumerated() {
                for fault in PolicyExpression(condition, in: scope).faults {
                    errors.append(
                        FieldError(
                            path: path.appending(index).appending("expression"),
                            expected: "an expression that is true or false", found: fault))
                }
            }
        }
        for (index, rule) in zip(places, rules) {
            let place: [FieldPath.Element] = [.key("spec"), .key("rules"), .index(index), .key("actions")]
            for (path, source) in rule.actions.expressions {
                let expression = PolicyExpression(NamedExpression("value", source), in: scope)
                guard let fault = path.isMessage ? expression.textFault : expression.valueFault else { continue }
                errors.append(
                    FieldError(
                        path: FieldPath(place + path.elements), expected: "an expression that is a string",
                        found: fault))
            }
        }
    }
}

extension FieldPath {
    /// Whether an expression that stands here makes the message of a refusal.
    fileprivate var isMessage: Bool { elements.first == .key("reject") }
}

extension NamedExpression {
    /// Reads `[{name: …, expression: …}]`.
    static func list(_ object: StrictObject, _ key: String, isVariable: Bool) throws(FieldError) -> [NamedExpression] {
        let given: [NamedExpression]? = try object.filledList(key, of: "expression") { item throws(FieldError) in
            let object = try StrictObject(item, keys: ["name", "expression"])
            let name = try object.reader.required("name", "a name for messages") { v throws(FieldError) -> String in
                let text = try v.decodeString()
                guard isVariable ? isIdentifier(text) : MetadataText.isKey(text) else {
                    let what = isVariable ? "a name of letters, digits and _" : "a name such as not-a-daemon"
                    throw FieldError(expected: what, found: v.summary)
                }
                return text
            }
            let source = try object.reader.required("expression", "an expression in CEL") { v throws(FieldError) in
                try v.decodeString()
            }
            return NamedExpression(name, source)
        }
        let items = given ?? []
        for (index, item) in items.enumerated() where items[..<index].contains(where: { $0.name == item.name }) {
            throw FieldError(
                path: FieldPath([.key(key), .index(index), .key("name")]), expected: "a name that no other has",
                found: "\"\(item.name)\"")
        }
        return items
    }

    private static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.count <= 63 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}

extension PolicyException {
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["name"] + PolicyException.keys)
        let name = try object.reader.required("name", "a name for the exception", PolicyDocument.objectName)
        let rules = try object.filledList("rules", of: "rule", PolicyDocument.objectName)
        try self.init(object, name: name, rules: rules)
    }

    private static let keys = ["description", "until", "schedule", "rules", "match"]

    /// Reads a PolicyException that stands alone, and is about rules of several policies; nil where there was any error.
    static func read(_ document: Value, errors: inout [FieldError]) -> PolicyException? {
        FieldFaults().read(document, &errors) { document throws(FieldError) in
            let root = try StrictObject(document, keys: ["apiVersion", "kind", "metadata", "spec"])
            try PolicyDocument.checkVersion(root)
            let name = try PolicyDocument.readName(root)
            let read = try root.object("spec", keys: keys + ["policies"]) { spec throws(FieldError) in
                func patterns(_ field: String, _ what: String) throws(FieldError) -> [NamePattern]? {
                    try spec.filledList(field, of: what) { item throws(FieldError) in
                        try NamePattern(item, what: "the name of a \(what)")
                    }
                }
                guard let policies = try patterns("policies", "policy") else {
                    throw FieldError(
                        path: FieldPath("policies"), expected: "names or globs of policies", found: "nothing")
                }
                var exception = try PolicyException(spec, name: name, rules: patterns("rules", "rule")?.map(\.text))
                exception.policies = policies
                return exception
            }
            guard let read else {
                throw FieldError(path: FieldPath("spec"), expected: "what the exception is about", found: "nothing")
            }
            return read
        }
    }

    private init(_ object: StrictObject, name: String, rules: [String]?) throws(FieldError) {
        self.name = name
        self.rules = rules
        summary = try object.reader.string("description") ?? ""
        let end = try object.reader.required("until", "the day on which it ends") {
            v throws(FieldError) -> (String, Int64) in
            let text = try v.decodeString()
            guard let seconds = Timestamp.seconds(text) else {
                throw FieldError(
                    expected: "a day or a time such as 2030-06-30 or 2030-06-30T12:00:00Z", found: v.summary)
            }
            return (text, seconds)
        }
        (until, untilSeconds) = end
        schedule = try object.reader.optional("schedule", PolicySchedule.init)
        match = try object.reader.required("match", "the pods left alone", PolicyMatch.init)
    }
}

/// What the documents of the policy folder have in common.
enum PolicyDocument {
    static func checkVersion(_ root: StrictObject) throws(FieldError) {
        let version = try root.reader.string("apiVersion") ?? ""
        guard version == SchedulingPolicy.apiVersion else {
            throw FieldError(
                path: FieldPath("apiVersion"), expected: "\"\(SchedulingPolicy.apiVersion)\"",
                found: version.isEmpty ? "nothing" : "the string \"\(version)\"")
        }
    }

    /// The name in `metadata`, where labels and annotations may stand too.
    static func readName(_ root: StrictObject) throws(FieldError) -> String {
        let keys = ["name", "labels", "annotations", "generation", "creationTimestamp", "resourceVersion", "uid"]
        let name = try root.object("metadata", keys: keys) { meta throws(FieldError) in
            _ = try meta.reader.strings("labels")
            _ = try meta.reader.strings("annotations")
            return try meta.reader.required("name", "a name", objectName)
        }
        guard let name else {
            throw FieldError(path: FieldPath("metadata"), expected: "metadata with a name", found: "nothing")
        }
        return name
    }

    /// A name as Kubernetes wants it for most objects (RFC 1123).
    static func objectName(_ value: Value) throws(FieldError) -> String {
        let text = try value.decodeString()
        guard isObjectName(text) else {
            throw FieldError(
                expected: "a name of a-z, 0-9, \"-\" and \".\", starting and ending with a letter or digit",
                found: value.summary)
        }
        return text
    }

    /// Whether `text` may name an object.
    static func isObjectName(_ text: String) -> Bool {
        func isEnd(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 253 else { return false }
        return isEnd(first) && isEnd(last)
            && text.utf8.allSatisfy { isEnd($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}

extension PolicyRule {
    static let keys = [
        "name", "description", "match", "matchConditions", "enforcement", "actions", "percent", "schedule",
    ]

    /// What stands for fields at fault that others depend on, while further faults are looked for.
    static let standIns: [String: Value] = [
        "name": .string("rule"), "scheduler": .string("binpack"), "message": .string("refused"), "weight": .int(1),
        "actions": .object([Value.Field("scheduler", .string("binpack"))]),
    ]

    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: PolicyRule.keys)
        let name = try object.reader.required("name", "a name for the rule", PolicyDocument.objectName)
        let actions = try object.reader.required("actions", "what the rule does", PolicyActions.init)
        self.init(
            name: name, summary: try object.reader.string("description") ?? "",
            match: try object.reader.optional("match", PolicyMatch.init) ?? PolicyMatch(), actions: actions)
        matchConditions = try NamedExpression.list(object, "matchConditions", isVariable: false)
        enforcement = try object.choice("enforcement") ?? .enforce
        percent = try object.reader.int("percent", in: 0...100).map { Int($0) }
        schedule = try object.reader.optional("schedule", PolicySchedule.init)
    }
}
