/// Functions on numbers.
enum MathLibrary {
    static let functions: [Function] = [
        extreme("math.greatest", wanted: .greater),
        extreme("math.least", wanted: .less),
        real("math.ceil") { $0.rounded(.up) },
        real("math.floor") { $0.rounded(.down) },
        real("math.round") { $0.rounded(.toNearestOrAwayFromZero) },
        real("math.trunc") { $0.rounded(.towardZero) },
        test("math.isNaN") { $0.isNaN },
        test("math.isInf") { $0.isInfinite },
        test("math.isFinite") { $0.isFinite },
        .unary("math.abs", "(int) -> int", "(uint) -> uint", "(double) -> double", body: abs),
        .unary("math.sign", "(int) -> int", "(uint) -> uint", "(double) -> double", body: sign),
        .unary("math.sqrt", "(double) -> double", "(int) -> double", "(uint) -> double") { (value, _) throws(Failure) in
            switch value {
            case .double(let number): return .double(number.squareRoot())
            case .int(let number): return .double(Double(number).squareRoot())
            case .uint(let number): return .double(Double(number).squareRoot())
            default: throw Failure.noOverload("math.sqrt", value)
            }
        },
        bits("math.bitAnd", { $0 & $1 }, { $0 & $1 }),
        bits("math.bitOr", { $0 | $1 }, { $0 | $1 }),
        bits("math.bitXor", { $0 ^ $1 }, { $0 ^ $1 }),
        .unary("math.bitNot", "(int) -> int", "(uint) -> uint") { (value, _) throws(Failure) in
            switch value {
            case .int(let number): return .int(~number)
            case .uint(let number): return .uint(~number)
            default: throw Failure.noOverload("math.bitNot", value)
            }
        },
        shift("math.bitShiftLeft") { $0 << $1 },
        // The sign is not kept: an int is shifted as the bits it is made of.
        shift("math.bitShiftRight") { $0 >> $1 },
    ]

    private static func extreme(_ name: String, wanted: Ordering) -> Function {
        // One list, or any number of numbers.
        let signatures = [
            "(list<A>) -> A", "(int...) -> int", "(uint...) -> uint", "(double...) -> double", "(dyn...) -> dyn",
        ]
        let parsed = signatures.compactMap { Signature($0) }.map {
            Signature($0.parameters, isVariadic: true, $0.result)
        }
        return Function(
            name, parsed,
            .variadic { (values, frame) throws(Failure) -> CELValue in
                var numbers = values
                if values.count == 1, case .list(let list) = values[0] { numbers = list.elements }
                try frame.charge(numbers.count)
                guard var best = numbers.first else { throw .invalid("\(name): the list is empty") }
                for number in numbers {
                    let order = CELValue.numericOrder(number, best)
                    if case .incomparable = order { throw Failure.noOverload(name, values) }
                    if order == wanted { best = number }
                }
                return best
            })
    }

    private static func real(_ name: String, _ body: @escaping @Sendable (Double) -> Double) -> Function {
        .unary(name, "(double) -> double") { (value, _) throws(Failure) in
            guard case .double(let number) = value else { throw Failure.noOverload(name, value) }
            return .double(body(number))
        }
    }

    private static func test(_ name: String, _ body: @escaping @Sendable (Double) -> Bool) -> Function {
        .unary(name, "(double) -> bool") { (value, _) throws(Failure) in
            guard case .double(let number) = value else { throw Failure.noOverload(name, value) }
            return .bool(body(number))
        }
    }

    private static func abs(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .int(let number):
            guard number != Int64.min else { throw Arithmetic.overflow("int") }
            return .int(Swift.abs(number))
        case .uint: return value
        case .double(let number): return .double(number.magnitude)
        default: throw Failure.noOverload("math.abs", value)
        }
    }

    private static func sign(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .int(let number): return .int(number.signum())
        case .uint(let number): return .uint(number == 0 ? 0 : 1)
        case .double(let number):
            if number.isNaN { return value }
            return .double(number > 0 ? 1 : (number < 0 ? -1 : 0))
        default: throw Failure.noOverload("math.sign", value)
        }
    }

    private static func bits(
        _ name: String, _ int: @escaping @Sendable (Int64, Int64) -> Int64,
        _ uint: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> Function {
        .binary(name, "(int, int) -> int", "(uint, uint) -> uint") { (left, right, _) throws(Failure) in
            switch (left, right) {
            case (.int(let left), .int(let right)): return .int(int(left, right))
            case (.uint(let left), .uint(let right)): return .uint(uint(left, right))
            default: throw Failure.noOverload(name, left, right)
            }
        }
    }

    private static func shift(
        _ name: String, _ body: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> Function {
        .binary(name, "(int, int) -> int", "(uint, int) -> uint") { (value, count, _) throws(Failure) in
            guard case .int(let count) = count else { throw Failure.noOverload(name, value, count) }
            if count < 0 { throw .invalid("\(name): the shift \(count) is negative") }
            switch value {
            case .int(let number):
                return .int(count > 63 ? 0 : Int64(bitPattern: body(UInt64(bitPattern: number), UInt64(count))))
            case .uint(let number): return .uint(count > 63 ? 0 : body(number, UInt64(count)))
            default: throw Failure.noOverload(name, value)
            }
        }
    }
}
