import ClusterModel
import ClusterTestKit
import Foundation
import Testing

@testable import PolicyEngine

/// Damaged policies: whatever stands in a file, reading it ends in findings with a place or in a policy that is sound.
@Suite struct PolicyFuzzTests {
    /// The texts that are damaged: the shipped policies, the cookbook, and their tests.
    static let seeds: [String] = ShippedPoliciesTests.folders.flatMap { folder -> [String] in
        let path = ShippedPoliciesTests.package.appendingPathComponent(folder)
        let tests = path.appendingPathComponent("tests")
        let files = [path, tests].flatMap { folder in
            (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        }
        return files.filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }.compactMap {
            try? String(contentsOf: $0, encoding: .utf8)
        }
    }

    /// Words that mean something in some place, to be put in others.
    static let words = [
        "null", "true", "[]", "{}", "-1", "9223372036854775807", "1e400", "\"\"", "*", "&a [*a]", "<<: *a", "~",
        "!!binary x", "scheduler", "match", "namespaces", "matchExpressions", "In", "Exists", "1Gi", "-5m",
        "99999999999999999999Ei",
        "object.metadata", "1 +", "variables.v", "gang", "2030-06-30", "None", "'", "\t", "\u{0}", "🙂", "- - -", "? x",
        "|", ">-", "# ", ": ", "{a: {a: {a: {a: {}}}}}",
    ]

    static func damaged(_ random: inout SeededGenerator) -> [UInt8] {
        var lines = seeds[random.next(below: seeds.count)].split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        for _ in 0...random.next(below: 2) {
            let place = random.next(below: lines.count)
            switch random.next(below: 7) {
            case 0: lines.remove(at: place)
            case 1: lines.insert(lines[random.next(below: lines.count)], at: place)
            case 2: lines.swapAt(place, random.next(below: lines.count))
            case 3: lines[place] = "  " + lines[place]
            case 4:
                let other = seeds[random.next(below: seeds.count)].split(separator: "\n").map(String.init)
                lines.insert(other[random.next(below: other.count)], at: place)
            default:
                var parts = lines[place].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
                parts[random.next(below: parts.count)] = words[random.next(below: words.count)]
                lines[place] = parts.joined(separator: " ")
            }
            if lines.isEmpty { lines = [""] }
        }
        var bytes = Array(lines.joined(separator: "\n").utf8)
        if random.next(below: 8) == 0, !bytes.isEmpty {
            let place = random.next(below: bytes.count)
            switch random.next(below: 3) {
            case 0: bytes[place] = UInt8(random.next(below: 256))
            case 1: bytes.remove(at: place)
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }

    /// `POLICY_FUZZ_RUNS` sets how many runs, `POLICY_FUZZ_SEED` where to begin.
    @Test func whateverStandsInAFile() throws {
        #expect(Self.seeds.count > 25)
        let environment = ProcessInfo.processInfo.environment
        let runs = environment["POLICY_FUZZ_RUNS"].flatMap(Int.init) ?? 1_000
        let seed = environment["POLICY_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        var random = SeededGenerator(seed: seed)
        let pods = (0..<20).map { RandomPolicies.pod($0, &random) }
        var (sound, refused) = (0, 0)
        for run in 0..<runs {
            let text = String(decoding: Self.damaged(&random), as: UTF8.self)
            var folder = PolicyFolder()
            folder.add(text: text, file: "p.yaml")
            let findings = folder.check(schedulers: ShippedPoliciesTests.schedulers)
            let errors = findings.filter { $0.severity == .error }
            let arePlaced = findings.allSatisfy {
                $0.place.file == "p.yaml" && !$0.expected.isEmpty && !$0.found.isEmpty
            }
            #expect(arePlaced, "seed \(seed), run \(run): \(findings.map(\.text))")
            guard errors.isEmpty else {
                refused += 1
                continue
            }
            sound += 1
            let set = try folder.policySet(schedulers: ShippedPoliciesTests.schedulers)
            var engine = PolicyEngine(set)
            for policy in set.policies {
                var faults: [FieldError] = []
                var read = SchedulingPolicy.read(policy.value, errors: &faults)
                // What is written is a SchedulingPolicy, whatever it was read from.
                read?.isMetadataPolicy = policy.isMetadataPolicy
                #expect(read == policy && faults.isEmpty, "seed \(seed), run \(run): \(faults)")
            }
            for pod in pods {
                let explained = engine.explain(pod).decision
                #expect(engine.decide(pod) == explained, "seed \(seed), run \(run)")
            }
            if !folder.tests.isEmpty { _ = PolicyTestRunner(set).run(folder.tests) }
        }
        print("policy fuzz: \(runs) runs from seed \(seed): \(sound) sound, \(refused) refused")
        #expect(sound > runs / 50 && refused > runs / 50, "a generator that makes one of the two only tests little")
    }

    @Test func hostileSizesAndNesting() {
        func codes(_ text: String) -> [PolicyFinding.Code] {
            var folder = PolicyFolder()
            folder.add(text: text, file: "p.yaml")
            return folder.check().filter { $0.severity == .error }.map(\.code)
        }
        let start = ContinuousClock.now
        #expect(codes(String(repeating: "#", count: PolicyLimits.fileBytes + 1)) == [.unreadable])
        #expect(!codes(String(repeating: "[", count: 200_000)).isEmpty)
        #expect(!codes(String(repeating: "a:\n ", count: 50_000)).isEmpty)
        let bomb = (1...12).map { level in
            "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ","))]"
        }
        #expect(!codes("a0: &a0 x\n" + bomb.joined(separator: "\n")).isEmpty)
        let deep = String(repeating: "(", count: 5_000) + "true" + String(repeating: ")", count: 5_000)
        let rule = "- name: r\n  matchConditions: [{name: c, expression: \"\(deep)\"}]\n  actions: {scheduler: s}"
        #expect(codes(policyText(rules: rule)) == [.badField])
        #expect(ContinuousClock.now - start < .seconds(60), "bounded time, also on a slow machine")
    }
}
