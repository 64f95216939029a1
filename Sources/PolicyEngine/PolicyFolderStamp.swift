import Foundation
import Glibc

/// What tells whether a folder of policies has changed: the names, sizes, times and identities of its files.
///
/// Two stamps that are equal mean the same content, as far as a file system shows changes: replacing a file by renaming
/// another over it is always seen, writing into one is seen by its size or its time in nanoseconds.
public struct PolicyFolderStamp: Hashable, Sendable {
    private struct File: Hashable {
        let name: String
        let device: UInt64
        let inode: UInt64
        let bytes: Int64
        let seconds: Int64
        let nanoseconds: Int64
    }

    private let files: [File]

    /// The stamp of the policy files of a folder, or of a single file, as it stands now; empty where there is none.
    public init(path: String) {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else {
            files = [PolicyFolderStamp.file(path, name: path)].compactMap { $0 }
            return
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        files = names.filter { name in
            !name.hasPrefix(".") && [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
        }.sorted().compactMap { PolicyFolderStamp.file("\(path)/\($0)", name: $0) }
    }

    private static func file(_ path: String, name: String) -> File? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return File(
            name: name, device: UInt64(status.st_dev), inode: UInt64(status.st_ino), bytes: Int64(status.st_size),
            seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    }
}
