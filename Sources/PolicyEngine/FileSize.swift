import Foundation
import Manifests

/// Looks at the size of a file before it is read.
enum FileSize {
    /// The size in bytes; 0 for what is not a plain file, which reading then reports.
    static func bytes(of path: String) throws(InputError) -> Int {
        // Of what a link leads to, as ConfigMaps are mounted by links.
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        if let type = attributes?[.type] as? FileAttributeType, type != .typeRegular, type != .typeDirectory {
            throw InputError(.unreadable, file: path, expected: "a plain file", found: "a pipe or a device")
        }
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}
