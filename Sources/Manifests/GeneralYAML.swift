import ClusterModel
import Yams

/// A node of Yams; the cluster model has nodes of another sort.
typealias YAMLNode = Yams.Node

/// Reads any YAML through Yams: whatever `BlockYAML` leaves, and the places of errors.
enum GeneralYAML {
    /// Why a text could not be read: where (from 1, in the text given) and what is wrong.
    struct Fault: Error {
        var code: InputError.Code
        var line: Int
        var column: Int
        var found: String
    }

    /// The first document of a text as nodes with marks; nil where the text holds nothing but comments.
    static func compose(_ text: String) throws(Fault) -> YAMLNode? {
        try refuseCostlyKeys(text)
        do {
            // Types of scalars are found by `PlainScalar`; the resolver without rules spares Yams its regular expressions.
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw fault(error, in: text)
        } catch {
            throw Fault(code: .syntax, line: 1, column: 1, found: "\(error)")
        }
    }

    /// A document as a value; nil where the text holds nothing but comments.
    static func parse(_ text: String) throws(Fault) -> Value? {
        guard let node = try compose(text) else { return nil }
        var converter = Converter(budget: text.utf8.count + InputLimits.aliasedValues)
        return try converter.value(node, depth: 0)
    }

    /// The line and column of the value at a path, or of its nearest ancestor that exists; of a mapping or a list under a
    /// key, those of the key, since what begins on the next line is not what one looks for.
    static func location(of path: FieldPath, from root: YAMLNode) -> (line: Int, column: Int)? {
        var node = root
        var mark = root.mark
        for element in path.elements {
            guard let (key, next) = child(of: node, element) else { break }
            node = next
            mark = (next.scalar == nil ? key?.mark : nil) ?? next.mark ?? mark
        }
        return mark.map { ($0.line, $0.column) }
    }

    private static func child(
        of node: YAMLNode, _ element: FieldPath.Element
    ) -> (key: YAMLNode?, value: YAMLNode)? {
        switch (element, node) {
        case (.key(let key), .mapping(let mapping)):
            mapping.first { $0.key.scalar?.string == key }.map { ($0.key, $0.value) }
        case (.index(let index), .sequence(let items)) where items.indices.contains(index): (nil, items[index])
        default: nil
        }
    }

    /// Yams compares the keys of a mapping with one another, whole trees if they are aliases of trees.
    ///
    /// With fewer than twenty aliases that stays small, and no manifest has keys that are not plain strings.
    private static func refuseCostlyKeys(_ text: String) throws(Fault) {
        guard text.utf8.lazy.filter({ $0 == UInt8(ascii: "*") }).count >= 20, text.utf8.contains(UInt8(ascii: "&"))
        else {
            return
        }
        let bytes = Array(text.utf8)
        for index in bytes.indices where opensOrEndsComplexKey(bytes, index) {
            let line = bytes[..<index].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
            throw Fault(
                code: .syntax, line: line, column: 1, found: "a key that is not a plain string, among many aliases")
        }
    }

    /// Whether a key that is an alias, a list or a mapping (or what looks like one, inside of a string) stands here.
    private static func opensOrEndsComplexKey(_ bytes: [UInt8], _ index: Int) -> Bool {
        var end = index + 1
        switch bytes[index] {
        case UInt8(ascii: "?"): return end < bytes.count && bytes[end] <= 0x20
        case UInt8(ascii: "*"):
            while end < bytes.count, bytes[end] > 0x20, bytes[end] != UInt8(ascii: ":") { end += 1 }
        case UInt8(ascii: "]"), UInt8(ascii: "}"): break
        default: return false
        }
        while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
        return end < bytes.count && bytes[end] == UInt8(ascii: ":")
    }

