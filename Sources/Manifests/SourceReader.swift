import ClusterModel
import Foundation
import Synchronization

/// One document of a file, read into a value that can say where each of its fields stands.
public struct SourceDocument: Sendable {
    /// The document.
    public let value: Value
    let unit: SourceUnit

    /// The file as the user named it; `-` is the standard input.
    public var file: String { unit.text.file }
    /// Which document of the file it is, from 0.
    public var index: Int { unit.document }

    /// The line and the column (from 1) of a value, or of its nearest ancestor that exists.
    ///
    /// - Complexity: the document is read again, so ask for errors alone.
    public func location(of path: FieldPath) -> (line: Int, column: Int)? {
        unit.location(of: path)
    }

    /// A field error as an error of the input, with its place in the file.
    ///
    /// - Parameter object: what the error is about, such as `Pod default/web`; may be empty.
    public func error(_ error: FieldError, object: String = "", code: InputError.Code = .field) -> InputError {
        let place = location(of: error.path)
        return InputError(
            code, file: file, line: place?.line, column: place?.column, object: object, path: error.path,
            expected: error.expected, found: error.found)
    }
}

/// Finds places in a document of which many are asked for: it is read anew once for all, and not for each.
public final class SourceLocator: Sendable {
    private let document: SourceDocument
    private let known = Mutex<SourceUnit.Tree?>(nil)

    /// A locator for a document.
    public init(_ document: SourceDocument) { self.document = document }

    /// The line and column in the file of a value, or of its nearest ancestor that exists.
    public func location(of path: FieldPath) -> (line: Int, column: Int)? {
        known.withLock { tree in
            document.unit.location(of: path, in: &tree)
        }
    }
}

/// Reads YAML and JSON files.
///
/// A YAML file holds any number of documents, set apart by lines of `---`. Documents that begin with `{` or `[` are read as
/// JSON, several of them may follow each other.
public enum SourceReader {
    /// The documents of a file, or of the standard input where the path is `-`.
    ///
    /// Empty documents are left out; a file without any document is an error.
    public static func documents(path: String) throws(InputError) -> [SourceDocument] {
        try documents(SourceText(path: path))
    }

    /// The documents of a text; `file` names it in errors.
    public static func documents(text: String, file: String) throws(InputError) -> [SourceDocument] {
        try documents(SourceText(file: file, bytes: Array(text.utf8)))
    }

    /// The bytes of a file that is neither YAML nor JSON, with the same checks: it exists, is a file, is not too large, and is
    /// UTF-8 text.
    public static func bytes(path: String) throws(InputError) -> [UInt8] {
        try SourceText.verbatim(path: path)
    }

    private static func documents(_ text: SourceText) throws(InputError) -> [SourceDocument] {
        var documents: [SourceDocument] = []
        for unit in SourceSplitter.documents(of: text) {
            guard let value = try unit.parse(), value != .null else { continue }
            documents.append(SourceDocument(value: value, unit: unit))
        }
        guard !documents.isEmpty else {
            throw InputError(.empty, file: text.file, expected: "at least one object", found: "no objects")
        }
        return documents
    }

    /// The files of a folder with one of the extensions, sorted by name; files whose name begins with a dot are left out.
    public static func files(
        in directory: String, extensions: [String] = ["yaml", "yml", "json"]
    ) throws(InputError) -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) else {
            throw InputError(.notFound, file: directory, expected: "a folder", found: "nothing of that name")
        }
        guard isDirectory.boolValue else {
            throw InputError(.unreadable, file: directory, expected: "a folder", found: "a file")
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw InputError(
                .unreadable, file: directory, expected: "a readable folder", found: error.localizedDescription)
        }
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        return names.filter { name in
            !name.hasPrefix(".") && extensions.contains { name.hasSuffix("." + $0) }
        }.sorted().map { prefix + $0 }
    }
}
