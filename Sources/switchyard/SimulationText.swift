import ClusterModel
import Dispatcher
import PolicyEngine
import Simulation
import Traces

/// The result of a simulated run as people read it.
struct SimulationText {
    private let result: SimulationResult
    private let title: String
    private let listsPlacements: Bool

    init(_ result: SimulationResult, title: String, listsPlacements: Bool) {
        self.result = result
        self.title = title
        self.listsPlacements = listsPlacements
    }

    var text: String {
        var parts = [Terminal.bold(title.printable) + "\n  " + summary]
        var tables = [
            ("Routing", routing), ("Rules", rules), ("Schedulers", schedulers),
            ("Conflicts (who lost to whom)", conflicts), ("Shadows (what they would have done)", shadows),
            ("Utilisation", utilization),
        ]
        tables += outcomes
        if listsPlacements { tables.append(("Placements", placements)) }
        tables.append(("Times", times))
        for (title, table) in tables where !table.isEmpty { parts.append("\(Terminal.bold(title))\n\(table.text)") }
        if !result.notes.isEmpty { parts.append(notes) }
        return parts.joined(separator: "\n\n")
    }

    /// The pods that were not placed, or had to leave, each kind with why.
    var outcomes: [(title: String, table: Table)] {
        [("Unschedulable", unschedulable), ("Rejected", rejected), ("Pending", pending), ("Evicted", evicted)]
    }

    /// How many pods ended how, in a line.
    var summary: String {
        let counts = result.counts
        var facts = ["\(Format.count(counts.bound)) of \(Format.count(counts.total)) pods on nodes"]
        if counts.placedBefore > 0 { facts[0] += " (\(Format.count(counts.placedBefore)) were there before)" }
        for (count, word) in [
            (counts.unschedulable, "unschedulable"), (counts.rejected, "rejected"), (counts.pending, "pending"),
            (result.evicted.count, "evicted"),
        ] where count > 0 {
            facts.append("\(Format.count(count)) \(word)")
        }
        return facts.joined(separator: ", ")
    }

    var routing: Table {
        var table = Table(["policy", "rule", "to", ">pods"])
        for entry in result.routing {
            table.add([
                entry.policy.isEmpty ? "-" : entry.policy, entry.rule.isEmpty ? "-" : entry.rule, entry.destination,
                Format.count(entry.pods),
            ])
        }
        return table
    }

    var rules: Table {
        var table = Table([
            "policy", "rule", ">matched", ">routed", ">rejected", ">warned or audited", ">excepted", ">failed",
            ">asking",
        ])
        for entry in result.rules {
            let counts = entry.counters
            table.add([
                entry.rule.policy, entry.rule.rule, Format.count(counts.matched), Format.count(counts.routed),
                Format.count(counts.rejected), Format.count(counts.advised), Format.count(counts.excepted),
                Format.count(counts.failed), entry.meanNanoseconds.map { Format.microseconds($0 / 1e3) } ?? "-",
            ])
        }
        return table
    }

    var schedulers: Table {
        var table = Table([
            "scheduler", ">routed", ">bound", ">unschedulable", ">conflicts", ">misplaced", ">bad lines", ">restarts",
            ">sent", ">received",
        ])
        for entry in result.schedulers {
            table.add([
                entry.name, Format.count(entry.routed), Format.count(entry.bound), Format.count(entry.unschedulable),
                Format.count(entry.conflicts), Format.count(entry.misplaced + entry.notItsOwn),
                Format.count(entry.badLines), Format.count(entry.restarts), Format.bytes(entry.bytesSent),
                Format.bytes(entry.bytesReceived),
            ])
        }
        return table
    }

    private var conflicts: Table {
        let names = result.schedulers.map(\.name)
        let others = names + (result.schedulers.contains { $0.conflictsWith["cluster"] != nil } ? ["cluster"] : [])
        var table = Table(["loser \\ winner"] + others.map { ">\($0)" })
        for entry in result.schedulers where entry.conflicts > 0 {
            table.add([entry.name] + others.map { Format.count(entry.conflictsWith[$0] ?? 0) })
        }
        return table
    }

