import Foundation

extension SourceReader {
    /// The folders in a folder, sorted by name; those whose name begins with a dot are left out.
    public static func folders(in directory: String) throws(InputError) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw InputError(
                .unreadable, file: directory, expected: "a readable folder", found: error.localizedDescription)
        }
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        return names.filter { !$0.hasPrefix(".") }.sorted().map { prefix + $0 }.filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
        }
    }
}
