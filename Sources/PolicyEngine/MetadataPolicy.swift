import ClusterModel

/// Reads MetadataPolicy, the kind that Kubernetes' design of 2016 proposed for choosing schedulers, as a policy of ours.
///
/// It is bound to its namespace; its rules have a predicate (label and annotation selectors) and an action (updated labels
/// and annotations, or a refusal). Updating the annotation `scheduler.alpha.kubernetes.io/name` is what routes a pod. The
/// proposal leaves the order of rules open; here it is that of the file, among other policies by name.
enum MetadataPolicy {
    static let kind = "MetadataPolicy"

    /// Reads a MetadataPolicy; nil where there was any error.
    static func read(_ document: Value, errors: inout [FieldError]) -> SchedulingPolicy? {
        let errorsBefore = errors.count
        var policy = SchedulingPolicy(name: "", rules: [])
        policy.isMetadataPolicy = true
        do throws(FieldError) {
            let root = try StrictObject(document, keys: ["apiVersion", "kind", "metadata", "spec"])
            try PolicyDocument.checkVersion(root)
            let (name, namespace) = try readName(root)
            policy.name = "\(namespace).\(name)"
            policy.match.namespaces = [NamePattern(namespace)]
            let rules = try root.object("spec", keys: ["rules"]) { spec throws(FieldError) in
                try spec.filledList("rules", of: "rule") { rule throws(FieldError) in rule }
            }
            guard let items = rules ?? nil else {
                throw FieldError(path: FieldPath("spec", "rules"), expected: "at least one rule", found: "nothing")
            }
            for (index, item) in items.enumerated() {
                do throws(FieldError) {
                    policy.rules.append(try rule(item, index, policy: "\(namespace)/\(name)"))
                } catch {
                    errors.append(error.inside(.index(index)).inside(.key("rules")).inside(.key("spec")))
                }
            }
        } catch {
            errors.append(error)
        }
        return errors.count == errorsBefore ? policy : nil
    }

    private static func readName(_ root: StrictObject) throws(FieldError) -> (String, String) {
        let keys = [
            "name", "namespace", "labels", "annotations", "generation", "creationTimestamp", "resourceVersion", "uid",
        ]
        let names = try root.object("metadata", keys: keys) { meta throws(FieldError) in
            (
                try meta.reader.required("name", "a name", PolicyDocument.objectName),
                try meta.reader.optional("namespace", PolicyDocument.objectName) ?? "default"
            )
        }
        guard let names else {
            throw FieldError(path: FieldPath("metadata"), expected: "metadata with a name", found: "nothing")
        }
        return names
    }

    private static func rule(_ value: Value, _ index: Int, policy: String) throws(FieldError) -> PolicyRule {
        let object = try StrictObject(value, keys: ["policyPredicate", "policyAction"])
        var rule = PolicyRule(name: "rule-\(index)", actions: PolicyActions())
        let predicateKeys = ["labelSelector", "annotationSelector"]
        try object.object("policyPredicate", keys: predicateKeys) { predicate throws(FieldError) in
            rule.match.labelSelector = try predicate.reader.optional("labelSelector", PolicyMatch.labelSelector)
            rule.match.annotationSelector = try predicate.reader.optional(
                "annotationSelector", PolicyMatch.annotationSelector)
        }
        let actionKeys = ["reject", "updatedLabels", "updatedAnnotations"]
        let found: Void? = try object.object("policyAction", keys: actionKeys) { action throws(FieldError) in
            try read(action, into: &rule.actions, index, policy)
        }
        guard found != nil else {
            throw FieldError(path: FieldPath("policyAction"), expected: "what the rule does", found: "nothing")
        }
        return rule
    }

    private static func read(
        _ action: StrictObject, into actions: inout PolicyActions, _ index: Int, _ policy: String
    ) throws(FieldError) {
        if try action.reader.bool("reject") ?? false {
            // By the proposal nothing is updated then, whatever stands beside it.
            actions.reject = "rule \(index) of the MetadataPolicy \(policy) refuses the pod"
            return
        }
        let labels = try action.reader.strings("updatedLabels")
        actions.labels.add = labels.mapValues { .text($0) }
        for (key, text) in labels.sorted(by: { $0.key < $1.key }) where !MetadataText.isLabelValue(text) {
            throw FieldError(
                path: FieldPath("updatedLabels", key), expected: MetadataText.labelValue, found: "\"\(text)\"")
        }
        try PolicyMatch.checkKeys(labels.keys, "updatedLabels", MetadataText.keyText)
        var annotations = try action.reader.strings("updatedAnnotations")
        try PolicyMatch.checkKeys(annotations.keys, "updatedAnnotations", MetadataText.keyText)
        if let scheduler = annotations.removeValue(forKey: PolicyAnnotation.scheduler) {
            guard PolicyDocument.isObjectName(scheduler) else {
                throw FieldError(
                    path: FieldPath("updatedAnnotations", PolicyAnnotation.scheduler),
                    expected: "the name of a scheduler", found: "\"\(scheduler)\"")
            }
            actions.scheduler = scheduler
            actions.whenNamed = .override
        }
        if let key = annotations.keys.sorted().first(where: { PolicyAnnotation.reserved.contains($0) }) {
            throw FieldError(
                path: FieldPath("updatedAnnotations", key),
                expected: "an annotation that the engine does not write itself", found: "\"\(key)\"")
        }
        actions.annotations.add = annotations.mapValues { .text($0) }
        if !actions.routes, !actions.edits {
            throw FieldError(expected: "reject, updatedLabels or updatedAnnotations", found: "nothing to do")
        }
    }
}