    var shadows: Table {
        var table = Table([
            "scheduler", "shadow", ">pods", ">compared", ">same node", ">another", ">would not fit", ">only scheduler",
            ">only shadow", ">would preempt", ">late", ">undecided", ">p50", ">p99",
        ])
        for entry in result.shadows {
            let latencies = entry.shadowLatencies.sorted()
            table.add([
                entry.scheduler, entry.shadow, Format.count(entry.copied), Format.count(entry.compared),
                Format.count(entry.agreed), Format.count(entry.differed), Format.count(entry.wouldNotFit),
                Format.count(entry.onlyScheduler), Format.count(entry.onlyShadow), Format.count(entry.wouldPreempt),
                Format.count(entry.late), Format.count(entry.undecided + entry.gone + entry.open),
                Format.seconds(Percentile.seconds(0.50, of: latencies)),
                Format.seconds(Percentile.seconds(0.99, of: latencies)),
            ])
        }
        return table
    }

    private var utilization: Table {
        var table = Table(["resource", ">used", ""])
        // Limits a node that a trace states are resources too, many of them, and nobody's bottleneck to look at.
        let shown = result.utilization.filter { !$0.key.hasPrefix(DlrmTrace.slotPrefix) }
        for (name, share) in shown.sorted(by: { $0.key < $1.key }) {
            let filled = Int((min(max(share, 0), 1) * 30).rounded())
            let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled)
            table.add([name, Format.percent(share), bar])
        }
        return table
    }

    /// Pods that fit nowhere, together where scheduler and reasons are the same.
    private var unschedulable: Table {
        var groups: [String: [String]] = [:]
        for entry in result.unschedulable {
            let reasons = entry.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "\(Format.count($0.value)) \($0.key)" }.joined(separator: ", ")
            groups["\(entry.scheduler)\u{0}\(reasons)", default: []].append(entry.key.description)
        }
        var table = Table([">pods", "scheduler", "for example", "why (nodes)"])
        let sorted = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        for (key, pods) in sorted.prefix(12) {
            let parts = key.split(separator: "\u{0}", omittingEmptySubsequences: false).map(String.init)
            table.add([Format.count(pods.count), parts[0], pods[0], parts[1]])
        }
        if sorted.count > 12 {
            let rest = sorted.dropFirst(12)
            table.add([
                Format.count(rest.reduce(0) { $0 + $1.value.count }), "", "", "other reasons; -o json has them all",
            ])
        }
        return table
    }

    private var rejected: Table {
        grouped(
            result.rejected.map {
                ([$0.policy.isEmpty ? "-" : "\($0.policy)/\($0.rule)", $0.message], $0.key.description)
            },
            ["rule", "message"])
    }

    private var pending: Table {
        grouped(
            result.pending.map { ([$0.scheduler.isEmpty ? "-" : $0.scheduler, $0.message], $0.key.description) },
            ["scheduler", "waits because"])
    }

    private var evicted: Table {
        grouped(result.evicted.map { ([$0.node, "by \($0.by)"], $0.key.description) }, ["node", "preempted"])
    }

    private func grouped(_ rows: [([String], String)], _ titles: [String]) -> Table {
        var groups: [[String]: [String]] = [:]
        for (key, pod) in rows { groups[key, default: []].append(pod) }
        var table = Table([">pods", "for example"] + titles)
        for (key, pods) in groups.sorted(by: { $1.value.count < $0.value.count }).prefix(12) {
            table.add([Format.count(pods.count), pods[0]] + key)
        }
        return table
    }

    private var placements: Table {
        var table = Table(["pod", "node", "scheduler", "policy", "gpus"])
        for entry in result.placements {
            table.add([
                entry.key.description, entry.node, entry.scheduler, entry.policy,
                entry.gpus.map(String.init).joined(separator: ","),
            ])
        }
        return table
    }

    var times: Table {
        var table = Table(["loading", "admission", "placing", "pods/s", "latency p50", "p99", "conflict rate"])
        table.add([
            Format.seconds(result.loadSeconds), Format.seconds(result.admissionSeconds),
            Format.seconds(result.elapsedSeconds), Format.count(Int(result.podsPerSecond)),
            Format.seconds(result.latencyP50), Format.seconds(result.latencyP99), Format.percent(result.conflictRate),
        ])
        return table
    }

    private var notes: String {
        let lines = result.notes.prefix(20).map { note in
            "  " + Terminal.warn(note.text.printable + (note.count > 1 ? " (\(Format.count(note.count)) times)" : ""))
        }
        let more = result.notes.count > 20 ? ["  and \(result.notes.count - 20) more"] : []
        return ([Terminal.bold("Notes")] + lines + more).joined(separator: "\n")
    }
}
