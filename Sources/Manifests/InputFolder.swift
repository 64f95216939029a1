import ClusterModel
import Glibc

/// A folder of manifests, as `kubectl apply -f FOLDER` takes it: its own files, not those of folders inside.
struct InputFolder {
    /// The files to be read, by name.
    let files: [String]
    /// What kustomize is told with, which holds no objects.
    let kustomizations: [String]

    private static let kustomizationNames: Set<String> = ["kustomization.yaml", "kustomization.yml"]

    /// Lists a folder; nil where the path is none.
    init?(path: String) throws(InputError) {
        guard path != "-", InputFolder.isFolder(path) else { return nil }
        let all = try SourceReader.files(in: path).filter { !InputFolder.isFolder($0) }
        let isKustomization = { (file: String) in
            InputFolder.kustomizationNames.contains(file.split(separator: "/").last.map(String.init) ?? "")
        }
        files = all.filter { !isKustomization($0) }
        kustomizations = all.filter(isKustomization)
        guard !files.isEmpty else {
            let found = kustomizations.isEmpty ? "none" : "only \(kustomizations.joined(separator: ", "))"
            throw InputError(
                .empty, file: path, expected: "manifests (*.yaml, *.yml or *.json) right in the folder", found: found)
        }
    }

    /// Why the files that kustomize reads were passed over.
    var warnings: [String] {
        kustomizations.map { "passed over \($0): what kustomize makes of it, `kubectl kustomize` prints" }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