    /// The line on which a key stands for the second time in the mapping that begins at a place, where each key begins a
    /// line; else nil.
    private static func secondLine(of key: String, _ text: String, line: Int, column: Int) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var isSecond = false
        for number in line...max(line, lines.count) where number <= lines.count {
            let rest = lines[number - 1].dropFirst(column - 1)
            let starts = [key, "\"\(key)\"", "'\(key)'"].contains { rest.hasPrefix("\($0):") }
            // The first key may stand behind the dash of a list's item.
            guard starts, number == line || lines[number - 1].prefix(column - 1).allSatisfy({ $0 == " " }) else {
                continue
            }
            if isSecond { return number }
            isSecond = true
        }
        return nil
    }

    private static func fault(_ error: YamlError, in text: String) -> Fault {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let around = context.map { " \($0.text) that begins on line \($0.mark.line)" } ?? ""
            // Yams names its own setting; the limit is its, and far beyond ours.
            if problem.contains("nesting level") {
                return Fault(code: .tooLarge, line: mark.line, column: mark.column, found: "nesting that is too deep")
            }
            return Fault(
                code: .syntax, line: mark.line, column: mark.column, found: "a syntax error (\(problem)\(around))")
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.utf8.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
            return Fault(code: .syntax, line: line, column: 1, found: "a syntax error (\(problem))")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first.map { "\($0)" } ?? ""
            let line = secondLine(of: key, text, line: context.mark.line, column: context.mark.column)
            return Fault(
                code: .duplicateKey, line: line ?? context.mark.line, column: context.mark.column,
                found: "the key \"\(key)\" more than once")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return Fault(code: .syntax, line: 1, column: 1, found: "\(error)")
        }
    }
}

/// Turns nodes into values, within a budget that aliases of aliases soon use up.
private struct Converter {
    var budget: Int

    mutating func value(_ node: YAMLNode, depth: Int) throws(GeneralYAML.Fault) -> Value {
        budget -= 1
        guard budget >= 0 else { throw fault(node, .tooLarge, "aliases that stand for too many values") }
        guard depth <= InputLimits.depth else {
            throw fault(node, .tooLarge, "nesting deeper than \(InputLimits.depth)")
        }
        switch node {
        case .scalar(let scalar): return Converter.value(scalar)
        case .sequence(let items):
            var result: [Value] = []
            result.reserveCapacity(items.count)
            for item in items { result.append(try value(item, depth: depth + 1)) }
            return .array(result)
        case .mapping(let mapping): return try object(mapping, depth: depth)
        case .alias: throw fault(node, .syntax, "an alias that stands for nothing")
        }
    }

    private static func value(_ scalar: YAMLNode.Scalar) -> Value {
        switch scalar.tag.description {
        case "": scalar.style == .plain ? PlainScalar.value(scalar.string) : .string(scalar.string)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null":
            PlainScalar.value(scalar.string)
        default: .string(scalar.string)
        }
    }

    private mutating func object(_ mapping: YAMLNode.Mapping, depth: Int) throws(GeneralYAML.Fault) -> Value {
        var fields: [Value.Field] = []
        var merged: [Value.Field] = []
        fields.reserveCapacity(mapping.count)
        for (key, item) in mapping {
            guard let scalar = key.scalar else { throw fault(key, .syntax, "a key that is not a plain string") }
            let content = try value(item, depth: depth + 1)
            if scalar.string == "<<", scalar.style == .plain {
                merged += try fieldsToMerge(content, item)
            } else {
                fields.append(Value.Field(scalar.string, content))
            }
        }
        // A key of the mapping itself wins over a merged one, and an earlier merged one over a later one.
        for field in merged where !fields.contains(where: { $0.key == field.key }) { fields.append(field) }
        return .object(fields)
    }

    private func fieldsToMerge(_ content: Value, _ node: YAMLNode) throws(GeneralYAML.Fault) -> [Value.Field] {
        switch content {
        case .object(let fields): return fields
        case .array(let items):
            var fields: [Value.Field] = []
            for item in items { fields += try fieldsToMerge(item, node) }
            return fields
        default: throw fault(node, .syntax, "a merge (<<) of \(content.summary)")
        }
    }

    private func fault(_ node: YAMLNode, _ code: InputError.Code, _ found: String) -> GeneralYAML.Fault {
        GeneralYAML.Fault(code: code, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, found: found)
    }
}
