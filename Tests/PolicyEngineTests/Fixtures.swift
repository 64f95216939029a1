import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// A policy around rules written as YAML, each line indented as under `rules:`.
func policyText(_ name: String = "p", order: Int = 1_000, rules: String) -> String {
    let lines = rules.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    return """
        apiVersion: switchyard.dev/v1alpha1
        kind: SchedulingPolicy
        metadata: {name: \(name)}
        spec:
          order: \(order)
          rules:
        \(lines.joined(separator: "\n"))

        """
}

/// A folder with one file of the given texts.
func folder(_ texts: String...) -> PolicyFolder {
    var folder = PolicyFolder()
    folder.add(text: texts.joined(separator: "---\n"), file: "p.yaml")
    return folder
}

/// A PolicyTest with the given fields of its spec.
func policyTestText(_ spec: String) -> String {
    let lines = spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    return """
        apiVersion: switchyard.dev/v1alpha1
        kind: PolicyTest
        metadata: {name: t}
        spec:
        \(lines.joined(separator: "\n"))
        """
}

/// The set of the policies in the texts, none of which may have a fault.
func policySet(_ texts: String...) throws -> PolicySet {
    var folder = PolicyFolder()
    for (index, text) in texts.enumerated() { folder.add(text: text, file: "p\(index).yaml") }
    return try folder.policySet()
}

extension PolicyEngine {
    /// An engine for the policies in the texts.
    init(texts: String..., cluster: PolicyCluster = PolicyCluster()) throws {
        var folder = PolicyFolder()
        for (index, text) in texts.enumerated() { folder.add(text: text, file: "p\(index).yaml") }
        self.init(try folder.policySet(), cluster: cluster)
    }
}

extension [OwnerReference] {
    /// One owner of the kind.
    static func of(_ kind: String) -> [OwnerReference] { [OwnerReference(kind: kind, name: "owner")] }
}
