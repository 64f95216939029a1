/// What a macro walks over: the elements of a list, or the keys of a map or an object.
struct MacroRange {
    private enum Form {
        case list(CELList)
        case map(CELMap)
        case object(any CELObject, fieldNames: [String])
    }

    private let form: Form
    let count: Int

    init(_ value: CELValue, offset: Int, _ frame: inout Frame) throws(Failure) {
        switch value {
        case .list(let list):
            form = .list(list)
            count = list.count
        case .map(let map):
            form = .map(map)
            count = map.count
        case .object(let object):
            // The host makes the names anew for each who asks.
            try frame.charge(object.count)
            let names = object.fieldNames
            form = .object(object, fieldNames: names)
            count = names.count
        default:
            throw Failure(
                .noSuchOverload, "a macro walks over a list or a map, not over \(value.typeName)", offset: offset)
        }
    }

    /// The element, or the key.
    func first(_ position: Int) -> CELValue {
        switch form {
        case .list(let list): list[position]
        case .map(let map): map.entries[position].key
        case .object(_, let names): .string(names[position])
        }
    }

    /// Index and element, or key and value.
    func pair(_ position: Int) -> (CELValue, CELValue) {
        switch form {
        case .list(let list): return (.int(Int64(position)), list[position])
        case .map(let map): return map.entries[position]
        case .object(let object, let names):
            let name = names[position]
            return (.string(name), object.field(CELFieldKey(name: name)) ?? .null)
        }
    }
}

/// The slots of a macro's variables.
struct MacroSlots: Sendable {
    let first: Int
    let second: Int?

    @inline(__always)
    func bind(_ range: MacroRange, _ position: Int, _ frame: inout Frame) throws(Failure) {
        try frame.charge(1)
        if let second {
            let (key, value) = range.pair(position)
            frame.locals[first] = key
            frame.locals[second] = value
        } else {
            frame.locals[first] = range.first(position)
        }
    }
}

/// `all` and `exists`: a decisive element wins over failures of the others.
final class QuantifierNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    private let range: Node
    private let slots: MacroSlots
    private let body: Node
    /// The body's value that decides: false for `all`, true for `exists`.
    private let deciding: Bool

    init(_ range: Node, _ slots: MacroSlots, body: Node, deciding: Bool, offset: Int) {
        self.range = range
        self.slots = slots
        self.body = body
        self.deciding = deciding
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        let range = try MacroRange(try range.evaluate(&frame), offset: offset, &frame)
        var failure: Failure?
        for position in 0..<range.count {
            try slots.bind(range, position, &frame)
            do throws(Failure) {
                if try body.evaluateBool(&frame) == deciding { return deciding }
            } catch {
                if error.isFinal { throw error }
                failure = Failure.merge(failure, error)
            }
        }
        if let failure { throw failure }
        return !deciding
    }
}

/// `exists_one`: every element is looked at, and any failure is the result.
final class ExistsOneNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    private let range: Node
    private let slots: MacroSlots
    private let body: Node

    init(_ range: Node, _ slots: MacroSlots, body: Node, offset: Int) {
        self.range = range
        self.slots = slots
        self.body = body
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        let range = try MacroRange(try range.evaluate(&frame), offset: offset, &frame)
        var found = 0
        for position in 0..<range.count {
            try slots.bind(range, position, &frame)
            if try body.evaluateBool(&frame) { found += 1 }
        }
        return found == 1
    }
}

/// `map`, `filter`, `transformList`: a new list.
final class CollectListNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let range: Node
    private let slots: MacroSlots
    private let filter: Node?
    /// What is collected; the element itself where nil.
    private let body: Node?

    init(_ range: Node, _ slots: MacroSlots, filter: Node?, body: Node?, offset: Int) {
        self.range = range
        self.slots = slots
        self.filter = filter
        self.body = body
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        let range = try MacroRange(try range.evaluate(&frame), offset: offset, &frame)
        var collected = [CELValue]()
        for position in 0..<range.count {
            try slots.bind(range, position, &frame)
            if let filter, !(try filter.evaluateBool(&frame)) { continue }
            collected.append(try body?.evaluate(&frame) ?? range.first(position))
        }
        return try frame.checkDepth(.list(CELList(collected)))
    }
}

/// `transformMap` and `transformMapEntry`: a new map.
final class CollectMapNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let range: Node
    private let slots: MacroSlots
    private let filter: Node?
    private let body: Node
    /// The body yields whole entries, as a map, in place of a value for the element's key.
    private let yieldsEntries: Bool

    init(_ range: Node, _ slots: MacroSlots, filter: Node?, body: Node, yieldsEntries: Bool, offset: Int) {
        self.range = range
        self.slots = slots
        self.filter = filter
        self.body = body
        self.yieldsEntries = yieldsEntries
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        let range = try MacroRange(try range.evaluate(&frame), offset: offset, &frame)
        var builder = MapBuilder()
        for position in 0..<range.count {
            try slots.bind(range, position, &frame)
            if let filter, !(try filter.evaluateBool(&frame)) { continue }
            let value = try body.evaluate(&frame)
            guard yieldsEntries else {
                try builder.insert(range.pair(position).0, value, offset, &frame)
                continue
            }
            guard value.isMapLike else {
                throw Failure.noOverload("transformMapEntry", value).located(offset)
            }
            try frame.charge(value.keyCount)
            for key in value.keys {
                if let entry = value.entry(key) { try builder.insert(key, entry, offset, &frame) }
            }
        }
        return try frame.checkDepth(.map(builder.map))
    }
}

/// Collects the entries of a map and refuses bad and repeated keys.
struct MapBuilder {
    private var entries: [(key: CELValue, value: CELValue)] = []
    private var index: [CELKey: Int] = [:]

    mutating func insert(
        _ key: CELValue, _ value: CELValue, _ offset: Int, _ frame: inout Frame
    ) throws(Failure) {
        try frame.charge(Frame.insertionCost)
        try frame.charge(key: key)
        guard let canonical = CELKey(literal: key) else {
            throw Failure(.noSuchOverload, "a value of type \(key.typeName) cannot be a map's key", offset: offset)
        }
        guard index.updateValue(entries.count, forKey: canonical) == nil else {
            throw Failure(.invalidValue, "the key \(Access.describe(key)) stands twice", offset: offset)
        }
        entries.append((key, value))
    }

    var map: CELMap { CELMap(uniqueKeys: entries, index: index) }
}

extension CELValue {
    /// Whether the value is read by keys.
    var isMapLike: Bool {
        switch self {
        case .map, .object: true
        default: false
        }
    }
}

/// `optMap` and `optFlatMap`.
final class OptionalMapNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let target: Node
    private let slot: Int
    private let body: Node
    private let isFlat: Bool

    init(_ target: Node, slot: Int, body: Node, isFlat: Bool, offset: Int) {
        self.target = target
        self.slot = slot
        self.body = body
        self.isFlat = isFlat
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        let value = try target.evaluate(&frame)
        guard case .optional(let optional) = value else {
            throw Failure.noOverload(isFlat ? "optFlatMap" : "optMap", value).located(offset)
        }
        guard let inner = optional.value else { return value }
        frame.locals[slot] = inner
        let result = try body.evaluate(&frame)
        guard isFlat else { return try frame.checkDepth(.optional(CELOptional(result))) }
        guard case .optional = result else { throw Failure.noOverload("optFlatMap", result).located(offset) }
        return result
    }
}
