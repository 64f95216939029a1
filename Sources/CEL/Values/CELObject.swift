/// The name of a field in an expression, resolved once when the expression is compiled.
///
/// A host that knows its fields numbers them (`CELEnvironment.fieldNumbers`); it then answers `field(_:)` with a jump
/// table on `number` in place of comparing strings.
public struct CELFieldKey: Sendable {
    /// The field's name as written.
    public let name: String
    /// The number that the environment gives the name, or −1 where it gives none.
    public let number: Int

    /// A key of the given name.
    public init(name: String, number: Int = -1) {
        self.name = name
        self.number = number
    }
}

/// Host data with named fields, read lazily: an expression that asks for two fields costs two look-ups and no copy.
///
/// Treated as a map with string keys: selection, `has`, `in`, index, `size`, comprehensions over the keys, equality.
public protocol CELObject: AnyObject, Sendable {
    /// The name that `type(x)` yields.
    var typeName: String { get }
    /// The field's value, or nil where the field is absent.
    func field(_ key: CELFieldKey) -> CELValue?
    /// What stands at the end of a path of fields, the first one the object's own, found without making the objects on
    /// the way; nil where there is nothing, and for a path that the object knows no short cut to.
    ///
    /// It must be what asking field by field comes to.
    func value(at path: [CELFieldKey]) -> CELValue?
    /// How many fields are present.
    var count: Int { get }
    /// The names of the fields that are present.
    var fieldNames: [String] { get }
}

extension CELObject {
    /// The name of a plain map.
    public var typeName: String { "map" }
    /// How many there are.
    public var count: Int { fieldNames.count }
    /// No short cuts.
    public func value(at path: [CELFieldKey]) -> CELValue? { nil }
}

/// Host data in a sequence, read lazily.
public protocol CELHostList: AnyObject, Sendable {
    /// The number of elements.
    var count: Int { get }
    /// The element at an index in `0 ..< count`.
    func element(at index: Int) -> CELValue
}

/// A list: values of expressions, or a host's sequence.
public struct CELList: Sendable {
    final class Storage: Sendable {
        let elements: [CELValue]
        let depth: Int

        init(_ elements: [CELValue]) {
            self.elements = elements
            var deepest = 0
            for element in elements { deepest = max(deepest, element.depth) }
            depth = deepest + 1
        }
    }

    private enum Form: Sendable {
        case array(Storage)
        case host(any CELHostList)
    }

    private let form: Form

    /// A list of the given elements.
    /// - Complexity: O(elements).
    public init(_ elements: [CELValue]) {
        form = .array(Storage(elements))
    }

    /// A list that reads the host's sequence.
    public init(host: any CELHostList) {
        form = .host(host)
    }

    /// How many there are.
    public var count: Int {
        switch form {
        case .array(let storage): storage.elements.count
        case .host(let host): host.count
        }
    }

    /// The element at an index, which must lie in `0 ..< count`.
    public subscript(index: Int) -> CELValue {
        switch form {
        case .array(let storage): storage.elements[index]
        case .host(let host): host.element(at: index)
        }
    }

    /// All elements; a host's sequence is read in full.
    public var elements: [CELValue] {
        switch form {
        case .array(let storage): storage.elements
        case .host(let host): (0..<host.count).map { host.element(at: $0) }
        }
    }

    var depth: Int {
        switch form {
        case .array(let storage): storage.depth
        case .host: 1
        }
    }
}
