/// What the pods of a collection have in common: labels, annotations and a spec.
public struct PodTemplate: Hashable, Sendable {
    /// Labels and annotations; the name and the namespace are those of the collection.
    public var metadata: ObjectMeta
    /// What each pod asks for.
    public var spec: PodSpec

    /// A template of the given parts.
    public init(metadata: ObjectMeta, spec: PodSpec) {
        self.metadata = metadata
        self.spec = spec
    }

    /// Reads a pod template of a collection with the given metadata.
    public init(_ object: ObjectReader, of owner: ObjectMeta) throws(FieldError) {
        var metadata = ObjectMeta(name: owner.name, namespace: owner.namespace)
        try object.object("metadata") { meta throws(FieldError) in
            metadata.labels = try meta.strings("labels")
            metadata.annotations = try meta.strings("annotations")
        }
        self.metadata = metadata
        guard let spec = try object.object("spec", PodSpec.init) else {
            throw FieldError(path: FieldPath("spec"), expected: "a pod's spec", found: "nothing")
        }
        self.spec = spec
    }

    /// What controllers tell the versions of a template by: the same for the same template, whatever machine reads it.
    ///
    /// Written as Kubernetes' `rand.SafeEncodeString` writes such hashes; the number itself is another than in Kubernetes,
    /// where it depends on how Go prints the template.
    public var hash: String {
        var hash = StableHash()
        hash.add(.strings(metadata.labels))
        hash.add(.strings(metadata.annotations))
        hash.add(spec.value)
        return StableHash.safeText(UInt32(truncatingIfNeeded: hash.value ^ hash.value >> 32))
    }
}

/// A hash that is the same on every machine and in every release: FNV-1a with 64 bits.
public struct StableHash: Sendable {
    /// The hash of what was added.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of nothing.
    public init() {}

    /// Adds a text, and that it ends.
    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            for byte in bytes { add(byte) }
        }
        add(0xFF)
    }

    /// Adds a tree of values; the order of keys counts.
    public mutating func add(_ item: Value) {
        switch item {
        case .null: add(UInt8(0))
        case .bool(let flag): add(flag ? 1 : 2 as UInt8)
        case .int(let number): add("i\(number)")
        case .double(let number): add("d\(number)")
        case .string(let text): add("s\(text)")
        case .array(let items):
            add(3)
            for item in items { add(item) }
            add(4)
        case .object(let fields):
            add(5)
            for field in fields {
                add(field.key)
                add(field.value)
            }
            add(6)
        }
    }

    private mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

    /// The letters and digits that names made up by Kubernetes consist of, which cannot spell a word.
    public static let safeLetters = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

    /// A number in such letters.
    public static func safeText(_ number: UInt32) -> String {
        String(decoding: String(number).utf8.map { safeLetters[Int($0) % safeLetters.count] }, as: UTF8.self)
    }

    /// An identity in the form of a UUID for an object that has none, always the same.
    public static func uid(kind: String, namespace: String, name: String) -> String {
        var hash = StableHash()
        for text in [kind, namespace, name] { hash.add(text) }
        var generator = SeededGenerator(seed: hash.value)
        let high = generator.next() & ~0xF000 | 0x4000
        let low = generator.next() & ~(0xC0 << 56) | 0x80 << 56
        let digits = hex(high) + hex(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
