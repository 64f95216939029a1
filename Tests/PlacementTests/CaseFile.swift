import ClusterModel
import Foundation
import Testing

@testable import Placement

/// Reads the shared cases of what the stock scheduler does; where the folder is absent there are none.
enum SharedCases {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SWITCHYARD_SHARED"] {
            return URL(fileURLWithPath: path).appendingPathComponent("cases")
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/cases")
    }()

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

    /// The cases of every suite whose kind starts so.
    static func cases(ofKind kind: String) throws -> [SchedulerCase] {
        guard isPresent else {
            print("skipped: no folder \(folder.lastPathComponent) of shared cases; set SWITCHYARD_SHARED")
            return []
        }
        var result: [SchedulerCase] = []
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        for file in files.sorted() {
            let data = try Data(contentsOf: folder.appendingPathComponent(file))
            let root = value(try JSONSerialization.jsonObject(with: data))
            guard try root["kind"]?.decodeString().hasPrefix(kind) ?? false else { continue }
            let suite = try root["suite"]?.decodeString() ?? file
            let plugin = try root["plugin"]?.decodeString() ?? ""
            for item in SchedulerCase.list(root["cases"]) {
                result.append(try SchedulerCase(item, suite: suite, plugin: plugin))
            }
        }
        return result
    }

    /// Foundation's objects as a tree of values.
    static func value(_ object: Any) -> Value {
        switch object {
        case let number as NSNumber where isBoolean(number): .bool(number.boolValue)
        case let number as NSNumber:
            Int64(exactly: number.doubleValue).map { .int($0) } ?? .double(number.doubleValue)
        case let text as String: .string(text)
        case let items as [Any]: .array(items.map(value))
        case let fields as [String: Any]:
            .object(fields.sorted { $0.key < $1.key }.map { .init($0.key, value($0.value)) })
        default: .null
        }
    }

    private static func isBoolean(_ number: NSNumber) -> Bool {
        // Foundation keeps JSON's booleans as numbers of one byte.
        String(cString: number.objCType) == "c"
    }
}

/// One case: a cluster, an incoming pod, and what the stock scheduler does with it.
struct SchedulerCase {
    let name: String
    let plugin: String
    let raw: Value
    var cell = Cell()
    var nodeNames: [String] = []
    var podNames: [String] = []
    let incoming: ClassIndex
    let profile: Profile

    init(_ raw: Value, suite: String, plugin: String) throws {
        self.raw = raw
        self.plugin = plugin
        name = "\(suite): \(try raw["name"]?.decodeString() ?? "")"
        for item in SchedulerCase.list(raw["namespaces"]) {
            let namespace = try Namespace(item)
            cell.setNamespace(namespace.metadata.name, labels: namespace.metadata.labels)
        }
        for (index, item) in SchedulerCase.list(raw["nodes"]).enumerated() {
            var node = try Node(item)
            // Read as Kubernetes does, a node that does not say how many pods it takes takes none.
            let offers = item["status"]?["allocatable"] ?? item["status"]?["capacity"]
            if offers?["pods"] == nil { node.allocatable["pods"] = .zero }
            nodeNames.append(node.name)
            cell.upsertNode(node, at: NodeIndex(index))
        }
        let services = try SchedulerCase.list(raw["objects"]).filter { $0["kind"] == .string("Service") }
            .map { try Service(SchedulerCase.named($0)) }
        for (index, item) in SchedulerCase.list(raw["pods"]).enumerated() {
            let pod = try Pod(SchedulerCase.named(item))
            podNames.append(pod.metadata.name)
            let spec = SchedulingSpec(pod)
            guard let node = nodeNames.firstIndex(of: pod.spec.nodeName ?? "") else { continue }
            var placed = spec
            placed.nodeName = nil
            cell.place(PodID(index), class: cell.register(placed), on: NodeIndex(node))
        }
        let pod = try Pod(SchedulerCase.named(#require(raw["pod"])))
        var selector: LabelSelector?
        for service in services
        where !service.selector.isEmpty && LabelSelector(matchLabels: service.selector).matches(pod.metadata.labels) {
            selector = LabelSelector(
                matchLabels: (selector?.matchLabels ?? [:]).merging(service.selector) { $1 })
        }
        incoming = cell.register(SchedulingSpec(pod, serviceSelector: selector))
        let arguments = raw["args"] ?? .null
        let configuration = Value.object([
            .init("schedulerName", .string("case")),
            .init("pluginConfig", .array([.object([.init("name", .string(plugin)), .init("args", arguments)])])),
        ])
        profile = try Profile(configuration)
    }

    /// The fields of an object by key.
    static func fields(_ value: Value?) -> [(String, Value)] {
        guard case .object(let fields)? = value else { return [] }
        return fields.map { ($0.key, $0.value) }
    }

    /// The manifest with a name, which some cases leave out and the API would demand.
    static func named(_ manifest: Value) -> Value {
        guard case .object(var fields) = manifest, case .object(var metadata)? = manifest["metadata"] else {
            return manifest
        }
        if manifest["metadata"]?["name"] == nil { metadata.append(.init("name", .string("unnamed"))) }
        fields.removeAll { $0.key == "metadata" }
        fields.append(.init("metadata", .object(metadata)))
        return .object(fields)
    }

    static func list(_ value: Value?) -> [Value] {
        guard case .array(let items)? = value else { return [] }
        return items
    }

    static func strings(_ value: Value?) -> [String] {
        list(value).compactMap { item in
            guard case .string(let text) = item else { return nil }
            return text
        }
    }

    func node(_ name: String) throws -> NodeIndex { NodeIndex(try #require(nodeNames.firstIndex(of: name))) }
}
