import Admission
import ClusterModel
import ClusterTestKit
import Foundation
import Testing

@testable import PolicyEngine

/// When and for which pods a rule holds: alternatives, samples, schedules, exceptions that stand alone.
@Suite struct PolicyOccasionsTests {
    private func engine(_ rule: String) throws -> PolicyEngine {
        try PolicyEngine(texts: policyText(rules: "- name: r\n  \(rule)\n  actions: {scheduler: hit}"))
    }

    @Test(
        arguments: [
            ("{any: [{namespaces: [a]}, {labelSelector: {matchLabels: {x: \"1\"}}}]}", "a", [:], true),
            ("{any: [{namespaces: [a]}, {labelSelector: {matchLabels: {x: \"1\"}}}]}", "b", ["x": "1"], true),
            ("{any: [{namespaces: [a]}, {labelSelector: {matchLabels: {x: \"1\"}}}]}", "b", [:], false),
            (
                "{namespaces: [b], any: [{namespaces: [a]}, {labelSelector: {matchLabels: {x: \"1\"}}}]}", "a", [:],
                false
            ),
            ("{except: [{namespaces: [a], labelSelector: {matchLabels: {x: \"1\"}}}]}", "a", ["x": "1"], false),
            ("{except: [{namespaces: [a], labelSelector: {matchLabels: {x: \"1\"}}}]}", "a", [:], true),
            ("{except: [{namespaces: [a]}, {namespaces: [b]}]}", "b", [:], false),
            ("{any: [{except: [{namespaces: [a]}]}]}", "b", [:], true),
            ("{any: [{namespaces: [a]}, {namespaces: [c]}]}", "c", [:], true),
        ] as [(String, String, [String: String], Bool)])
    func alternatives(match: String, namespace: String, labels: [String: String], isHit: Bool) throws {
        var engine = try engine("match: \(match)")
        let pod = Pod.sample(namespace: namespace, labels: labels)
        let explanation = engine.explain(pod)
        #expect((engine.decide(pod).route?.scheduler == "hit") == isHit, "\(explanation.text)")
        #expect(explanation.policies[0].rules[0].matched == isHit)
    }

    @Test(arguments: [
        ("match: {any: []}", "match.any", "at least one"), ("match: {any: [{}]}", "match.any[0]", "condition"),
        ("match: {except: [{lables: {}}]}", "match.except[0].lables", "unknown field"),
        (
            "match: {any: [{any: [{any: [{any: [{namespaces: [a]}]}]}]}]}", "match", "deep"
        ),
        ("percent: 101", "percent", "101"), ("percent: half", "percent", "half"),
        ("schedule: {}", "schedule", "from, until"),
        ("schedule: {day: [Mon]}", "schedule.day", "did you mean \"days\""),
        ("schedule: {days: [Monday]}", "schedule.days[0]", "Monday"), ("schedule: {days: mon}", "schedule.days", "mon"),
        ("schedule: {hours: 9-17}", "schedule.hours", "9-17"),
        ("schedule: {hours: \"25:00-26:00\"}", "schedule.hours", "25"),
        ("schedule: {hours: \"09:00-09:00\"}", "schedule.hours", "09:00"),
        ("schedule: {days: [Mon], timeZone: Europe/Zurig}", "schedule.timeZone", "Zurig"),
        ("schedule: {from: 2030-02-30}", "schedule.from", "2030-02-30"),
        ("schedule: {from: 2030-06-30, until: 2030-06-29}", "schedule.until", "after from"),
    ])
    func faultsAreNamed(rule: String, path: String, words: String) {
        let found = folder(policyText(rules: "- name: r\n  \(rule)\n  actions: {scheduler: s}")).findings
        #expect(found.first.map { "\($0.place.path)" } == "spec.rules[0].\(path)", "\(found.map(\.text))")
        #expect(found.first?.text.contains(words) == true, "\(found.map(\.text))")
    }

