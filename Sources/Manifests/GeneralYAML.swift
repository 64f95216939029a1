import ClusterModel

/// Reads any YAML through libyaml: whatever `BlockYAML` leaves, and the places of errors.
enum GeneralYAML {
    /// Where a fault is, in the text given.
    enum Place {
        /// An offset in characters, as libyaml counts.
        case character(Int)
        /// An offset in bytes.
        case byte(Int)
    }

    /// Why a text could not be read.
    struct Fault: Error {
        var code: InputError.Code
        var place: Place
        var found: String
        /// For a fault of syntax: inside of what it is, and the character where that begins.
        var context: (text: String, begin: Int)?

        /// A fault at a character.
        init(code: InputError.Code, place: Place, found: String) {
            self.code = code
            self.place = place
            self.found = found
        }
    }

    /// A document as a value; nil where the text holds nothing but comments.
    ///
    /// - Parameter skipped: keys whose lists and mappings are left out of the result.
    static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, skipping skipped: Set<String> = []
    ) throws(Fault) -> Value? {
        var composer = YAMLComposer(YAMLEvents(bytes), budget: budget(bytes.count), skipped: skipped)
        return try composer.document()?.value
    }

    /// A document as a value; nil where the text holds nothing but comments.
    static func parse(_ text: String, skipping skipped: Set<String> = []) throws(Fault) -> Value? {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { bytes throws(Fault) in try parse(bytes, skipping: skipped) }
    }

    /// Where the values of a document stand; nil where the text holds nothing but comments.
    static func places(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> YAMLPlaces? {
        var composer = YAMLComposer(YAMLEvents(bytes), budget: budget(bytes.count), recordsPlaces: true)
        return try composer.document()?.places
    }

    private static func budget(_ count: Int) -> Int { count + InputLimits.aliasedValues }
}

/// Where the values of a document stand, as offsets in characters.
indirect enum YAMLPlaces: Sendable {
    /// A key of a mapping, where it stands, and its value.
    struct Field: Sendable {
        var key: String
        var at: Int
        var value: YAMLPlaces
    }

    case scalar(at: Int)
    case list(at: Int, [YAMLPlaces])
    case mapping(at: Int, [Field])

    /// Where the value itself begins.
    var at: Int {
        switch self {
        case .scalar(let at), .list(let at, _), .mapping(let at, _): at
        }
    }

    /// Where the value at a path stands, or its nearest ancestor that exists; of a mapping or a list under a key, where the
    /// key stands, since what begins on the next line is not what one looks for.
    func place(of path: FieldPath) -> Int {
        var node = self
        var found = at
        for element in path.elements {
            switch (element, node) {
            case (.key(let key), .mapping(_, let fields)):
                guard let field = fields.first(where: { $0.key == key }) else { return found }
                node = field.value
                if case .scalar(let at) = node { found = at } else { found = field.at }
            case (.index(let index), .list(_, let items)):
                guard items.indices.contains(index) else { return found }
                node = items[index]
                found = node.at
            default: return found
            }
        }
        return found
    }
}
