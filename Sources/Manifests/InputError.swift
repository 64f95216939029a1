import ClusterModel

/// Input that cannot be used: where it stands, what was expected there, what was found.
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Hashable, Sendable {
        /// There is no such file.
        case notFound
        /// The file cannot be read, or is a folder.
        case unreadable
        /// The file, or one document of it, is beyond a stated limit.
        case tooLarge
        /// The bytes are not UTF-8 text.
        case encoding
        /// The text is not YAML or JSON.
        case syntax
        /// A mapping has the same key twice.
        case duplicateKey
        /// The file has nothing in it.
        case empty
        /// A field does not hold what it should.
        case field
        /// The kind of an object is not known.
        case unknownKind
        /// Two objects of a kind have one name.
        case duplicateName
        /// A name is not one that Kubernetes allows.
        case invalidName
        /// An object names another that is not there.
        case danglingReference
    }

    /// What kind of fault it is.
    public var code: Code
    /// The file as the user named it; `-` is the standard input.
    public var file: String
    /// The line, from 1, where it is known.
    public var line: Int?
    /// The column, from 1, where it is known.
    public var column: Int?
    /// The object at fault, such as `Pod default/web`; empty where that is not known.
    public var object: String
    /// The field at fault, from the root of its object.
    public var path: FieldPath
    /// What may stand there.
    public var expected: String
    /// What stands there.
    public var found: String

    /// An error of the given parts.
    public init(
        _ code: Code, file: String, line: Int? = nil, column: Int? = nil, object: String = "",
        path: FieldPath = FieldPath([]), expected: String, found: String
    ) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.object = object
        self.path = path
        self.expected = expected
        self.found = found
    }

    /// `pods.yaml:12:15: Pod default/web: spec.priority: expected a whole number, found the string "high"`.
    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if line != nil, let column { text += ":\(column)" }
        if !object.isEmpty { text += ": \(object)" }
        if !path.elements.isEmpty { text += ": \(path)" }
        return "\(text): expected \(expected), found \(found)".printable
    }
}

extension InputError {
    /// The error as an object of a result: `object`, `file`, `line`, `column`, `field` and `message`, as far as they are known.
    public var value: Value {
        var result = ObjectBuilder()
        result.add("object", object)
        result.add("file", file)
        result.add("line", line.map { .int(Int64($0)) })
        result.add("column", column.map { .int(Int64($0)) })
        result.add("field", path.description)
        result.add("message", "expected \(expected), found \(found)")
        return result.value
    }
}