    /// Alternatives are taken into account where rules are compared, and nothing is claimed that does not hold.
    @Test(arguments: [
        ("{any: [{namespaces: [a]}, {namespaces: [b]}]}", "{namespaces: [b]}", true),
        ("{namespaces: [a, b]}", "{any: [{namespaces: [a]}, {namespaces: [b]}]}", true),
        ("{any: [{namespaces: [a]}, {namespaces: [c]}]}", "{namespaces: [b]}", false),
        ("{except: [{namespaces: [a]}]}", "{namespaces: [b]}", true),
        ("{except: [{namespaces: [a]}]}", "{namespaces: [a, b]}", false),
        ("{namespaces: [b]}", "{except: [{namespaces: [a]}]}", false),
    ])
    func shadowsAreSeen(first: String, second: String, isShadowed: Bool) {
        let rules = "- name: r\n  match: \(first)\n  actions: {scheduler: s}\n- name: t\n  match: \(second)\n"
        let found = folder(policyText(rules: rules + "  actions: {scheduler: t}")).check()
        #expect(found.map(\.code) == (isShadowed ? [.shadowed] : []), "\(found.map(\.text))")
        let impossible = folder(
            policyText(
                rules: "- name: r\n  match: {namespaces: [a], except: [{namespaces: [a]}]}\n  actions: {scheduler: s}"))
        #expect(impossible.check().map(\.code) == [.neverMatches])
    }

    @Test func samplesAreStableAndGrow() throws {
        var (small, large) = (try engine("percent: 10"), try engine("percent: 30"))
        var counts = (small: 0, large: 0)
        for index in 0..<5_000 {
            let pod = Pod.sample("pod-\(index)")
            let (inSmall, inLarge) = (
                small.decide(pod).route?.scheduler == "hit", large.decide(pod).route?.scheduler == "hit"
            )
            #expect(!inSmall || inLarge)
            counts.small += inSmall ? 1 : 0
            counts.large += inLarge ? 1 : 0
        }
        #expect((400...600).contains(counts.small) && (1_350...1_650).contains(counts.large), "\(counts)")
        for owner in 0..<20 {
            let owners = [OwnerReference(kind: "ReplicaSet", name: "web-\(owner)")]
            #expect(Set((0..<10).map { large.decide(.sample("\($0)", owners: owners)).route?.scheduler }).count == 1)
        }
        var (none, all) = (try engine("percent: 0"), try engine("percent: 100"))
        #expect(none.decide(.sample()).route?.scheduler == "binpack" && all.decide(.sample()).route?.scheduler == "hit")
    }

    /// A pod in a rule's sample does not answer for the others of its template.
    @Test func samplesAreNotShared() throws {
        var admission = Admission(policies: try engine("percent: 50"))
        var schedulers: Set<String> = []
        for index in 0..<50 {
            if case .admitted(let admitted) = admission.admit(.sample("pod-\(index)")) {
                schedulers.insert(admitted.pod.spec.schedulerName ?? "")
            }
        }
        #expect(schedulers == ["hit", "binpack"])
    }

