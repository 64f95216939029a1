import ClusterModel

/// Finds all faults of an object that a throwing decoder reads, and not the first alone.
///
/// What is at fault is taken out, and the rest is read again. A fault that is only there since something was taken out is no
/// fault of the file's.
struct FieldFaults {
    /// What may stand for a field that others depend on, where it is at fault, so that the rest can be read.
    var standIns: [String: Value] = [:]

    /// How many faults of one object are looked for.
    private static let limit = 20

    /// Decodes a value, and adds all faults to `errors`.
    ///
    /// - Returns: the value, or what is left of it without what is at fault; nil where too little is left.
    func read<T>(
        _ value: Value, _ errors: inout [FieldError], _ decode: (Value) throws(FieldError) -> T
    ) -> T? {
        var rest = value
        var removed: [FieldPath] = []
        var replaced: Set<FieldPath> = []
        for _ in 0..<FieldFaults.limit {
            do {
                return try decode(rest)
            } catch {
                let path = error.path
                let isOurs = removed.contains { $0.elements.starts(with: path.elements) }
                if !isOurs { errors.append(error) }
                if !hasStandIn(path), rest.remove(at: path) {
                    removed.append(path)
                    continue
                }
                // Else the nearest field around it that something may stand for.
                var place = path
                while !place.elements.isEmpty, !hasStandIn(place) { place.elements.removeLast() }
                guard case .key(let key)? = place.elements.last, let standIn = standIns[key],
                    replaced.insert(place).inserted, rest.put(standIn, at: place.elements[...])
                else { return nil }
                removed.append(place)
            }
        }
        return nil
    }

    private func hasStandIn(_ path: FieldPath) -> Bool {
        if case .key(let key)? = path.elements.last { standIns[key] != nil } else { false }
    }
}

extension Value {
    /// Takes out what stands at a path; false where nothing does.
    ///
    /// The last item of a list stays, as an empty list would be another fault; so does the place of those before it.
    fileprivate mutating func remove(at path: FieldPath) -> Bool {
        guard let last = path.elements.last else { return false }
        if path.elements.count > 1 {
            let outer = FieldPath(Array(path.elements.dropLast()))
            guard var inner = self[outer], inner.remove(at: FieldPath([last])) else { return false }
            return put(inner, at: outer.elements[...])
        }
        switch (last, self) {
        case (.key(let key), .object(var fields)):
            guard let index = fields.firstIndex(where: { $0.key == key }) else { return false }
            fields.remove(at: index)
            self = .object(fields)
        case (.index(let index), .array(var items)):
            guard index == items.count - 1, index > 0 else { return false }
            items.removeLast()
            self = .array(items)
        default: return false
        }
        return true
    }

    /// Puts a value at a path whose objects and lists are there; false where they are not.
    fileprivate mutating func put(_ value: Value, at path: ArraySlice<FieldPath.Element>) -> Bool {
        guard let first = path.first else {
            self = value
            return true
        }
        switch (first, self) {
        case (.key(let key), .object(var fields)):
            guard let index = fields.firstIndex(where: { $0.key == key }) else {
                guard path.count == 1 else { return false }
                self = .object(fields + [Field(key, value)])
                return true
            }
            guard fields[index].value.put(value, at: path.dropFirst()) else { return false }
            self = .object(fields)
        case (.index(let index), .array(var items)):
            guard items.indices.contains(index), items[index].put(value, at: path.dropFirst()) else { return false }
            self = .array(items)
        default: return false
        }
        return true
    }
}
