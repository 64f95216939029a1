import ClusterModel
import JSON

/// The pod that a JSON text describes: `{"spec": …}` with a name added where it has none.
func pod(_ json: String) throws -> Pod {
    guard case .object(var fields) = try Value(json: json) else { return try Pod(.null) }
    if !fields.contains(where: { $0.key == "metadata" }) {
        fields.append(.init("metadata", .object([.init("name", .string("p"))])))
    }
    return try Pod(.object(fields))
}

/// The spec that a JSON text describes, with a container added where it has none.
func spec(_ json: String) throws -> PodSpec {
    guard case .object(var fields) = try Value(json: json) else { return PodSpec() }
    if !fields.contains(where: { $0.key == "containers" }) {
        fields.append(.init("containers", .array([.object([.init("name", .string("a"))])])))
    }
    return try PodSpec(ObjectReader(.object(fields)))
}

/// What decoding throws, as text; "no error" where it does not.
func fault<T>(_ body: () throws -> T) -> String {
    do {
        _ = try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}
