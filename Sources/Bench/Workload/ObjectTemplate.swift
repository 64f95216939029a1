import ClusterModel

/// A manifest with places for numbers: `{i}` is the number of the object, from 0, `{i%N}` the rest of dividing it by N,
/// `{i/N}` the whole part; N is a number or the name of a parameter.
struct ObjectTemplate: Hashable, Sendable {
    /// A place for a number.
    struct Place: Hashable, Sendable {
        enum Step: Hashable, Sendable {
            case itself
            case rest(Int)
            case part(Int)
        }

        let step: Step

        func number(for index: Int) -> Int {
            switch step {
            case .itself: index
            case .rest(let divisor): index % divisor
            case .part(let divisor): index / divisor
            }
        }
    }

    /// A piece of a string.
    enum Piece: Hashable, Sendable {
        case text(String)
        case place(Place)
    }

    private indirect enum Tree: Hashable, Sendable {
        case plain(Value)
        case pattern([Piece])
        case array([Tree])
        case object([Entry])
    }

    private struct Entry: Hashable, Sendable {
        var key: String
        var tree: Tree
    }

    private let tree: Tree
    /// The places outside the object's name, each once: objects for which they hold the same numbers differ by name alone.
    let places: [Place]

    /// A template of a manifest.
    init(_ manifest: Value, _ parameters: Parameters) throws(FieldError) {
        var places: [Place] = []
        tree = try ObjectTemplate.compile(manifest, parameters, [], &places)
        self.places = places
    }

    /// The manifest of the object of a number.
    func manifest(for index: Int) -> Value { ObjectTemplate.expand(tree, index) }

    /// A name of the template's pieces, for the object of a number.
    static func text(_ pieces: [Piece], _ index: Int) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .place(let place): text += String(place.number(for: index))
            }
        }
        return text
    }

    private static func compile(
        _ value: Value, _ parameters: Parameters, _ path: [String], _ places: inout [Place]
    ) throws(FieldError) -> Tree {
        switch value {
        case .string(let text):
            let pieces = try self.pieces(of: text, parameters)
            guard pieces.contains(where: { if case .place = $0 { true } else { false } }) else { return .plain(value) }
            if path != ["metadata", "name"] {
                for case .place(let place) in pieces where !places.contains(place) { places.append(place) }
            }
            return .pattern(pieces)
        case .array(let items):
            var trees: [Tree] = []
            for (index, item) in items.enumerated() {
                do {
                    trees.append(try compile(item, parameters, path + ["[]"], &places))
                } catch { throw error.inside(.index(index)) }
            }
            return .array(trees)
        case .object(let fields):
            var entries: [Entry] = []
            for field in fields {
                do {
                    let tree = try compile(field.value, parameters, path + [field.key], &places)
                    entries.append(Entry(key: field.key, tree: tree))
                } catch { throw error.inside(.key(field.key)) }
            }
            return .object(entries)
        default: return .plain(value)
        }
    }

    private static func expand(_ tree: Tree, _ index: Int) -> Value {
        switch tree {
        case .plain(let value): value
        case .pattern(let pieces): .string(text(pieces, index))
        case .array(let trees): .array(trees.map { expand($0, index) })
        case .object(let entries): .object(entries.map { Value.Field($0.key, expand($0.tree, index)) })
        }
    }

    /// The pieces of a string.
    static func pieces(of text: String, _ parameters: Parameters) throws(FieldError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { break }
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            pieces.append(.place(try place(rest[rest.index(after: open)..<close], parameters, in: text)))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return pieces
    }

    private static func place(
        _ text: Substring, _ parameters: Parameters, in whole: String
    ) throws(FieldError) -> Place {
        let wrong = FieldError(
            expected: "{i}, {i%N} or {i/N} with a number or a parameter of at least 1 for N",
            found: "{\(text)} in \"\(whole)\"")
        if text == "i" { return Place(step: .itself) }
        guard text.count > 2, text.first == "i" else { throw wrong }
        let operand = text.dropFirst(2)
        let divisor = Int(operand) ?? parameters[String(operand)].flatMap { Int(exactly: $0) }
        guard let divisor, divisor > 0 else { throw wrong }
        switch text.dropFirst().first {
        case "%": return Place(step: .rest(divisor))
        case "/": return Place(step: .part(divisor))
        default: throw wrong
        }
    }
}
