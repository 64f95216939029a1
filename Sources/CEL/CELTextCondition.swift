/// How a text is compared with a constant one.
public enum CELTextComparison: Hashable, Sendable {
    case equals, startsWith, endsWith

    /// Whether the comparison holds, byte by byte.
    @inlinable
    public func holds(_ text: String, _ constant: String) -> Bool {
        // To see it there costs no counting of references, and no copy: texts of Swift are nearly always contiguous.
        let answer: Bool?? = text.utf8.withContiguousStorageIfAvailable { text in
            constant.utf8.withContiguousStorageIfAvailable { constant in holds(text, constant) }
        }
        if case .some(.some(let answer)) = answer { return answer }
        return Array(text.utf8).withUnsafeBufferPointer { text in
            Array(constant.utf8).withUnsafeBufferPointer { holds(text, $0) }
        }
    }

    @inlinable
    func holds(_ text: UnsafeBufferPointer<UInt8>, _ constant: UnsafeBufferPointer<UInt8>) -> Bool {
        let spare = text.count - constant.count
        if spare < 0 { return false }
        switch self {
        case .equals: return spare == 0 && CELTextComparison.stands(constant, in: text, at: 0)
        case .startsWith: return CELTextComparison.stands(constant, in: text, at: 0)
        case .endsWith: return CELTextComparison.stands(constant, in: text, at: spare)
        }
    }

    @inlinable
    static func stands(
        _ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> Bool {
        for index in 0..<part.count where text[start + index] != part[index] { return false }
        return true
    }
}

/// What an expression comes to that only compares texts at the ends of paths with constants, such as
/// `object.metadata.labels['app'] == 'web' && !object.metadata.name.startsWith('tmp-')`.
///
/// A host that has the texts at hand answers it without making a value. A text that is not there has no answer here: what
/// it means, and what a message says of it, is left to evaluating the expression.
public enum CELTextCondition<Place: Sendable>: Sendable {
    /// Whether the comparison of the text at a place with a constant comes to `isHeld`.
    case comparison(Place, CELTextComparison, String, isHeld: Bool)
    /// Whether all hold.
    case all([CELTextCondition])
    /// Whether any holds.
    case any([CELTextCondition])

    /// The condition by other places; nil where one of them has no counterpart.
    public func map<Other: Sendable>(_ transform: (Place) -> Other?) -> CELTextCondition<Other>? {
        func parts(_ parts: [CELTextCondition]) -> [CELTextCondition<Other>]? {
            let mapped = parts.compactMap { $0.map(transform) }
            return mapped.count == parts.count ? mapped : nil
        }
        switch self {
        case .comparison(let place, let comparison, let constant, let isHeld):
            return transform(place).map { .comparison($0, comparison, constant, isHeld: isHeld) }
        case .all(let all): return parts(all).map { .all($0) }
        case .any(let any): return parts(any).map { .any($0) }
        }
    }
}

/// The end of a path of plain fields from a variable: `object.metadata.labels['app']`.
public struct CELPath: Sendable {
    /// The variable's slot.
    public let slot: Int
    /// The fields on the way.
    public let fields: [CELFieldKey]
}

extension Node {
    /// The path that the node follows, where it is one.
    fileprivate var followedPath: CELPath? { (self as? PathNode)?.path }

    fileprivate var constantText: String? {
        if case .string(let text)? = constant { text } else { nil }
    }

    /// The text condition that the node's being `isHeld` comes to, or nil.
    func textCondition(isHeld: Bool) -> CELTextCondition<CELPath>? {
        func parts(_ nodes: [Node]) -> [CELTextCondition<CELPath>]? {
            let parts = nodes.compactMap { $0.textCondition(isHeld: isHeld) }
            return parts.count == nodes.count ? parts : nil
        }
        switch self {
        case let node as EqualTextNode:
            return node.operand.followedPath.map { .comparison($0, .equals, node.text, isHeld: node.wanted == isHeld) }
        case let node as CallNode:
            guard let comparison = node.function.comparison, node.arguments.count == 2,
                let path = node.arguments[0].followedPath, let text = node.arguments[1].constantText
            else { return nil }
            return .comparison(path, comparison, text, isHeld: isHeld)
        case let node as NotNode: return node.operand.textCondition(isHeld: !isHeld)
        // Not all of some is any of their contraries.
        case let node as LogicNode: return parts(node.operands).map { node.deciding == isHeld ? .any($0) : .all($0) }
        case let node as InsideNode:
            guard let path = node.element.followedPath, case .list(let list)? = node.container.constant else {
                return nil
            }
            let texts = list.elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
            guard !texts.isEmpty, texts.count == list.count else { return nil }
            let parts = texts.map { CELTextCondition.comparison(path, .equals, $0, isHeld: isHeld) }
            return isHeld ? .any(parts) : .all(parts)
        default: return nil
        }
    }
}
