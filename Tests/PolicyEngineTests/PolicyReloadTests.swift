import Admission
import ClusterModel
import ClusterTestKit
import Foundation
import Testing

@testable import PolicyEngine

/// Policies that change while pods keep coming.
@Suite struct PolicyReloadTests {
    /// Sound policies, each of which sends every pod elsewhere than the others do.
    static let good = (0..<4).map { number in
        policyText(
            rules: """
                - name: gold
                  match: {labelSelector: {matchLabels: {tier: gold}}}
                  actions: {scheduler: gold-\(number), labels: {add: {generation: g\(number)}}}
                - name: parity
                  matchConditions: [{name: even, expression: "int(object.metadata.labels['number']) % 2 == 0"}]
                  actions: {split: [{scheduler: even-\(number), weight: 70}, {scheduler: also-\(number), weight: 30}]}
                - name: late
                  match: {labelSelector: {matchLabels: {tier: banned-\(number)}}}
                  actions: {reject: {message: banned by \(number)}}
                - name: rest
                  actions: {scheduler: rest-\(number)}
                """)
    }

    /// Folders that must never be put in force: broken YAML, an unknown field, an expression that does not compile, nothing.
    static let broken = [
        "apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolicy\nmetadata: {name: p\n",
        policyText(rules: "- name: a\n  macth: {}\n  actions: {scheduler: wrong}"),
        policyText(rules: "- name: a\n  matchConditions: [{name: c, expression: 1 +}]\n  actions: {scheduler: wrong}"),
        "",
    ]

    static func pod(_ number: Int) -> Pod {
        let tier = number % 5 == 0 ? "gold" : number % 7 == 0 ? "banned-\(number % 4)" : "plain"
        return .sample("pod-\(number)", labels: ["number": "\(number)", "tier": tier])
    }

    /// The time that the calling thread has computed, in seconds: what it does in one second of its own, however many others
    /// want the machine.
    static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// What happened to one pod.
    struct Record {
        let number: Int
        let admitted: Pod?
        let refusal: String?
        let revision: String
    }

