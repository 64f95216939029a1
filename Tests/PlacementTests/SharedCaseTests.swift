import ClusterModel
import Testing

@testable import Placement

@Suite struct SharedCaseTests {
    @Test func filtersAgreeWithTheStockScheduler() throws {
        for item in try SharedCases.cases(ofKind: "filter") {
            var cell = item.cell
            var engine = Engine(profile: item.profile, seed: 1)
            engine.prepare(item.incoming, &cell)
            let added = try #require(engine.rules[item.incoming]).added
            let filter = try #require(FilterPlugin(rawValue: item.plugin))
            for (name, expected) in SchedulerCase.fields(item.raw["expect"]) {
                let fit = cell.apply(filter, item.incoming, Int(try item.node(name)), added)
                #expect(fit.isFit == (expected["feasible"] == .bool(true)), "\(item.name): \(name)")
                let reasons = try expected["reasons"]?.decodeList { try $0.decodeString() } ?? []
                #expect(Set(fit.reasons.map(\.message)) == Set(reasons), "\(item.name): \(name)")
                var unresolvable = false
                if case .unresolvable = fit { unresolvable = true }
                #expect(unresolvable == (expected["unresolvable"] == .bool(true)), "\(item.name): \(name)")
            }
        }
    }

    @Test func scoresAgreeWithTheStockScheduler() throws {
        for item in try SharedCases.cases(ofKind: "score") {
            var cell = item.cell
            let plugin = try #require(ScorePlugin(rawValue: item.plugin))
            var engine = Engine(profile: item.profile, seed: 1)
            engine.prepare(item.incoming, &cell)
            let rules = try #require(engine.rules[item.incoming])
            let names = try item.raw["candidates"]?.decodeList { try $0.decodeString() } ?? item.nodeNames
            let candidates = try names.map { try item.node($0) }
            let table = ScoreTable(rules, item.incoming, candidates, cell)
            #expect(table.skipped.contains(plugin) == (item.raw["skip"] == .bool(true)), "\(item.name)")
            let isRaw = item.raw["score_kind"] == .string("raw")
            let scores = isRaw ? table.raw[plugin] : table.normalized[plugin]
            for (name, expected) in SchedulerCase.fields(item.raw["expect"]) {
                let position = try #require(names.firstIndex(of: name))
                #expect(expected["score"] == .int(scores?[position] ?? 0), "\(item.name): \(name)")
            }
        }
    }

    @Test func theDefaultProfileAgreesWithTheStockScheduler() throws {
        let kinds = ["filter", "score", "preempt"]
        for item in try kinds.flatMap({ try SharedCases.cases(ofKind: $0) }) {
            var cell = item.cell
            var engine = Engine(profile: .kubeDefault, seed: 1)
            let explanation = engine.explain(item.incoming, in: &cell)
            for (name, expected) in SchedulerCase.fields(item.raw["stock"]?["nodes"]) {
                let report = explanation.nodes[Int(try item.node(name))]
                #expect(report.isFeasible == (expected["feasible"] == .bool(true)), "\(item.name): \(name)")
                let reasons = try expected["reasons"]?.decodeList { try $0.decodeString() } ?? []
                #expect(Set(report.reasons.map(\.message)) == Set(reasons), "\(item.name): \(name)")
                if case .string(let filter)? = expected["by"], filter != "prefilter result" {
                    #expect(report.reasons.first?.plugin.rawValue == filter, "\(item.name): \(name)")
                }
            }
            for (name, total) in SchedulerCase.fields(item.raw["stock"]?["scores"]) {
                let report = explanation.nodes[Int(try item.node(name))]
                #expect(total == .int(report.total), "\(item.name): \(name) \(report.scores)")
            }
            let picks = try item.raw["stock"]?["picks"]?.decodeList { try $0.decodeString() } ?? []
            #expect(Set(explanation.best.map { item.nodeNames[Int($0)] }) == Set(picks), "\(item.name)")
        }
    }

    @Test func preemptionAgreesWithTheStockScheduler() throws {
        for item in try SharedCases.cases(ofKind: "preempt") {
            var cell = item.cell
            var engine = Engine(profile: item.profile, seed: 1)
            let preemption = try preemption(item)
            let expected = try #require(item.raw["expect"])
            if let candidates = try expected["candidates"]?.decodeList({ $0 }) {
                let (found, _) = preemption.dryRun(item.incoming, by: &engine, in: &cell)
                #expect(found.count == candidates.count, "\(item.name)")
                for candidate in candidates {
                    let node = try item.node(candidate["node"]?.decodeString() ?? "")
                    let match = try #require(found.first { $0.node == node }, "\(item.name)")
                    let victims = try candidate["victims"]?.decodeList { try $0.decodeString() } ?? []
                    #expect(Set(match.victims.map { item.podNames[Int($0)] }) == Set(victims), "\(item.name)")
                    #expect(candidate["pdb_violations"] == .int(Int64(match.budgetViolations)), "\(item.name)")
                }
            }
            if expected["node"] != nil || expected["node_any_of"] != nil {
                try check(preemption.choose(item.incoming, by: &engine, in: &cell), item, expected)
            }
            cell.checkInvariants()
        }
    }

    private func check(_ result: PreemptionResult, _ item: SchedulerCase, _ expected: Value) throws {
        var nodes = try expected["node_any_of"]?.decodeList { try $0.decodeString() } ?? []
        if let node = try expected["node"]?.decodeString() { nodes.append(node) }
        switch result {
        case .evict(let candidate):
            #expect(nodes.contains(item.nodeNames[Int(candidate.node)]), "\(item.name)")
            let victims = try expected["victims"]?.decodeList { try $0.decodeString() } ?? []
            #expect(Set(candidate.victims.map { item.podNames[Int($0)] }) == Set(victims), "\(item.name)")
        case .none(let summary):
            #expect(nodes.contains(""), "\(item.name): \(summary)")
            let reasons = try expected["status"]?["reasons"]?.decodeList { try $0.decodeString() } ?? []
            #expect(reasons == ["preemption: \(summary)"], "\(item.name)")
        }
    }

    private func preemption(_ item: SchedulerCase) throws -> Preemption {
        var preemption = Preemption()
        for budget in try item.raw["pdbs"]?.decodeList({ $0 }) ?? [] {
            let parsed = try PodDisruptionBudget(budget)
            let disrupted = SchedulerCase.fields(budget["status"]?["disruptedPods"]).compactMap { pair in
                item.podNames.firstIndex(of: pair.0).map { PodID($0) }
            }
            preemption.budgets.append(
                DisruptionBudget(
                    namespace: parsed.metadata.namespace, selector: parsed.selector,
                    allowed: parsed.disruptionsAllowed ?? 0, disrupted: Set(disrupted)))
        }
        for (index, pod) in try (item.raw["pods"]?.decodeList { try Pod($0) } ?? []).enumerated() {
            guard let start = pod.startTime else { continue }
            // The times are of one day; their text orders as they do.
            preemption.startTimes[PodID(index)] = start.utf8.filter { (48...57).contains($0) }
                .reduce(0) { $0 &* 10 &+ Int64($1) - 48 }
        }
        for (name, status) in SchedulerCase.fields(item.raw["node_statuses"]) {
            preemption.isResolvable[try item.node(name)] = status == .string("Unschedulable")
        }
        return preemption
    }
}
