import ClusterModel

/// A type of the Kubernetes API: its fields, and how the API server writes them.
struct KubernetesType: Sendable {
    /// The name, such as `PodSpec`.
    let name: String
    /// The fields in the order of their names.
    let fields: [Field]
    private let places: [String: Int]

    /// A field of a type.
    struct Field: Sendable {
        let name: String
        let form: Form
        let presence: Presence
    }

    /// What a field holds.
    indirect enum Form: Sendable {
        case string, int, bool, time, quantity, intOrString, any
        case object(String)
        case list(Form)
        case map(Form)
    }

    /// When the API server writes a field.
    enum Presence: Sendable {
        /// Where it is neither empty nor false nor 0.
        case filled
        /// Wherever it is stated.
        case stated
        /// Always.
        case always
    }

    private init(name: String, fields: [Field]) {
        self.name = name
        self.fields = fields
        places = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    }

    /// The field of a name, or nil.
    func field(_ name: String) -> Field? { places[name].map { fields[$0] } }

    /// All types by name.
    static let all: [String: KubernetesType] = read(table)

    /// The type of a name, which stands in the table.
    static func named(_ name: String) -> KubernetesType { all[name] ?? KubernetesType(name: name, fields: []) }

    static let pod = named("Pod")
    static let podSpec = named("PodSpec")
    static let metadata = named("ObjectMeta")
    static let ownerReference = named("OwnerReference")
    static let container = named("Container")
}

extension KubernetesType {
    /// Reads lines such as `ContainerPort: containerPort int!, hostIP string`; one that begins with a space goes on with
    /// the type before.
    private static func read(_ table: String) -> [String: KubernetesType] {
        var types: [String: KubernetesType] = [:]
        var name = ""
        var fields: [Field] = []
        func finish() { if !name.isEmpty { types[name] = KubernetesType(name: name, fields: fields) } }
        for line in table.split(separator: "\n") {
            var rest = line
            if line.first != " ", let colon = line.firstIndex(of: ":") {
                finish()
                (name, fields) = (String(line[..<colon]), [])
                rest = line[line.index(after: colon)...]
            }
            for item in rest.split(separator: ",") {
                let words = item.split(separator: " ")
                if words.count == 2 { fields.append(field(String(words[0]), words[1])) }
            }
        }
        finish()
        return types
    }

    private static func field(_ name: String, _ text: Substring) -> Field {
        switch text.last {
        case "!": Field(name: name, form: form(text.dropLast()), presence: .always)
        case "?": Field(name: name, form: form(text.dropLast()), presence: .stated)
        default: Field(name: name, form: form(text), presence: .filled)
        }
    }

    private static func form(_ text: Substring) -> Form {
        switch text.first {
        case "[": return .list(form(text.dropFirst().dropLast()))
        case "{": return .map(form(text.dropFirst().dropLast()))
        default: break
        }
        return switch text {
        case "string": .string
        case "int": .int
        case "bool": .bool
        case "time": .time
        case "quantity": .quantity
        case "intstr": .intOrString
        case "any": .any
        default: .object(String(text))
        }
    }
}

extension KubernetesType {
    /// An object of this type as the API server has it once it has read it: with the fields that it knows, without those
    /// that say nothing, with those that are always there, and with its defaults.
    func completed(_ value: Value) -> Value {
        guard case .object = value else { return value }
        return .object(
            fields.compactMap { field in
                self.value(of: field, in: value).map { Value.Field(field.name, $0) }
            })
    }

    /// A field of an object of this type as the API server has it; nil where it has none.
    func value(of field: Field, in object: Value) -> Value? {
        if let stated = object[field.name], stated != .null {
            let value = field.form.completed(stated)
            if field.presence != .filled || !value.isBlank { return value }
        }
        if let value = KubernetesDefaults.value(of: field.name, in: object, of: name) { return value }
        return field.presence == .always ? field.form.zero : nil
    }
}

extension KubernetesType.Form {
    fileprivate func completed(_ value: Value) -> Value {
        switch (self, value) {
        case (.object(let name), _): return KubernetesType.named(name).completed(value)
        case (.list(let form), .array(let items)): return .array(items.map(form.completed))
        case (.map(let form), .object(let fields)):
            return .object(fields.map { Value.Field($0.key, form.completed($0.value)) })
        // Quantities are written in one way, whatever way they were stated in.
        case (.quantity, _): return (try? value.decodeQuantity()).map { .string($0.description) } ?? value
        case (.int, .double): return (try? value.decodeInt()).map { .int($0) } ?? value
        default: return value
        }
    }

    /// What stands where nothing is stated; nil for what is then left out.
    fileprivate var zero: Value? {
        switch self {
        case .string: .string("")
        case .int, .intOrString: .int(0)
        case .bool: .bool(false)
        case .quantity: .string("0")
        case .object(let name): KubernetesType.named(name).completed(.object([]))
        case .time, .any, .list, .map: nil
        }
    }
}

extension Value {
    /// Whether the value is empty, false or 0.
    fileprivate var isBlank: Bool {
        switch self {
        case .null: true
        case .bool(let flag): !flag
        case .int(let number): number == 0
        case .double(let number): number == 0
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        case .object(let fields): fields.isEmpty
        }
    }
}
