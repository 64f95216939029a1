import ClusterModel

extension ObjectRules {
    /// What the API server would refuse of the selectors, tolerations and spread constraints of a pod's spec.
    ///
    /// Keys and values of labels are plain ASCII by these rules, so that to compare them as texts is to compare their bytes.
    static func checkScheduling(_ spec: PodSpec, _ path: FieldPath, _ faults: inout [FieldError]) {
        for (key, value) in spec.nodeSelector {
            check(key: key, value: value, path.appending("nodeSelector").appending(key), &faults)
        }
        for (index, toleration) in spec.tolerations.enumerated() {
            check(toleration, path.appending("tolerations").appending(index), &faults)
        }
        if spec.topologySpreadConstraints.count > 1 {
            checkSpread(spec.topologySpreadConstraints, path.appending("topologySpreadConstraints"), &faults)
        }
    }

    private static func check(
        key: String, value: String, _ path: @autoclosure () -> FieldPath, _ faults: inout [FieldError]
    ) {
        if !NameSyntax.isQualifiedName(key) {
            faults.append(FieldError(path: path(), expected: NameSyntax.keyWords, found: "the key \"\(key)\""))
        } else if !NameSyntax.isLabelValue(value) {
            faults.append(FieldError(path: path(), expected: NameSyntax.valueWords, found: "\"\(value)\""))
        }
    }

    /// Source: `ValidateTolerations` of Kubernetes 1.36.
    private static func check(
        _ toleration: Toleration, _ path: @autoclosure () -> FieldPath, _ faults: inout [FieldError]
    ) {
        if !toleration.key.isEmpty, !NameSyntax.isQualifiedName(toleration.key) {
            faults.append(
                FieldError(
                    path: path().appending("key"), expected: NameSyntax.keyWords, found: "\"\(toleration.key)\""))
        }
        if toleration.operator == .equal, !NameSyntax.isLabelValue(toleration.value) {
            faults.append(
                FieldError(
                    path: path().appending("value"), expected: NameSyntax.valueWords, found: "\"\(toleration.value)\""))
        }
        if toleration.operator == .exists, !toleration.value.isEmpty {
            faults.append(
                FieldError(
                    path: path().appending("value"), expected: "no value beside the operator Exists",
                    found: "\"\(toleration.value)\""))
        }
        if toleration.tolerationSeconds != nil, toleration.effect != .noExecute {
            faults.append(
                FieldError(
                    path: path().appending("effect"), expected: "NoExecute beside tolerationSeconds",
                    found: toleration.effect.map { "\"\($0.rawValue)\"" } ?? "nothing"))
        }
    }

    /// Of each pair of topology key and `whenUnsatisfiable` the API server takes one.
    private static func checkSpread(
        _ constraints: [TopologySpreadConstraint], _ path: FieldPath, _ faults: inout [FieldError]
    ) {
        for (index, constraint) in constraints.enumerated() {
            if constraints[..<index].contains(where: { $0.isOfPair(of: constraint) }) {
                faults.append(
                    FieldError(
                        path: path.appending(index), expected: "each pair of topologyKey and whenUnsatisfiable once",
                        found: "\(constraint.topologyKey), \(constraint.whenUnsatisfiable.rawValue) a second time"))
            }
        }
    }
}
