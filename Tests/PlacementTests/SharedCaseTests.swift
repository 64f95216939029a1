import ClusterModel
import Testing

@testable import Placement

@Suite struct SharedCaseTests {
    @Test func filtersAgreeWithTheStockScheduler() throws {
        for item in try SharedCases.cases(ofKind: "filter") {
            var cell = item.cell
            var engine = Engine(profile: item.profile, seed: 1)
            engine.prepare(item.incoming, &cell)
            let added = try #require(engine.rules[Int(item.incoming)]).added
            let filter = try #require(FilterPlugin(rawValue: item.plugin))
            for (name, expected) in SchedulerCase.fields(item.raw["expect"]) {
                let fit = cell.apply(filter, item.incoming, Int(try item.node(name)), added)
                #expect(fit.isFit == (expected["feasible"] == .bool(true)), "\(item.name): \(name)")
                let reasons = SchedulerCase.strings(expected["reasons"])
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
            let rules = try #require(engine.rules[Int(item.incoming)])
            let listed = SchedulerCase.strings(item.raw["candidates"])
            let names = listed.isEmpty ? item.nodeNames : listed
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
                let reasons = SchedulerCase.strings(expected["reasons"])
                #expect(Set(report.reasons.map(\.message)) == Set(reasons), "\(item.name): \(name)")
                if case .string(let filter)? = expected["by"], filter != "prefilter result" {
                    #expect(report.reasons.first?.plugin.rawValue == filter, "\(item.name): \(name)")
                }
            }
            for (name, total) in SchedulerCase.fields(item.raw["stock"]?["scores"]) {
                let report = explanation.nodes[Int(try item.node(name))]
                #expect(total == .int(report.total), "\(item.name): \(name) \(report.scores)")
            }
            let picks = SchedulerCase.strings(item.raw["stock"]?["picks"])
            #expect(Set(explanation.best.map { item.nodeNames[Int($0)] }) == Set(picks), "\(item.name)")
        }
    }

    @Test func preemptionAgreesWithTheStockScheduler() throws {
        for item in try SharedCases.cases(ofKind: "preempt") {
            var cell = item.cell
            var engine = Engine(profile: item.profile, seed: 1)
            let preemption = try preemption(item)
            let expected = try #require(item.raw["expect"])
            if expected["candidates"] != nil {
                let candidates = SchedulerCase.list(expected["candidates"])
                let (found, _) = preemption.dryRun(item.incoming, by: &engine, in: &cell)
                #expect(found.count == candidates.count, "\(item.name)")
                for candidate in candidates {
                    let node = try item.node(candidate["node"]?.decodeString() ?? "")
                    let match = try #require(found.first { $0.node == node }, "\(item.name)")
                    let victims = SchedulerCase.strings(candidate["victims"])
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
        var nodes = SchedulerCase.strings(expected["node_any_of"])
        if let node = try expected["node"]?.decodeString() { nodes.append(node) }
        switch result {
        case .evict(let candidate):
            #expect(nodes.contains(item.nodeNames[Int(candidate.node)]), "\(item.name)")
            let victims = SchedulerCase.strings(expected["victims"])
            #expect(Set(candidate.victims.map { item.podNames[Int($0)] }) == Set(victims), "\(item.name)")
        case .none(let summary):
            #expect(nodes.contains(""), "\(item.name): \(summary)")
            let reasons = SchedulerCase.strings(expected["status"]?["reasons"])
            #expect(reasons == ["preemption: \(summary)"], "\(item.name)")
        }
    }

    private func preemption(_ item: SchedulerCase) throws -> Preemption {
        var preemption = Preemption()
        for budget in SchedulerCase.list(item.raw["pdbs"]) {
            let parsed = try PodDisruptionBudget(budget)
            let disrupted = SchedulerCase.fields(budget["status"]?["disruptedPods"]).compactMap { pair in
                item.podNames.firstIndex(of: pair.0).map { PodID($0) }
            }
            preemption.budgets.append(
                DisruptionBudget(
                    namespace: parsed.metadata.namespace, selector: parsed.selector,
                    allowed: parsed.disruptionsAllowed ?? 0, disrupted: Set(disrupted)))
        }
        for (index, pod) in SchedulerCase.list(item.raw["pods"]).enumerated() {
            guard let start = try Pod(SchedulerCase.named(pod)).startTime else { continue }
            // The times are of one day; their text orders as they do.
            let digits = start.filter(\.isNumber)
            preemption.startTimes[PodID(index)] = Int64(digits) ?? 0
        }
        for (name, status) in SchedulerCase.fields(item.raw["node_statuses"]) {
            preemption.isResolvable[try item.node(name)] = status == .string("Unschedulable")
        }
        return preemption
    }
}
