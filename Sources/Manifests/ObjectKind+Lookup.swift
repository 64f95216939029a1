import ClusterModel

extension ObjectKind {
    /// What becomes of an object with a kind and an API version.
    enum Lookup: Sendable {
        /// It is read.
        case known(ObjectKind)
        /// It is passed over, under this name.
        case passedOver(String, why: String)
        /// It is spelt much like a kind of its group.
        case misspelt(nearest: String)
        /// The kind is known, but not in this API group; `expected` names its own.
        case wrongGroup(expected: String, found: String)
        /// The kind says nothing, and no group is given.
        case noGroup
    }

    private static let table = Dictionary(grouping: all, by: \.name)
    private static let unread = Set(others.values.joined())
    /// The kinds of each group, read or not.
    private static let kindsByGroup: [String: [String]] = {
        var result = others
        for kind in all {
            for group in kind.groups { result[group, default: []].append(kind.name) }
        }
        return result
    }()

    /// Looks a kind up.
    ///
    /// An object without API version is taken to have the right one, as the items of a list have.
    static func lookup(_ kind: String, apiVersion: String?) -> Lookup {
        let entries = table[kind] ?? []
        guard let apiVersion else {
            if let first = entries.first { return .known(first) }
            if unread.contains(kind) { return .passedOver(kind, why: why(kind)) }
            return nearest(to: kind, among: Array(table.keys) + unread).map { .misspelt(nearest: $0) } ?? .noGroup
        }
        let group = group(of: apiVersion)
        if let entry = entries.first(where: { $0.groups.contains(group) }) { return .known(entry) }
        let known = kindsByGroup[group]
        let name = group.isEmpty ? kind : "\(kind).\(group)"
        if others[group]?.contains(kind) == true { return .passedOver(kind, why: why(kind)) }
        // Others may well have kinds of the same name, in groups with a dot; only Kubernetes' own are mistaken for each other.
        let isKubernetes = others[group] != nil || !group.contains(".")
        if let own = entries.first?.groups.first, others[own] != nil, isKubernetes {
            return .wrongGroup(expected: own.isEmpty ? "v1" : "\(own)/v1", found: apiVersion)
        }
        if let nearest = nearest(to: kind, among: known ?? []) { return .misspelt(nearest: nearest) }
        if let pods = missing[name] { return .passedOver(name, why: "; its pods are missing: \(pods)") }
        if unread.contains(kind), known != nil { return .passedOver(kind, why: why(kind)) }
        return .passedOver(name, why: ", which is not known here; if its controller makes pods, they are missing")
    }

    /// Why a kind of Kubernetes itself is passed over.
    private static func why(_ kind: String) -> String {
        notHonoured[kind].map { ", which is not honoured: \($0)" } ?? ", which has no bearing on scheduling"
    }

    private static func group(of apiVersion: String) -> String {
        apiVersion.firstIndex(of: "/").map { String(apiVersion[..<$0]) } ?? ""
    }

    /// The kind that was probably meant: one that differs in a letter, or in two where it is long, or in the case alone.
    private static func nearest(to kind: String, among names: [String]) -> String? {
        let ranked = names.map { (distance: distance(kind.lowercased(), $0.lowercased()), name: $0) }
        guard let best = ranked.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
        return best.distance <= (kind.utf8.count >= 8 ? 2 : 1) ? best.name : nil
    }

    /// How many letters must be put in, taken out or replaced to make one word of the other.
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8.prefix(64)), Array(b.utf8.prefix(64)))
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let replaced = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