    /// Pods are admitted on one thread while another rewrites the folder again and again, with sound and with broken
    /// policies, by renaming and in place.
    @Test func nothingIsLostDoubledOrMisroutedWhileTheFolderChanges() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("p.yaml", text: Self.good[0])
        let first = try PolicyFolder(path: folder.path).policySet()
        let feed = PolicyFeed(path: folder.path, current: first, interval: 0.002) { _ in }
        var admission = Admission(policies: PolicyEngine(first))
        let writer = FileRewriter(folder.path + "/p.yaml", good: Self.good, broken: Self.broken)
        var records: [Record] = []
        var number = 0
        var seconds = 0.0
        // Until enough sets came and went, however slow the machine; but not for ever.
        let limit = ContinuousClock.now + .seconds(120)
        while number < 30_000 || (feed.counts.reloads < 8 || feed.counts.refusals < 4) && ContinuousClock.now < limit {
            let pods = (number..<number + 250).map(Self.pod)
            let start = Self.threadSeconds()
            for pod in pods {
                if let policies = feed.take() { admission.policies.engine.replacePolicies(policies) }
                let revision = admission.policies.engine.policies.revision
                switch admission.admit(pod) {
                case .admitted(let admitted):
                    records.append(Record(number: number, admitted: admitted.pod, refusal: nil, revision: revision))
                case .refused(let refusal):
                    records.append(Record(number: number, admitted: nil, refusal: refusal.message, revision: revision))
                }
                number += 1
            }
            seconds += Self.threadSeconds() - start
        }
        let rate = Double(number) / seconds
        writer.stop()
        feed.stop()
        let counts = feed.counts
        print("\(number) pods, \(Int(rate))/s on one thread; \(counts.reloads) reloads, \(counts.refusals) refused")
        #expect(rate >= 10_000)
        #expect(counts.reloads >= 8 && counts.refusals >= 4)
        try Self.verify(records, count: number)
    }

    /// Decides about every pod anew, by the policies of the revision that it carries.
    static func verify(_ records: [Record], count: Int) throws {
        var engines: [String: Admission] = [:]
        for text in good {
            let set = try policySet(text)
            engines[set.revision] = Admission(policies: PolicyEngine(set))
        }
        #expect(records.count == count && Set(records.map(\.number)).count == count, "pods are lost or doubled")
        var revisions: Set<String> = []
        var wrong = 0
        for record in records {
            let stamped = record.admitted?.metadata.annotations[PolicyAnnotation.revision] ?? record.revision
            revisions.insert(stamped)
            guard stamped == record.revision, engines[stamped] != nil else {
                wrong += 1
                continue
            }
            switch engines[stamped]?.admit(pod(record.number)) {
            case .admitted(let admitted)?: if admitted.pod != record.admitted { wrong += 1 }
            case .refused(let refusal)?: if refusal.message != record.refusal { wrong += 1 }
            case nil: wrong += 1
            }
        }
        #expect(wrong == 0, "pods that do not follow the revision that they carry")
        #expect(revisions.count == good.count, "only \(revisions) were in force")
    }

    @Test func halfWrittenFoldersAreLeftAlone() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("p.yaml", text: Self.good[0])
        let first = try PolicyFolder(path: folder.path).policySet()
        var watcher = PolicyWatcher(path: folder.path, current: first)
        #expect(watcher.look().isEmpty && watcher.look().isEmpty, "the folder is the one in force")
        // The first rule alone is sound, but it is not what is being written.
        let lines = Self.good[1].split(separator: "\n", omittingEmptySubsequences: false)
        _ = try folder.write("p.yaml", text: lines.prefix(9).joined(separator: "\n") + "\n")
        #expect(watcher.look().isEmpty, "it may still be written")
        _ = try folder.write("p.yaml", text: Self.good[1])
        #expect(watcher.look().isEmpty, "it was")
        guard case .putInForce(let set)? = watcher.look().first else {
            Issue.record("the whole set is not put in force")
            return
        }
        #expect(set.ruleCount == 4 && watcher.look().isEmpty)
    }

    @Test func aBrokenFolderIsToldOfOnceAndSoIsItsRepair() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("p.yaml", text: Self.good[0])
        let first = try PolicyFolder(path: folder.path).policySet()
        var watcher = PolicyWatcher(path: folder.path, current: first)
        func words() -> [String] { (watcher.look() + watcher.look() + watcher.look()).map(\.text) }
        #expect(words().isEmpty)
        _ = try folder.write("p.yaml", text: Self.broken[1])
        let told = words()
        #expect(told.count == 1 && told[0].contains("revision \(first.revision) stays in force"), "\(told)")
        #expect(told[0].contains("p.yaml:8:") && told[0].contains("macth"), "\(told)")
        _ = try folder.write("p.yaml", text: Self.good[0] + "\n# repaired\n")
        #expect(words() == ["the folder is sound again; revision \(first.revision) stays in force"])
        try FileManager.default.removeItem(atPath: folder.path + "/p.yaml")
        #expect(words().count == 1 && watcher.reloader.current.revision == first.revision)
    }

    @Test func countersGoOnWhereRulesStay() throws {
        let jobs = "- name: jobs\n  match: {ownerKinds: [Job]}\n  actions: {scheduler: gang}"
        let sets = [
            try policySet(policyText(rules: jobs)),
            try policySet(policyText(rules: "\(jobs)\n- name: rest\n  actions: {scheduler: binpack}")),
        ]
        var engine = PolicyEngine(sets[0])
        engine.timingPeriod = 2
        for number in 0..<10 { _ = engine.decide(.sample("p\(number)", owners: .of("Job"))) }
        engine.replacePolicies(sets[1])
        for number in 10..<13 { _ = engine.decide(.sample("p\(number)", owners: .of("Job"))) }
        let counted = engine.countersByRule
        #expect(counted.map(\.rule.rule) == ["jobs", "rest"])
        #expect(counted[0].counters.matched == 13 && counted[0].counters.routed == 13)
        #expect((6...7).contains(counted[0].counters.timed) && counted[0].counters.timedNanoseconds > 0)
        #expect(counted[1].counters == RuleCounters(), "a rule that only routes is not asked after another has routed")
    }
}
