/// A node of the syntax tree. Macros are expanded; names are not yet resolved.
final class Expression: Sendable {
    indirect enum Kind: Sendable {
        case literal(CELValue)
        /// A name; one that starts with `.` is looked up in the root scope only.
        case name(String)
        /// A selection in parentheses, which ends a qualified name: `(a.b).c` is never the variable `a.b.c`.
        case group(Expression)
        /// `operand.field`, or `operand.?field`.
        case select(Expression, String, optional: Bool)
        /// `has(operand.field)`.
        case presence(Expression, String)
        /// `operand[index]`, or `operand[?index]`.
        case index(Expression, Expression, optional: Bool)
        /// `name(arguments)`.
        case call(String, [Expression])
        /// `target.name(arguments)`.
        case member(Expression, String, [Expression])
        case unary(UnaryOperator, Expression)
        case binary(BinaryOperator, Expression, Expression)
        /// `a && b && …`, flattened.
        case and([Expression])
        /// `a || b || …`, flattened.
        case or([Expression])
        case conditional(Expression, Expression, Expression)
        case list([ListItem])
        case map([MapItem])
        /// `Name{field: value}`.
        case message(String, [FieldItem])
        case comprehension(Comprehension)
        /// `cel.bind(name, value, body)`; the value is evaluated when first used.
        case bind(String, Expression, body: Expression)
        /// `target.optMap(name, body)`, or `optFlatMap`.
        case optionalMap(Expression, String, body: Expression, flat: Bool)
    }

    struct ListItem: Sendable {
        let value: Expression
        let optional: Bool
    }

    struct MapItem: Sendable {
        let key: Expression
        let value: Expression
        let optional: Bool
    }

    struct FieldItem: Sendable {
        let name: String
        let value: Expression
        let optional: Bool
        let offset: Int
    }

    let kind: Kind
    /// Byte offset in the source of what names the node: the operator, the function's name, the literal.
    let offset: Int
    /// Height of the tree under the node, itself included.
    let height: Int

    init(_ kind: Kind, offset: Int, height: Int) {
        self.kind = kind
        self.offset = offset
        self.height = height
    }
}

/// A macro that walks over a list or a map.
struct Comprehension: Sendable {
    enum Operation: String, Sendable {
        case all
        case exists
        case existsOne
        case map
        case filter
        case transformList
        case transformMap
        case transformMapEntry
        case sortBy
    }

    let operation: Operation
    let range: Expression
    /// The element, or with `second` the index or key.
    let first: String
    /// The element's value in the two-variable forms.
    let second: String?
    /// Which elements take part; all where nil.
    let filter: Expression?
    let body: Expression
}

enum UnaryOperator: String, Sendable {
    case not = "!_"
    case negate = "-_"
}

enum BinaryOperator: String, Sendable {
    case add = "_+_"
    case subtract = "_-_"
    case multiply = "_*_"
    case divide = "_/_"
    case modulo = "_%_"
    case equal = "_==_"
    case notEqual = "_!=_"
    case less = "_<_"
    case lessOrEqual = "_<=_"
    case greater = "_>_"
    case greaterOrEqual = "_>=_"
    case inside = "@in"
}
