/// Functions on lists: Kubernetes' and the reference implementation's.
enum ListsLibrary {
    static let functions: [Function] = kubernetes + shaping

    private static let kubernetes: [Function] = [
        .unary("isSorted", "list<A>.() -> bool") { (value, frame) throws(Failure) in
            let elements = try elements("isSorted", value, &frame)
            if elements.count == 1 { _ = try compare("isSorted", elements[0], elements[0]) }
            for index in elements.indices.dropFirst() {
                try frame.charge(comparing: elements[index - 1], elements[index])
                if try compare("isSorted", elements[index - 1], elements[index]) == .greater { return .bool(false) }
            }
            return .bool(true)
        },
        .unary("sum", "list<A>.() -> A") { (value, frame) throws(Failure) in
            let elements = try elements("sum", value, &frame)
            guard var total = elements.first else { return .int(0) }
            switch total {
            case .int, .uint, .double, .duration: break
            default: throw Failure.noOverload("sum", value)
            }
            for element in elements.dropFirst() { total = try Arithmetic.apply(.add, total, element, &frame) }
            return total
        },
        .unary("min", "list<A>.() -> A") { (value, frame) throws(Failure) in
            try extreme("min", value, .less, &frame)
        },
        .unary("max", "list<A>.() -> A") { (value, frame) throws(Failure) in
            try extreme("max", value, .greater, &frame)
        },
        .binary("indexOf", "list<A>.(A) -> int") { (value, wanted, frame) throws(Failure) in
            for (index, element) in try elements("indexOf", value, &frame).enumerated()
            where try frame.equal(element, wanted) { return .int(Int64(index)) }
            return .int(-1)
        },
        .binary("lastIndexOf", "list<A>.(A) -> int") { (value, wanted, frame) throws(Failure) in
            for (index, element) in try elements("lastIndexOf", value, &frame).enumerated().reversed()
            where try frame.equal(element, wanted) { return .int(Int64(index)) }
            return .int(-1)
        },
    ]

    private static let shaping: [Function] = [
        .ternary("slice", "list<A>.(int, int) -> list<A>", body: slice),
        .unary("flatten", "list<A>.() -> list<dyn>") { (value, frame) throws(Failure) in
            try flatten(value, .int(1), &frame)
        },
        .binary("flatten", "list<A>.(int) -> list<dyn>", body: flatten),
        .unary("distinct", "list<A>.() -> list<A>") { (value, frame) throws(Failure) in
            var members = Members()
            var kept = [CELValue]()
            for element in try elements("distinct", value, &frame) {
                if try members.contains(element, &frame) { continue }
                try members.insert(element, &frame)
                kept.append(element)
            }
            return .list(CELList(kept))
        },
        .unary("sort", "list<A>.() -> list<A>") { (value, frame) throws(Failure) in
            let elements = try elements("sort", value, &frame)
            return .list(CELList(try sorted("sort", elements, by: elements, &frame)))
        },
        .unary("reverse", "list<A>.() -> list<A>") { (value, frame) throws(Failure) in
            .list(CELList(try elements("reverse", value, &frame).reversed()))
        },
        .unary("first", "list<A>.() -> optional<A>") { (value, frame) throws(Failure) in
            .optional(CELOptional(try elements("first", value, &frame).first))
        },
        .unary("last", "list<A>.() -> optional<A>") { (value, frame) throws(Failure) in
            .optional(CELOptional(try elements("last", value, &frame).last))
        },
        .unary("lists.range", "(int) -> list<int>") { (value, frame) throws(Failure) in
            guard case .int(let count) = value else { throw Failure.noOverload("lists.range", value) }
            guard count > 0 else { return .list(CELList([])) }
            try frame.charge(Int(count))
            return .list(CELList((0..<count).map { .int($0) }))
        },
    ]

    private static func elements(
        _ name: String, _ value: CELValue, _ frame: inout Frame
    ) throws(Failure) -> [CELValue] {
        guard case .list(let list) = value else { throw Failure.noOverload(name, value) }
        try frame.charge(list.count)
        return list.elements
    }

