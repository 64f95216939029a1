import ClusterModel

/// The names that the API server makes up for objects with `metadata.generateName`, here always the same for the same input.
///
/// Source: Kubernetes' `names.SimpleNameGenerator`: the prefix, cut to 58 characters, and five letters and digits that
/// cannot spell a word.
enum GeneratedName {
    private static let suffixLength = 5
    private static let longestPrefix = 63 - suffixLength
    /// How many suffixes there are.
    private static let suffixes = 14_348_907

    /// How far apart the positions of two objects of one piece of the input are.
    static let step = 1_000_003

    /// A suffix that no other position has, of those less than fourteen million apart.
    static func suffix(position: Int) -> String {
        // A factor that has no divisor in common with the number of suffixes takes each to another one.
        var rest = ((position % suffixes).magnitude * 5_882_351 + 9_000_111) % UInt(suffixes)
        var bytes: [UInt8] = []
        for _ in 0..<suffixLength {
            bytes.append(StableHash.safeLetters[Int(rest % 27)])
            rest /= 27
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name that a prefix leads to.
    static func name(prefix: String, position: Int) -> String {
        prefix.prefix(longestPrefix) + suffix(position: position)
    }

    /// An object with a name of its own where it has only the beginning of one.
    static func completed(_ value: Value, position: Int) -> Value {
        guard case .object(var fields) = value, let place = fields.firstIndex(where: { $0.key == "metadata" }),
            case .object(var metadata) = fields[place].value,
            case .string(let prefix)? = fields[place].value["generateName"], !prefix.isEmpty
        else { return value }
        switch fields[place].value["name"] {
        case nil, .null?, .string("")?: break
        default: return value
        }
        metadata.removeAll { $0.key == "name" }
        metadata.append(Value.Field("name", .string(name(prefix: prefix, position: position))))
        fields[place].value = .object(metadata)
        return .object(fields)
    }
}
