import ClusterModel
import Manifests

/// Finds the objects in manifests that policies have as parameters.
public enum PolicyObjects {
    /// The objects of some kinds in a document, which may be a list of them.
    ///
    /// - Parameter kinds: API version and kind of each, with a space between.
    static func objects(in document: Value, _ kinds: Set<String>) -> [Value] {
        func text(_ key: String) -> String { document[key].flatMap { try? $0.decodeString() } ?? "" }
        if text("kind").hasSuffix("List"), case .array(let items)? = document["items"] {
            return items.flatMap { objects(in: $0, kinds) }
        }
        return kinds.contains("\(text("apiVersion")) \(text("kind"))") ? [document] : []
    }
}

extension PolicySet {
    /// The set with the objects of some files that its policies have as parameters.
    ///
    /// The files are those that are read for their pods and nodes anyway, so what is wrong with one is said there, and here it
    /// is passed over. Nothing is read where no policy has parameters.
    /// - Parameters:
    ///   - files: the files; `-`, the standard input, can be read but once, and is left out.
    public func withObjects(of files: [String]) -> PolicySet {
        let kinds = Set(policies.compactMap(\.parameters).map { "\($0.apiVersion) \($0.kind)" })
        guard !kinds.isEmpty else { return self }
        var result = self
        for file in files where file != "-" {
            for document in (try? SourceReader.documents(path: file)) ?? [] {
                for object in PolicyObjects.objects(in: document.value, kinds) {
                    // What has no name can be nobody's parameters.
                    if let key = try? PolicyObjectKey(of: object) { result.inputObjects[key] = object }
                }
            }
        }
        return result
    }
}
