import ClusterModel

extension Profile {
    /// Reads a profile as a KubeSchedulerConfiguration holds it.
    ///
    /// The plug-ins start as Kubernetes' defaults; `plugins.multiPoint`, `plugins.filter` and `plugins.score` take some
    /// away (`disabled`, `*` for all) and add others (`enabled`, with a weight). Plug-ins of other extension points, and
    /// plug-ins that are not about placing, are passed over. Of this project are `tieBreaking` and the `pluginConfig` of
    /// `Gang` and `LearnedPrices`. Of a whole KubeSchedulerConfiguration the first profile is read, or that of the scheduler
    /// named.
    public init(_ value: Value, scheduler: String? = nil) throws(FieldError) {
        guard case .array(let profiles)? = value["profiles"] else {
            try self.init(one: value)
            return
        }
        let wanted = scheduler.map { Value.string($0) }
        let named = profiles.firstIndex { wanted != nil && $0["schedulerName"] == wanted }
        guard let position = named ?? profiles.indices.first else {
            throw FieldError(path: FieldPath("profiles"), expected: "at least one profile", found: "none")
        }
        do throws(FieldError) {
            try self.init(one: profiles[position])
        } catch {
            throw error.inside(.index(position)).inside(.key("profiles"))
        }
    }

    private init(one value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        self = Profile.kubeDefault
        self.name = try object.string("schedulerName") ?? name
        self.tieBreaking = try object.choice("tieBreaking") ?? .random
        try object.object("plugins") { plugins throws(FieldError) in
            for point in ["multiPoint", "filter", "score"] {
                try plugins.object(point) { set throws(FieldError) in try apply(set, point) }
            }
        }
        _ = try object.objects("pluginConfig") { item throws(FieldError) in
            let plugin = try item.required("name", "a plug-in's name") { v throws(FieldError) in try v.decodeString() }
            try item.object("args") { arguments throws(FieldError) in try configure(plugin, arguments) }
        }
    }

    private mutating func apply(_ set: ObjectReader, _ point: String) throws(FieldError) {
        let named = { (item: ObjectReader) throws(FieldError) -> (String, Int64?) in
            let name = try item.required("name", "a plug-in's name") { v throws(FieldError) in try v.decodeString() }
            return (name, try item.int("weight", in: 0...Int64(Int32.max)))
        }
        for (name, _) in try set.objects("disabled", named) {
            if point != "filter" { scores.removeAll { name == "*" || $0.plugin.rawValue == name } }
            if point != "score" {
                for filter in FilterPlugin.allCases where name == "*" || filter.rawValue == name {
                    disabledFilters.insert(filter)
                }
            }
        }
        for (name, weight) in try set.objects("enabled", named) {
            if point != "score", let filter = FilterPlugin(rawValue: name) { disabledFilters.remove(filter) }
            guard point != "filter", let plugin = ScorePlugin(rawValue: name) else { continue }
            // As in Kubernetes, a plug-in that is named without a weight has weight 1, whatever it has by default.
            let score = Score(plugin, weight: max(1, weight ?? 1))
            if let position = scores.firstIndex(where: { $0.plugin == plugin }) {
                scores[position] = score
            } else {
                scores.append(score)
            }
        }
    }

    private mutating func configure(_ plugin: String, _ arguments: ObjectReader) throws(FieldError) {
        switch plugin {
        case "NodeResourcesFit": try configureFit(arguments)
        case "NodeResourcesBalancedAllocation":
            balancedResources = try Profile.resources(arguments) ?? balancedResources
        case "NodeAffinity":
            let added = arguments.value("addedAffinity").map { Value.object([.init("nodeAffinity", $0)]) }
            guard let added else { break }
            do { addedAffinity = try Affinity(ObjectReader(added)) } catch { throw error.inside(.key("addedAffinity")) }
        case "PodTopologySpread":
            let type = try arguments.string("defaultingType") ?? "System"
            usesSystemConstraints = type != "List"
            let constraints = try arguments.objects("defaultConstraints", TopologySpreadConstraint.init)
            defaultConstraints = usesSystemConstraints ? Profile.systemConstraints : constraints
        case "InterPodAffinity":
            hardPodAffinityWeight = try arguments.int("hardPodAffinityWeight", in: 0...100) ?? 1
            ignoresPreferredTermsOfExistingPods = try arguments.bool("ignorePreferredTermsOfExistingPods") ?? false
        case "Gang":
            requiredTopologyKeys = try arguments.stringList("requiredTopologyKeys")
            preferredTopologyKeys = try arguments.stringList("preferredTopologyKeys")
        case "LearnedPrices":
            if let percent = try arguments.int("quantumPercent", in: 1...100) { priceQuantum = Double(percent) / 100 }
            if let pods = try arguments.int("renewalPods", in: 1...1_000_000) { priceRenewalPods = Int(pods) }
        default: break  // Plug-ins that are not about placing, or that this project does not have.
        }
    }

