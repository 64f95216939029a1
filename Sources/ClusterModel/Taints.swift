/// A mark on a node that keeps pods away unless they tolerate it.
public struct Taint: Hashable, Sendable {
    /// What a taint does to pods that do not tolerate it.
    public enum Effect: String, CaseIterable, Hashable, Sendable {
        /// New pods are not placed.
        case noSchedule = "NoSchedule"
        /// New pods are placed elsewhere if possible.
        case preferNoSchedule = "PreferNoSchedule"
        /// New pods are not placed, and running ones are evicted.
        case noExecute = "NoExecute"
    }

    /// The taint's key.
    public var key: String
    /// The taint's value, empty if it has none.
    public var value: String
    /// What it does.
    public var effect: Effect

    /// A taint of the given parts.
    public init(key: String, value: String = "", effect: Effect) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    /// The taint that stands for `spec.unschedulable`, so that a toleration for it overrides a cordon.
    public static let unschedulable = Taint(key: "node.kubernetes.io/unschedulable", effect: .noSchedule)

    /// Reads a taint as a manifest holds it.
    public init(_ object: ObjectReader) throws(FieldError) {
        self.key = try object.required("key", "a taint key") { value throws(FieldError) in try value.decodeString() }
        self.value = try object.string("value") ?? ""
        guard let effect = try object.choice("effect", of: Effect.self) else {
            throw FieldError(path: FieldPath("effect"), expected: "an effect such as NoSchedule", found: "nothing")
        }
        self.effect = effect
    }

    /// The taint as an object of a manifest.
    public var manifest: Value {
        var object = ObjectBuilder()
        object.add("key", key)
        object.add("value", value)
        object.add("effect", effect.rawValue)
        return object.value
    }
}

/// A pod's leave to stand on nodes with a matching taint.
public struct Toleration: Hashable, Sendable {
    /// How a toleration compares the taint's value.
    public enum Operator: String, CaseIterable, Hashable, Sendable {
        case equal = "Equal"
        case exists = "Exists"
        /// The taint's value is a greater whole number than the toleration's.
        case greaterThan = "Gt"
        /// The taint's value is a smaller whole number than the toleration's.
        case lessThan = "Lt"

        /// Whether the values are compared as whole numbers.
        public var isNumeric: Bool { self == .greaterThan || self == .lessThan }
    }

    /// The taint's key; empty with `Exists` tolerates every taint.
    public var key: String
    /// The comparison.
    public var `operator`: Operator
    /// What the taint's value is compared with; `Exists` has none.
    public var value: String
    /// The effect tolerated; nil tolerates every effect.
    public var effect: Taint.Effect?
    /// For how many seconds a `NoExecute` taint is borne; nil is for ever.
    public var tolerationSeconds: Int64?

    /// A toleration of the given parts.
    public init(
        key: String = "", operator: Operator = .equal, value: String = "", effect: Taint.Effect? = nil,
        tolerationSeconds: Int64? = nil
    ) {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
        self.tolerationSeconds = tolerationSeconds
    }

    /// Whether this toleration covers the taint.
    public func tolerates(_ taint: Taint) -> Bool {
        if let effect, effect != taint.effect { return false }
        if !key.isEmpty, key != taint.key { return false }
        switch `operator` {
        case .exists: return true
        case .equal: return !key.isEmpty && value == taint.value
        case .greaterThan, .lessThan:
            guard !key.isEmpty, let mine = Toleration.number(value), let other = Toleration.number(taint.value) else {
                return false
            }
            return `operator` == .greaterThan ? other > mine : other < mine
        }
    }

    /// A whole number as the API server takes it beside `Gt` and `Lt`: decimal, of 64 bits, without a plus sign or zeros in
    /// front; nil for any other text.
    public static func number(_ text: String) -> Int64? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        if first == UInt8(ascii: "0"), text.utf8.count > 1 { return nil }
        return Int64(text)
    }

    /// Reads a toleration as a manifest holds it.
    public init(_ object: ObjectReader) throws(FieldError) {
        self.key = try object.string("key") ?? ""
        let name = try object.string("operator") ?? ""
        self.operator = name.isEmpty ? .equal : try object.choice("operator", of: Operator.self) ?? .equal
        self.value = try object.string("value") ?? ""
        let effect = try object.string("effect") ?? ""
        self.effect = effect.isEmpty ? nil : try object.choice("effect", of: Taint.Effect.self)
        self.tolerationSeconds = try object.int("tolerationSeconds")
        if key.isEmpty, `operator` != .exists {
            throw FieldError(
                path: FieldPath("operator"), expected: "\"Exists\" where the key is empty",
                found: name.isEmpty ? "nothing" : "the string \"\(name)\"")
        }
        if `operator`.isNumeric, Toleration.number(value) == nil {
            throw FieldError(
                path: FieldPath("value"), expected: "a whole number beside the operator \(name), such as \"950\"",
                found: value.isEmpty ? "nothing" : "the string \"\(value)\"")
        }
    }

    /// The toleration as an object of a manifest.
    public var manifest: Value {
        var object = ObjectBuilder()
        object.add("key", key)
        if `operator` != .equal { object.add("operator", `operator`.rawValue) }
        object.add("value", value)
        object.add("effect", effect?.rawValue)
        object.add("tolerationSeconds", tolerationSeconds.map { .int($0) })
        return object.value
    }
}

extension Toleration {
    /// The tolerations without those that another one makes needless.
    ///
    /// Source: Kubernetes' `MergeTolerations` (pkg/util/tolerations).
    public static func merged(_ all: [Toleration]) -> [Toleration] {
        var result: [Toleration] = []
        for (index, item) in all.enumerated() {
            if result.contains(where: { $0.covers(item) }) { continue }
            // Of two that are equal the first stays.
            if all[(index + 1)...].contains(where: { $0 != item && $0.covers(item) }) { continue }
            result.append(item)
        }
        return result
    }

    /// Whether this toleration bears all that another one does.
    private func covers(_ other: Toleration) -> Bool {
        if self == other { return true }
        if key != other.key, !key.isEmpty || `operator` != .exists { return false }
        if let effect, effect != other.effect { return false }
        if effect == .noExecute, let tolerationSeconds {
            guard let seconds = other.tolerationSeconds, seconds <= tolerationSeconds else { return false }
        }
        switch `operator` {
        case .equal: return other.operator == .equal && value == other.value
        case .exists: return true
        case .greaterThan, .lessThan: return false
        }
    }
}
