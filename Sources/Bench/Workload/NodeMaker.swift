import ClusterModel

/// Makes the nodes of a template.
enum NodeMaker {
    /// The node of a number; its name is the one given unless the template states another, and its host label likewise
    /// its name.
    static func node(_ template: ObjectTemplate, _ name: String, _ index: Int) throws(FieldError) -> Node {
        var name = name
        guard case .object(var fields) = template.manifest(for: index) else {
            throw FieldError(expected: "a node's manifest", found: "something else")
        }
        var metadata: [Value.Field] = []
        if let stated = fields.first(where: { $0.key == "metadata" })?.value, case .object(let all) = stated {
            metadata = all.filter { $0.key != "name" }
            if case .string(let own)? = stated["name"] { name = own }
        }
        metadata.append(.init("name", .string(name)))
        fields.removeAll { $0.key == "metadata" }
        fields.append(.init("metadata", .object(metadata)))
        var node = try Node(.object(fields))
        let host = "kubernetes.io/hostname"
        if node.metadata.labels[host] == nil { node.metadata.labels[host] = name }
        return node
    }
}
