/// One overload of a function: `string.(int) -> string` for a member, `(list<A>) -> A` for a global function.
struct Signature: Sendable {
    let isMember: Bool
    /// The target first, for a member.
    let parameters: [CELType]
    /// The last parameter may stand any number of times.
    let isVariadic: Bool
    let result: CELType

    init(isMember: Bool = false, _ parameters: [CELType], isVariadic: Bool = false, _ result: CELType) {
        self.isMember = isMember
        self.parameters = parameters
        self.isVariadic = isVariadic
        self.result = result
    }

    /// Reads the textual form; nil where it is malformed.
    init?(_ text: String) {
        var reader = SignatureReader(Array(text.utf8))
        guard let signature = reader.signature() else { return nil }
        self = signature
    }

    /// The result for the given arguments; nil where they do not fit.
    func result(for arguments: [CELType]) -> CELType? {
        guard isVariadic ? arguments.count >= parameters.count : arguments.count == parameters.count else { return nil }
        var bindings = TypeBindings()
        for (index, argument) in arguments.enumerated()
        where !bindings.accept(argument, as: parameters[min(index, parameters.count - 1)]) {
            return nil
        }
        return bindings.substitute(result)
    }
}

/// Reads signatures.
private struct SignatureReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes.filter { $0 != UInt8(ascii: " ") }
    }

    mutating func signature() -> Signature? {
        var parameters = [CELType]()
        var isMember = false
        if !at("(") {
            guard let target = type(), take(".") else { return nil }
            parameters.append(target)
            isMember = true
        }
        guard take("(") else { return nil }
        var isVariadic = false
        while !at(")") {
            guard let parameter = type() else { return nil }
            parameters.append(parameter)
            if take("...") { isVariadic = true }
            if !take(",") { break }
        }
        guard take(")"), take("->"), let result = type(), position == bytes.count else { return nil }
        return Signature(isMember: isMember, parameters, isVariadic: isVariadic, result)
    }

    private func at(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func take(_ text: String) -> Bool {
        guard at(text) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func type() -> CELType? {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            // A dot belongs to the name unless a parenthesis or another dot follows it.
            let isInnerDot =
                byte == UInt8(ascii: ".") && position + 1 < bytes.count
                && Lexer.startsName(bytes[position + 1])
            guard Lexer.startsName(byte) || Lexer.isDigit(byte) || isInnerDot else { break }
            position += 1
        }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        switch name {
        case "": return nil
        case "dyn": return .dyn
        case "null": return .null
        case "bool": return .bool
        case "int": return .int
        case "uint": return .uint
        case "double": return .double
        case "string": return .string
        case "bytes": return .bytes
        case "timestamp": return .timestamp
        case "duration": return .duration
        case "type": return .type
        case "list":
            guard take("<"), let element = type(), take(">") else { return nil }
            return .list(element)
        case "optional":
            guard take("<"), let value = type(), take(">") else { return nil }
            return .optional(value)
        case "map":
            guard take("<"), let key = type(), take(","), let value = type(), take(">") else { return nil }
            return .map(key, value)
        default:
            return name.utf8.count == 1 ? .parameter(name) : .opaque(name)
        }
    }
}