    private static func compare(_ name: String, _ left: CELValue, _ right: CELValue) throws(Failure) -> Ordering {
        let order = CELValue.order(left, right)
        if case .incomparable = order { throw Failure.noOverload(name, left, right) }
        return order
    }

    private static func extreme(
        _ name: String, _ value: CELValue, _ wanted: Ordering, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        let elements = try elements(name, value, &frame)
        guard var best = elements.first else { throw .invalid("\(name): the list is empty") }
        for element in elements {
            try frame.charge(comparing: element, best)
            if try compare(name, element, best) == wanted { best = element }
        }
        return best
    }

    private static func slice(
        _ value: CELValue, _ start: CELValue, _ end: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        let elements = try elements("slice", value, &frame)
        guard case .int(let first) = start, case .int(let last) = end else {
            throw Failure.noOverload("slice", value, start, end)
        }
        guard first >= 0, first <= last, last <= Int64(elements.count) else {
            throw .invalid("slice: \(first)..<\(last) is outside a list of \(elements.count) elements")
        }
        return .list(CELList(Array(elements[Int(first)..<Int(last)])))
    }

    private static func flatten(
        _ value: CELValue, _ depth: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        guard case .list(let list) = value, case .int(let depth) = depth else {
            throw Failure.noOverload("flatten", value, depth)
        }
        if depth < 0 { throw .invalid("flatten: the depth \(depth) is negative") }
        var flat = [CELValue]()
        try flatten(list, depth, into: &flat, &frame)
        return .list(CELList(flat))
    }

    private static func flatten(
        _ list: CELList, _ depth: Int64, into flat: inout [CELValue], _ frame: inout Frame
    ) throws(Failure) {
        for index in 0..<list.count {
            try frame.charge(1)
            if depth > 0, case .list(let inner) = list[index] {
                try flatten(inner, depth - 1, into: &flat, &frame)
            } else {
                flat.append(list[index])
            }
        }
    }

    /// The elements in the order of their keys, which must be of one ordered type; equal ones keep their order.
    static func sorted(
        _ name: String, _ elements: [CELValue], by keys: [CELValue], _ frame: inout Frame
    ) throws(Failure) -> [CELValue] {
        // n log₂ n comparisons, each of which may read a text to its end.
        let rounds = Int.bitWidth - elements.count.leadingZeroBitCount
        try frame.charge(elements.count * rounds)
        for key in keys {
            if case .string(let text) = key { try frame.charge(rounds * (text.utf8.count >> 6)) }
            // With itself too, where there is only one: lists and maps have no order.
            if try compare(name, keys[0], key) == .unordered { throw .invalid("\(name): NaN has no order") }
            guard key.typeName == keys[0].typeName else {
                throw .invalid("\(name): all elements must be of one type, not \(keys[0].typeName) and \(key.typeName)")
            }
        }
        let order = keys.indices.sorted { left, right in
            switch CELValue.order(keys[left], keys[right]) {
            case .less: true
            case .greater: false
            default: left < right
            }
        }
        return order.map { elements[$0] }
    }
}

/// `list.sortBy(x, key)`.
final class SortByNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let range: Node
    private let slots: MacroSlots
    private let key: Node

    init(_ range: Node, _ slots: MacroSlots, key: Node, offset: Int) {
        self.range = range
        self.slots = slots
        self.key = key
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        let value = try range.evaluate(&frame)
        guard case .list(let list) = value else { throw Failure.noOverload("sortBy", value).located(offset) }
        let range = try MacroRange(value, offset: offset, &frame)
        var keys = [CELValue]()
        for position in 0..<range.count {
            try slots.bind(range, position, &frame)
            keys.append(try key.evaluate(&frame))
        }
        do throws(Failure) {
            return .list(CELList(try ListsLibrary.sorted("sortBy", list.elements, by: keys, &frame)))
        } catch {
            throw error.located(offset)
        }
    }
}
