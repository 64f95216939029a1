import CEL

/// What an expression comes to, as short text: `int 3`, or `error noSuchKey`.
func outcome(
    _ source: String, _ bindings: [String: CELValue] = [:], isChecked: Bool = true, limits: CELLimits = CELLimits(),
    costLimit: Int? = nil
) -> String {
    let environment = CELEnvironment(variables: bindings.keys.sorted().map { CELVariable($0) }, limits: limits)
    do throws(CELError) {
        let program = isChecked ? try environment.compile(source) : try environment.compileUnchecked(source)
        return show(try program.evaluate(CELActivation(environment, bindings), costLimit: costLimit))
    } catch {
        return "error \(error.code.rawValue)"
    }
}

/// A value as short text.
func show(_ value: CELValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): String(value)
    case .int(let value): String(value)
    case .uint(let value): "\(value)u"
    case .double(let value): "\(value)"
    case .string(let value): "'\(value)'"
    case .bytes(let value): "b\(value)"
    case .list(let list): "[" + list.elements.map(show).joined(separator: ", ") + "]"
    case .map(let map): "{" + map.entries.map { show($0.key) + ": " + show($0.value) }.joined(separator: ", ") + "}"
    case .object(let object): "{" + object.fieldNames.sorted().joined(separator: ", ") + "}"
    case .timestamp(let value): value.description
    case .duration(let value): value.description
    case .type(let name): "type \(name)"
    case .optional(let optional): "optional(\(optional.value.map(show) ?? ""))"
    case .opaque(let value): value.text ?? value.typeName
    }
}

/// A small generator of random numbers with a seed (SplitMix64, G. Steele and others, 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Host data that counts how often it is asked.
final class Host: CELObject, @unchecked Sendable {
    // Used by one test on one thread.
    private let fields: [String: CELValue]
    private(set) var lookups = 0

    init(_ fields: [String: CELValue]) {
        self.fields = fields
    }

    func field(_ key: CELFieldKey) -> CELValue? {
        lookups += 1
        return fields[key.name]
    }

    var fieldNames: [String] { fields.keys.sorted() }
}