    private func seconds(_ text: String) throws -> Int64 { try #require(Timestamp.start(text)) }

    /// In Zurich clocks go from 02:00 to 03:00 on 2030-03-31 and from 03:00 back to 02:00 on 2030-10-27.
    @Test(arguments: [
        ("{hours: \"22:00-06:00\", timeZone: Europe/Zurich}", "2030-01-15T21:00:00Z", true),
        ("{hours: \"22:00-06:00\", timeZone: Europe/Zurich}", "2030-01-15T20:59:59Z", false),
        ("{hours: \"22:00-06:00\", timeZone: Europe/Zurich}", "2030-07-15T20:00:00Z", true),
        ("{hours: \"22:00-06:00\", timeZone: Europe/Zurich}", "2030-07-15T04:00:00Z", false),
        ("{hours: \"02:15-02:45\", timeZone: Europe/Zurich}", "2030-03-31T01:30:00Z", false),
        ("{hours: \"02:15-02:45\", timeZone: Europe/Zurich}", "2030-10-27T00:30:00Z", true),
        ("{hours: \"02:15-02:45\", timeZone: Europe/Zurich}", "2030-10-27T01:30:00Z", true),
        // Friday night belongs to Friday: 2030-06-28 is one.
        ("{days: [Fri], hours: \"22:00-06:00\"}", "2030-06-28T23:00:00Z", true),
        ("{days: [Fri], hours: \"22:00-06:00\"}", "2030-06-29T05:59:00Z", true),
        ("{days: [Fri], hours: \"22:00-06:00\"}", "2030-06-28T05:59:00Z", false),
        ("{days: [Fri], hours: \"22:00-06:00\"}", "2030-06-29T22:30:00Z", false),
        ("{days: [Sat-Mon]}", "2030-07-01T12:00:00Z", true), ("{days: [Sat-Mon]}", "2030-07-02T00:00:00Z", false),
        ("{days: [Thu]}", "1970-01-01T00:00:00Z", true), ("{days: [Wed]}", "1969-12-31T23:59:59Z", true),
        ("{hours: [\"08:00-12:00\", \"13:00-24:00\"]}", "2030-06-30T23:59:00Z", true),
        ("{hours: [\"08:00-12:00\", \"13:00-24:00\"]}", "2030-06-30T12:00:00Z", false),
        ("{from: 2030-07-01, timeZone: Europe/Zurich}", "2030-06-30T22:00:00Z", true),
        ("{from: 2030-07-01, timeZone: Europe/Zurich}", "2030-06-30T21:59:59Z", false),
        ("{until: 2030-06-30, timeZone: America/New_York}", "2030-07-01T03:59:59Z", true),
        ("{until: 2030-06-30, timeZone: America/New_York}", "2030-07-01T04:00:00Z", false),
        ("{until: \"2030-06-30T12:00:00+02:00\"}", "2030-06-30T10:00:00Z", false),
    ])
    func schedulesHold(schedule: String, time: String, isHit: Bool) throws {
        var engine = try engine("schedule: \(schedule)")
        engine.setTime(seconds: try seconds(time))
        #expect((engine.decide(.sample()).route?.scheduler == "hit") == isHit, "\(engine.explain(.sample()).text)")
        // Whatever the time, there is an answer.
        for extreme in [Int64.min, .max, -62_135_596_800, 253_402_300_799] {
            engine.setTime(seconds: extreme)
            _ = engine.decide(.sample())
        }
    }

    /// Against Foundation's calendar, quarter of an hour by quarter of an hour through a year with both changes of the clocks.
    @Test(arguments: ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
    func schedulesAgreeWithTheCalendar(zone: String) throws {
        let text = "{days: [Mon-Wed, Sat], hours: [\"22:30-05:15\", \"09:00-17:00\"], timeZone: \(zone)}"
        let rule = try policySet(policyText(rules: "- name: r\n  schedule: \(text)\n  actions: {scheduler: s}"))
        let schedule = try #require(rule.policies[0].rules[0].schedule)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zone))
        let days: Set<Int> = [2, 3, 4, 7]
        var time = try seconds("2030-01-01")
        while time < (try seconds("2031-01-01")) {
            let parts = calendar.dateComponents(
                [.weekday, .hour, .minute], from: Date(timeIntervalSince1970: TimeInterval(time)))
            let weekday = parts.weekday ?? 0
            let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
            let (isOn, wasOn) = (days.contains(weekday), days.contains(weekday == 1 ? 7 : weekday - 1))
            let expected =
                (isOn && (540..<1_020).contains(minute)) || (isOn && minute >= 1_350) || (wasOn && minute < 315)
            #expect(schedule.holds(at: time) == expected, "\(time)")
            time += 900
        }
    }

    /// A decision that was made before a boundary is not that of a pod after it.
    @Test func decisionsAreMadeAnewWhenTheTimeIs() throws {
        var admission = Admission(policies: try engine("schedule: {hours: \"09:00-17:00\"}"))
        for (time, scheduler) in [
            ("08:59:59", "binpack"), ("09:00:00", "hit"), ("16:59:59", "hit"), ("17:00:00", "binpack"),
        ] {
            admission.policies.engine.setTime(seconds: try seconds("2030-06-28T\(time)Z"))
            for index in 0..<3 {
                guard case .admitted(let admitted) = admission.admit(.sample("\(time)-\(index)")) else { continue }
                #expect(admitted.pod.spec.schedulerName == scheduler)
            }
        }
    }

    private static let exception = """
        apiVersion: switchyard.dev/v1alpha1
        kind: PolicyException
        metadata: {name: migration}
        spec:
          policies: [p, team-*]
          rules: [closed*]
          until: 2030-06-30
          schedule: {days: [Mon-Fri]}
          match: {labelSelector: {matchLabels: {team: old}}}

        """
    private static let closed = "- name: closed\n  match: {namespaces: [default]}\n  actions: {reject: {message: stop}}"

    @Test(
        arguments: [
            ("p", "2030-06-28", ["team": "old"], true), ("team-a", "2030-06-28", ["team": "old"], true),
            ("other", "2030-06-28", ["team": "old"], false), ("p", "2030-06-28", [:], false),
            ("p", "2030-06-29", ["team": "old"], false), ("p", "2030-07-01", ["team": "old"], false),
        ] as [(String, String, [String: String], Bool)])
    func exceptionsStandAlone(policy: String, day: String, labels: [String: String], isExcepted: Bool) throws {
        // The pattern that does not fit the policy of the case has one of its own.
        let others = ["p", "team-x"].filter { $0 != policy }
            .map {
                policyText($0, order: 2, rules: "- name: closed\n  match: {namespaces: [x]}\n  actions: {scheduler: s}")
            }
        let read = folder(
            ([policyText(policy, rules: Self.closed), Self.exception] + others).joined(separator: "---\n"))
        var engine = PolicyEngine(try read.policySet())
        engine.setTime(seconds: try seconds(day))
        let decision = engine.decide(.sample(labels: labels))
        #expect((decision.rejection == nil) == isExcepted)
        #expect(engine.explain(.sample(labels: labels)).decision == decision)
    }

    @Test func exceptionsThatStandAloneAreChecked() throws {
        let policy = policyText(rules: Self.closed)
        func codes(_ change: (String) -> String) -> [PolicyFinding] {
            folder(policy, change(Self.exception.replacing("team-*", with: "p"))).check()
        }
        #expect(codes { $0 }.isEmpty)
        #expect(codes { $0.replacing("[p, p]", with: "[q]") }.map { "\($0.place.path)" } == ["spec.policies[0]"])
        #expect(
            codes { $0.replacing("closed*", with: "close") }.first?.text.contains("did you mean \"closed\"") == true)
        #expect(codes { $0.replacing("2030", with: "2020") }.map(\.code) == [.ended])
        #expect(codes { $0 + "---\n" + $0 }.map(\.code) == [.duplicateName])
        #expect(codes { $0.replacing("policies", with: "polices") }.map(\.code).contains(.badField))
        let with = try folder(policy, Self.exception.replacing("team-*", with: "p")).policySet()
        #expect(with.revision != (try policySet(policy)).revision)
    }

    @Test func listsAreRead() throws {
        let items = ["a", "b"].map { name in
            "{apiVersion: switchyard.dev/v1alpha1, kind: SchedulingPolicy, metadata: {name: \(name)}, "
                + "spec: {rules: [{name: r, match: {namespaces: [\(name)]}, actions: {scheduler: s}}]}}"
        }
        let text =
            "apiVersion: v1\nkind: List\nitems:\n- \(items[0])\n- {kind: List, apiVersion: v1, items: [\(items[1])]}\n"
        #expect(try folder(text).policySet().policies.map(\.name) == ["a", "b"])
        let found = folder(text.replacing("namespaces: [b]", with: "namespace: [b]")).check()
        #expect(found.map { "\($0.place.path)" } == ["items[1].items[0].spec.rules[0].match.namespace"])
        #expect(found.first?.place.line == 5)
        #expect(folder("apiVersion: v1\nkind: List\n").check().map(\.code) == [.badField])
    }
}
