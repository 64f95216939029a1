import Foundation
import Manifests

/// Looks at the size of a file before it is read.
enum FileSize {
    /// The size in bytes; 0 for what is not a plain file, which reading then reports.
    static func bytes(of path: String) throws(InputError) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}