    private mutating func configureFit(_ arguments: ObjectReader) throws(FieldError) {
        fit.ignoredResources = try arguments.stringList("ignoredResources")
        fit.ignoredResourceGroups = try arguments.stringList("ignoredResourceGroups")
        try arguments.object("scoringStrategy") { scoring throws(FieldError) in
            fit.strategy = try scoring.choice("type") ?? .leastAllocated
            fit.resources = try Profile.resources(scoring) ?? fit.resources
            try scoring.object("requestedToCapacityRatio") { ratio throws(FieldError) in
                fit.shape = try ratio.objects("shape") { point throws(FieldError) in
                    ShapePoint(
                        utilization: try point.int("utilization", in: 0...100) ?? 0,
                        score: try point.int("score", in: 0...10) ?? 0)
                }
            }
        }
        let ascends = zip(fit.shape, fit.shape.dropFirst()).allSatisfy { $0.utilization < $1.utilization }
        guard ascends, fit.strategy != .requestedToCapacityRatio || !fit.shape.isEmpty else {
            throw FieldError(
                path: FieldPath("scoringStrategy", "requestedToCapacityRatio", "shape"),
                expected: "points of ascending utilization, at least one", found: "\(fit.shape.count) points")
        }
    }

    private static func resources(_ object: ObjectReader) throws(FieldError) -> [ResourceWeight]? {
        let list = try object.objects("resources") { item throws(FieldError) in
            let name = try item.required("name", "a resource") { v throws(FieldError) in try v.decodeString() }
            return ResourceWeight(name, weight: try item.int("weight", in: 0...100).map { max(1, $0) } ?? 1)
        }
        return list.isEmpty ? nil : list
    }

    /// The profile as a KubeSchedulerConfiguration writes it; reading it back gives the same profile.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("schedulerName", name)
        object.add("tieBreaking", tieBreaking.rawValue)
        var filter = ObjectBuilder()
        filter.add("disabled", disabledFilters.map(\.rawValue).sorted()) { .object([.init("name", .string($0))]) }
        var score = ObjectBuilder()
        score.add("disabled", ["*"]) { .object([.init("name", .string($0))]) }
        score.add("enabled", scores) {
            .object([.init("name", .string($0.plugin.rawValue)), .init("weight", .int($0.weight))])
        }
        object.add("plugins", .object([.init("filter", filter.value), .init("score", score.value)]))
        object.add("pluginConfig", configuration) {
            .object([.init("name", .string($0.0)), .init("args", $0.1)])
        }
        return object.value
    }

    private var configuration: [(String, Value)] {
        var scoring = ObjectBuilder()
        scoring.add("type", fit.strategy.rawValue)
        scoring.add("resources", Profile.value(fit.resources))
        if !fit.shape.isEmpty {
            let shape = fit.shape.map {
                Value.object([.init("utilization", .int($0.utilization)), .init("score", .int($0.score))])
            }
            scoring.add("requestedToCapacityRatio", .object([.init("shape", .array(shape))]))
        }
        var fitting = ObjectBuilder()
        fitting.add("ignoredResources", fit.ignoredResources) { .string($0) }
        fitting.add("ignoredResourceGroups", fit.ignoredResourceGroups) { .string($0) }
        fitting.add("scoringStrategy", scoring.value)
        var spread = ObjectBuilder()
        spread.add("defaultingType", usesSystemConstraints ? "System" : "List")
        if !usesSystemConstraints { spread.add("defaultConstraints", defaultConstraints) { $0.value } }
        var affinity = ObjectBuilder()
        affinity.add("addedAffinity", addedAffinity.value["nodeAffinity"])
        var gang = ObjectBuilder()
        gang.add("requiredTopologyKeys", requiredTopologyKeys) { .string($0) }
        gang.add("preferredTopologyKeys", preferredTopologyKeys) { .string($0) }
        return [
            ("NodeResourcesFit", fitting.value),
            ("NodeResourcesBalancedAllocation", .object([.init("resources", Profile.value(balancedResources))])),
            ("NodeAffinity", affinity.value), ("PodTopologySpread", spread.value),
            (
                "InterPodAffinity",
                .object([
                    .init("hardPodAffinityWeight", .int(hardPodAffinityWeight)),
                    .init("ignorePreferredTermsOfExistingPods", .bool(ignoresPreferredTermsOfExistingPods)),
                ])
            ),
            ("Gang", gang.value),
            (
                "LearnedPrices",
                .object([
                    .init("quantumPercent", .int(Int64((priceQuantum * 100).rounded()))),
                    .init("renewalPods", .int(Int64(priceRenewalPods))),
                ])
            ),
        ]
    }

    private static func value(_ resources: [ResourceWeight]) -> Value {
        .array(resources.map { .object([.init("name", .string($0.name)), .init("weight", .int($0.weight))]) })
    }
}
