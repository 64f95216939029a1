import ClusterModel

/// The numbers that a size of a benchmark stands for, by name.
public typealias Parameters = [String: Double]

extension Value {
    /// The value with every string `$name` replaced by the parameter of that name.
    func resolving(_ parameters: Parameters) throws(FieldError) -> Value {
        switch self {
        case .string(let text) where text.hasPrefix("$"):
            guard let number = parameters[String(text.dropFirst())] else {
                let names = parameters.keys.sorted().map { "$\($0)" }.joined(separator: ", ")
                throw FieldError(
                    expected: names.isEmpty ? "a number (the size has no parameters)" : "a number or one of \(names)",
                    found: summary)
            }
            return Value.number(number)
        case .array(let items):
            var result: [Value] = []
            for (index, item) in items.enumerated() {
                do { result.append(try item.resolving(parameters)) } catch { throw error.inside(.index(index)) }
            }
            return .array(result)
        case .object(let fields):
            var result: [Field] = []
            for field in fields {
                do {
                    result.append(Field(field.key, try field.value.resolving(parameters)))
                } catch { throw error.inside(.key(field.key)) }
            }
            return .object(result)
        default: return self
        }
    }

    /// A number, as a whole one where it is.
    static func number(_ number: Double) -> Value {
        Int64(exactly: number).map { .int($0) } ?? .double(number)
    }
}
