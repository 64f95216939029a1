import ClusterModel

/// Reads an object of a policy, in which every field must be known.
///
/// A misspelt field of a manifest is ignored by Kubernetes; a misspelt condition of a policy would silently match every
/// pod, so here it is an error that names the field meant.
struct StrictObject {
    /// The reader of the fields.
    let reader: ObjectReader

    /// Reads `value`, an object that may have `keys` and no others.
    init(_ value: Value, keys: [String]) throws(FieldError) {
        self.reader = try ObjectReader(value)
        for field in reader.fields where !keys.contains(field.key) {
            throw StrictObject.unknown(field.key, keys: keys)
        }
    }

    /// The error for a field that does not exist.
    static func unknown(_ key: String, keys: [String]) -> FieldError {
        let expected: String
        if let meant = Spelling.nearest(to: key, among: keys) {
            expected = "a known field (did you mean \"\(meant)\"?)"
        } else {
            expected = "one of the fields \(keys.joined(separator: ", "))"
        }
        return FieldError(path: FieldPath(key), expected: expected, found: "the unknown field \"\(key)\"")
    }

    /// Whether the field is there and null.
    func isNull(_ key: String) -> Bool { reader.fields.contains { $0.key == key && $0.value == .null } }

    /// Fails where a field is null that means nothing so: it would be passed over as if it were not there.
    func refuseNulls(except allowed: [String] = []) throws(FieldError) {
        for field in reader.fields where field.value == .null && !allowed.contains(field.key) {
            throw FieldError(
                path: FieldPath(field.key), expected: "a value, or no field \(field.key) at all", found: "null")
        }
    }

    /// An object under `key` read with the given fields, or nil where it is absent.
    func object<T>(
        _ key: String, keys: [String], _ decode: (StrictObject) throws(FieldError) -> T
    ) throws(FieldError) -> T? {
        try reader.optional(key) { value throws(FieldError) in try decode(StrictObject(value, keys: keys)) }
    }

    /// The list under `key`, each item decoded; absent is nil, and an empty list is an error, since it would match nothing.
    func filledList<T>(
        _ key: String, of what: String, _ decode: (Value) throws(FieldError) -> T
    ) throws(FieldError) -> [T]? {
        guard reader.value(key) != nil else { return nil }
        let items = try reader.list(key, decode)
        guard !items.isEmpty else {
            throw FieldError(path: FieldPath(key), expected: "at least one \(what)", found: "an empty list")
        }
        guard items.count <= PolicyLimits.items else {
            throw FieldError(
                path: FieldPath(key), expected: "at most \(PolicyLimits.items) items", found: "\(items.count)")
        }
        return items
    }

    /// One of the cases of a string enumeration under `key`, with a suggestion where it is misspelt.
    func choice<T: RawRepresentable & CaseIterable>(
        _ key: String, of type: T.Type = T.self
    ) throws(FieldError) -> T? where T.RawValue == String {
        try reader.optional(key) { value throws(FieldError) in
            try StrictObject.choice(value, of: type)
        }
    }

    /// One of the cases of a string enumeration, with a suggestion where it is misspelt.
    static func choice<T: RawRepresentable & CaseIterable>(
        _ value: Value, of type: T.Type = T.self
    ) throws(FieldError) -> T where T.RawValue == String {
        let text = try value.decodeString()
        if let result = T(rawValue: text) { return result }
        let names = T.allCases.map(\.rawValue)
        let hint = Spelling.nearest(to: text, among: names).map { " (did you mean \"\($0)\"?)" } ?? ""
        let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
        throw FieldError(expected: "one of \(list)\(hint)", found: value.summary)
    }
}

/// Finds the word that a misspelt one was meant to be.
enum Spelling {
    /// The candidate nearest to `word`, if any is near enough to be meant.
    ///
    /// - Complexity: O(candidates × length²), for short words only.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(64))
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(wanted, Array(candidate.lowercased().utf8.prefix(64)))
            if distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        guard let best, best.distance <= (wanted.count < 4 ? 1 : max(2, wanted.count / 3)) else { return nil }
        return best.candidate
    }

    /// The Levenshtein distance: insertions, deletions and replacements between two words.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let replaced = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
