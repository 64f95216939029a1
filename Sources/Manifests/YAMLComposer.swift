import ClusterModel
import Foundation

/// Makes a value of libyaml's events, within limits.
///
/// An alias shares what its anchor holds. What counts is the size that the document would have if all were written out, since
/// whoever walks through the value walks through all of that.
struct YAMLComposer: ~Copyable {
    /// A value with its measures.
    struct Node {
        var value: Value
        /// How many values it stands for.
        var size: Int
        /// How deep it is nested: 0 for a scalar.
        var height: Int
        /// Where its parts stand, if that was asked for.
        var places: YAMLPlaces?
        /// Whether it may stand for `<<`: only unquoted does that merge.
        var isPlain = false
    }

    private var events: YAMLEvents
    /// How many more values may come.
    private var budget: Int
    private let skipped: Set<String>
    private let recordsPlaces: Bool
    private var anchors: [String: Node] = [:]
    /// The anchors whose values have not ended yet, which therefore cannot be aliased.
    private var open: Set<String> = []

    /// A composer of events.
    init(_ events: consuming YAMLEvents, budget: Int, skipped: Set<String> = [], recordsPlaces: Bool = false) {
        self.events = events
        self.budget = budget
        self.skipped = skipped
        self.recordsPlaces = recordsPlaces
    }

    /// The only document of the text; nil where there is none.
    mutating func document() throws(GeneralYAML.Fault) -> Node? {
        guard case .documentStart = try events.next().event else { return nil }
        let root = try events.next()
        let node = try node(root.event, root.at, depth: 0)
        _ = try events.next()
        let end = try events.next()
        guard case .streamEnd = end.event else {
            throw fault(.syntax, end.at, "a second document where one was expected")
        }
        return node
    }

    private mutating func node(_ event: YAMLEvents.Event, _ at: Int, depth: Int) throws(GeneralYAML.Fault) -> Node {
        switch event {
        case .alias(let name): return try aliased(name, at, depth: depth)
        case .scalar(let scalar, let anchor):
            let value = try value(scalar, at)
            // A long text that many aliases stand for is long many times.
            let size = 1 + scalar.text.utf8.count / 64
            try spend(1, at)
            let places = recordsPlaces ? YAMLPlaces.scalar(at: at) : nil
            let node = Node(value: value, size: size, height: 0, places: places, isPlain: scalar.isPlain)
            if let anchor { anchors[anchor] = node }
            return node
        case .listStart(let anchor):
            try enter(anchor, at, depth)
            return leave(anchor, try list(at, depth: depth))
        case .mappingStart(let anchor):
            try enter(anchor, at, depth)
            return leave(anchor, try mapping(at, depth: depth))
        case .listEnd, .mappingEnd, .documentStart, .documentEnd, .streamEnd:
            throw fault(.syntax, at, "the end of something where a value was expected")
        }
    }

    private mutating func aliased(_ name: String, _ at: Int, depth: Int) throws(GeneralYAML.Fault) -> Node {
        guard !open.contains(name) else {
            throw fault(.syntax, at, "the alias *\(name) inside of what it stands for")
        }
        guard let node = anchors[name] else {
            throw fault(.syntax, at, "a syntax error (found undefined alias *\(name))")
        }
        try spend(node.size, at)
        guard depth + node.height <= InputLimits.depth else { throw tooDeep(at) }
        return node
    }

    private mutating func enter(_ anchor: String?, _ at: Int, _ depth: Int) throws(GeneralYAML.Fault) {
        try spend(1, at)
        guard depth < InputLimits.depth else { throw tooDeep(at) }
        if let anchor { open.insert(anchor) }
    }

    private mutating func leave(_ anchor: String?, _ node: Node) -> Node {
        if let anchor {
            open.remove(anchor)
            anchors[anchor] = node
        }
        return node
    }

    private mutating func list(_ at: Int, depth: Int) throws(GeneralYAML.Fault) -> Node {
        var items: [Value] = []
        var places: [YAMLPlaces] = []
        var (size, height) = (1, 0)
        while true {
            let next = try events.next()
            if case .listEnd = next.event { break }
            let item = try node(next.event, next.at, depth: depth + 1)
            size += item.size
            height = max(height, item.height)
            items.append(item.value)
            if let place = item.places { places.append(place) }
        }
        return Node(
            value: .array(items), size: size, height: height + 1,
            places: recordsPlaces ? .list(at: at, places) : nil)
    }

