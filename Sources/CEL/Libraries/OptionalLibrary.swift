/// Making and reading optionals.
enum OptionalLibrary {
    static let functions: [Function] = [
        .variadic("optional.none", "() -> optional<dyn>") { (_, _) throws(Failure) in .optional(.none) },
        .unary("optional.of", "(A) -> optional<A>") { (value, frame) throws(Failure) in
            try frame.checkDepth(.optional(CELOptional(value)))
        },
        .unary("optional.ofNonZeroValue", "(A) -> optional<A>") { (value, frame) throws(Failure) in
            try frame.checkDepth(.optional(value.isZero ? .none : CELOptional(value)))
        },
        .unary("optional.unwrap", "(list<optional<A>>) -> list<A>", body: unwrap),
        .unary("unwrapOpt", "list<optional<A>>.() -> list<A>", body: unwrap),
        .unary("hasValue", "optional<A>.() -> bool") { (value, _) throws(Failure) in
            .bool(try optional("hasValue", value).value != nil)
        },
        .unary("value", "optional<A>.() -> A") { (value, _) throws(Failure) in
            guard let inner = try optional("value", value).value else { throw .invalid("the optional has no value") }
            return inner
        },
        .binary("or", "optional<A>.(optional<A>) -> optional<A>") { (value, other, _) throws(Failure) in
            let isPresent = try optional("or", value).value != nil
            _ = try optional("or", other)
            return isPresent ? value : other
        },
        .binary("orValue", "optional<A>.(A) -> A") { (value, other, _) throws(Failure) in
            try optional("orValue", value).value ?? other
        },
    ]

    static func optional(_ name: String, _ value: CELValue) throws(Failure) -> CELOptional {
        guard case .optional(let optional) = value else { throw Failure.noOverload(name, value) }
        return optional
    }

    private static func unwrap(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        guard case .list(let list) = value else { throw Failure.noOverload("optional.unwrap", value) }
        var present = [CELValue]()
        for index in 0..<list.count {
            try frame.charge(1)
            if let inner = try optional("optional.unwrap", list[index]).value { present.append(inner) }
        }
        return .list(CELList(present))
    }
}

/// `or` and `orValue`: the alternative is evaluated only where it is needed.
final class OptionalOrNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let first: Node
    private let second: Node
    private let yieldsValue: Bool

    init(_ first: Node, _ second: Node, yieldsValue: Bool, offset: Int) {
        self.first = first
        self.second = second
        self.yieldsValue = yieldsValue
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        let value = try first.evaluate(&frame)
        let name = yieldsValue ? "orValue" : "or"
        guard case .optional(let optional) = value else { throw Failure.noOverload(name, value).located(offset) }
        if let inner = optional.value { return yieldsValue ? inner : value }
        let other = try second.evaluate(&frame)
        if yieldsValue { return other }
        guard case .optional = other else { throw Failure.noOverload(name, value, other).located(offset) }
        return other
    }
}

extension CELLibrary {
    /// The functions of the library.
    var functions: [Function] {
        switch self {
        case .strings: StringsLibrary.functions
        case .math: MathLibrary.functions
        case .encoders: EncodersLibrary.functions
        case .sets: SetsLibrary.functions
        case .lists: ListsLibrary.functions
        case .regex: RegexLibrary.functions
        case .optionals: OptionalLibrary.functions
        case .quantity: QuantityLibrary.functions
        case .url: URLLibrary.functions
        case .network: NetworkLibrary.functions
        case .semver: SemverLibrary.functions
        case .format: FormatLibrary.functions
        }
    }

    /// The types that the library names.
    var typeNames: [String] {
        switch self {
        case .quantity: [Quantity.name]
        case .url: [URLValue.name]
        case .network: [IPAddress.name, CIDRBlock.name]
        case .semver: [SemanticVersion.name]
        case .format: [NamedFormat.name]
        default: []
        }
    }
}
