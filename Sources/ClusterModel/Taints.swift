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
    }

    /// The taint's key; empty with `Exists` tolerates every taint.
    public var key: String
    /// The comparison.
    public var `operator`: Operator
    /// The taint's value, for `Equal`.
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
        }
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
        if key.isEmpty, `operator` == .equal {
            throw FieldError(
                path: FieldPath("operator"), expected: "\"Exists\" where the key is empty",
                found: name.isEmpty ? "nothing" : "the string \"\(name)\"")
        }
    }

    /// The toleration as an object of a manifest.
    public var manifest: Value {
        var object = ObjectBuilder()
        object.add("key", key)
        if `operator` == .exists { object.add("operator", `operator`.rawValue) }
        object.add("value", value)
        object.add("effect", effect?.rawValue)
        object.add("tolerationSeconds", tolerationSeconds.map { .int($0) })
        return object.value
    }
}
