/// Lists as sets.
enum SetsLibrary {
    static let functions: [Function] = [
        .binary("sets.contains", "(list<A>, list<A>) -> bool") { (left, right, frame) throws(Failure) in
            let (left, right) = try lists("sets.contains", left, right)
            return .bool(try contains(left, right, &frame))
        },
        .binary("sets.equivalent", "(list<A>, list<A>) -> bool") { (left, right, frame) throws(Failure) in
            let (left, right) = try lists("sets.equivalent", left, right)
            guard try contains(left, right, &frame) else { return .bool(false) }
            return .bool(try contains(right, left, &frame))
        },
        .binary("sets.intersects", "(list<A>, list<A>) -> bool") { (left, right, frame) throws(Failure) in
            let (left, right) = try lists("sets.intersects", left, right)
            var members = try Members(left, &frame)
            for index in 0..<right.count where try members.contains(right[index], &frame) { return .bool(true) }
            return .bool(false)
        },
    ]

    private static func lists(
        _ name: String, _ left: CELValue, _ right: CELValue
    ) throws(Failure) -> (CELList, CELList) {
        guard case .list(let first) = left, case .list(let second) = right else {
            throw Failure.noOverload(name, left, right)
        }
        return (first, second)
    }

    private static func contains(_ outer: CELList, _ inner: CELList, _ frame: inout Frame) throws(Failure) -> Bool {
        var members = try Members(outer, &frame)
        for index in 0..<inner.count {
            guard try members.contains(inner[index], &frame) else { return false }
        }
        return true
    }
}

/// The members of a list for repeated look-ups: keys are hashed, everything else is compared one by one.
struct Members {
    private var keys = Set<CELKey>()
    private var others: [CELValue] = []

    init() {}

    init(_ list: CELList, _ frame: inout Frame) throws(Failure) {
        try frame.require(list.count * Frame.insertionCost)
        keys.reserveCapacity(list.count)
        for index in 0..<list.count {
            let element = list[index]
            try frame.charge(key: element)
            try insert(element, &frame)
        }
    }

    /// Inserts a value; its bytes were charged when it was looked up.
    mutating func insert(_ value: CELValue, _ frame: inout Frame) throws(Failure) {
        try frame.charge(Frame.insertionCost)
        if let key = CELKey(value) { keys.insert(key) } else { others.append(value) }
    }

    mutating func contains(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        try frame.charge(key: value)
        // What has the form of a key equals only what has the same form.
        if let key = CELKey(value) { return keys.contains(key) }
        for other in others {
            try frame.charge(1)
            if try frame.equal(other, value) { return true }
        }
        return false
    }
}