    private mutating func mapping(_ at: Int, depth: Int) throws(GeneralYAML.Fault) -> Node {
        var content = MappingContent()
        var (size, height) = (1, 0)
        while true {
            let next = try events.next()
            if case .mappingEnd = next.event { break }
            let key = try node(next.event, next.at, depth: depth + 1)
            let following = try events.next()
            let item = try node(following.event, following.at, depth: depth + 1)
            size += item.size + 1
            height = max(height, item.height)
            if key.isPlain, key.value == .string("<<") {
                try merge(item, following.at, into: &content)
                continue
            }
            guard let name = PlainScalar.key(key.value) else {
                throw fault(.syntax, next.at, "a key that is not a plain string but \(key.value.summary)")
            }
            guard content.list.isNew(name) else {
                throw fault(.duplicateKey, next.at, "the key \"\(name)\" more than once")
            }
            if isSkipped(name, item.value) {
                content.list.drop(name)
                continue
            }
            content.list.add(name, item.value)
            if let place = item.places { content.places.append(.init(key: name, at: next.at, value: place)) }
        }
        content.addMerged()
        return Node(
            value: .object(content.list.fields), size: size, height: height + 1,
            places: recordsPlaces ? .mapping(at: at, content.places) : nil)
    }

    private func isSkipped(_ key: String, _ value: Value) -> Bool {
        guard !skipped.isEmpty else { return false }
        switch value {
        case .array, .object: return skipped.contains(key)
        default: return false
        }
    }

    /// Takes the fields of a mapping, or of a list of mappings, under `<<`.
    private func merge(_ node: Node, _ at: Int, into content: inout MappingContent) throws(GeneralYAML.Fault) {
        var sources: [(value: Value, places: YAMLPlaces?)] = [(node.value, node.places)]
        if case .array(let items) = node.value {
            var places: [YAMLPlaces?] = Array(repeating: nil, count: items.count)
            if case .list(_, let known)? = node.places { places = known }
            sources = Array(zip(items, places))
        }
        for source in sources {
            guard case .object(let fields) = source.value else {
                throw fault(.syntax, at, "a merge (<<) of \(source.value.summary)")
            }
            content.merged += fields
            if case .mapping(_, let places)? = source.places { content.mergedPlaces += places }
        }
    }

    private mutating func spend(_ size: Int, _ at: Int) throws(GeneralYAML.Fault) {
        budget -= size
        guard budget >= 0 else { throw fault(.tooLarge, at, "aliases that stand for too many values") }
    }

    private func tooDeep(_ at: Int) -> GeneralYAML.Fault {
        fault(.tooLarge, at, "nesting deeper than \(InputLimits.depth)")
    }

    private func fault(_ code: InputError.Code, _ at: Int, _ found: String) -> GeneralYAML.Fault {
        GeneralYAML.Fault(code: code, place: .character(at), found: found)
    }
}

/// The fields of a mapping while they are read.
private struct MappingContent {
    var list = FieldList()
    var places: [YAMLPlaces.Field] = []
    var merged: [Value.Field] = []
    var mergedPlaces: [YAMLPlaces.Field] = []

    /// Adds what was merged: a key of the mapping itself wins, and of several merged ones the first.
    mutating func addMerged() {
        guard !merged.isEmpty else { return }
        list.addMissing(merged)
        // Whoever looks for a place takes the first of a key.
        places += mergedPlaces
    }
}

// Scalars
extension YAMLComposer {
    private static let prefix = "tag:yaml.org,2002:"

    /// The value of a scalar, as go-yaml 2 resolves it.
    private func value(_ scalar: YAMLEvents.Scalar, _ at: Int) throws(GeneralYAML.Fault) -> Value {
        guard let tag = scalar.tag else {
            return scalar.isPlain ? PlainScalar.value(scalar.text) : .string(scalar.text)
        }
        guard tag.hasPrefix(YAMLComposer.prefix) else { return .string(scalar.text) }
        let type = tag.dropFirst(YAMLComposer.prefix.count)
        let value = PlainScalar.value(scalar.text)
        switch (type, value) {
        case ("int", .int), ("bool", .bool), ("null", .null), ("float", .double): return value
        case ("float", .int(let number)): return .double(Double(number))
        case ("int", _), ("bool", _), ("null", _), ("float", _):
            throw fault(.syntax, at, "\(value.summary) with the tag !!\(type)")
        case ("binary", _):
            guard let data = Data(base64Encoded: scalar.text.filter { !$0.isWhitespace }) else {
                throw fault(.syntax, at, "a text that is not in base 64 with the tag !!binary")
            }
            return .string(String(decoding: data, as: UTF8.self))
        default: return .string(scalar.text)
        }
    }
}
