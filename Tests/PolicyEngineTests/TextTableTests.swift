import ClusterModel
import Testing

@testable import PolicyEngine

@Suite struct TextTableTests {
    private static let pieces = ["", "a", "app", "tier", "-", "/", "example.com/", "kubernetes.io/", "0123456789", "K"]
    /// Texts of which some are equal to others of different bytes: `é` written in two ways, and the sign of the kelvin.
    private static let awkward = ["\u{e9}", "e\u{301}", "\u{212a}", "\u{0}", "x\u{308}", "日本"]

    private static func text(_ random: inout SeededGenerator, awkwardPercent: Int) -> String {
        var text = ""
        for _ in 0...random.next(below: 4) {
            let isAwkward = random.next(below: 100) < awkwardPercent
            text += RandomPolicies.pick(isAwkward ? awkward : pieces, &random)
        }
        return text
    }

    /// Random keys and questions: the table answers as a dictionary does.
    @Test(arguments: 1...60)
    func findsWhatADictionaryFinds(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Tables of plain keys alone are asked differently from those with others among them.
        let awkwardPercent = seed.isMultiple(of: 3) ? 10 : 0
        var oracle: [String: Int] = [:]
        for number in 0..<random.next(below: 200) {
            oracle[Self.text(&random, awkwardPercent: awkwardPercent)] = number
        }
        let table = TextTable(oracle.map { ($0.key, $0.value) })
        #expect(table.isEmpty == oracle.isEmpty && table.count == oracle.count)
        var hits = 0
        for key in oracle.keys.sorted() + (0..<500).map({ _ in Self.text(&random, awkwardPercent: 15) }) {
            let found = table.entry(of: key)
            #expect(found == oracle[key], "seed \(seed), \(key.debugDescription)")
            if found != nil { hits += 1 }
        }
        #expect(hits >= oracle.count)
    }

    /// Where a pod writes a text in other bytes than the policy does it is another text, however the rule is found.
    @Test(arguments: [
        ("\u{e9}", "e\u{301}"), ("K", "\u{212a}"), ("\u{212a}", "K"), ("plain", "plain"), ("\u{e9}", "\u{e9}"),
        ("K", "K"),
    ])
    func rulesAreFoundByTheSameBytes(wanted: String, written: String) {
        let scheduler = Array(wanted.utf8) == Array(written.utf8) ? "s" : "binpack"
        var match = PolicyMatch()
        match.annotationSelector = LabelSelector(matchLabels: ["note": wanted])
        let rule = PolicyRule(name: "r", match: match, actions: PolicyActions(scheduler: "s"))
        var engine = PolicyEngine(PolicySet([SchedulingPolicy(name: "p", order: 1, rules: [rule])]))
        var pod = Pod(metadata: ObjectMeta(name: "pod", namespace: "default"), spec: PodSpec())
        pod.metadata.annotations["note"] = written
        #expect(engine.explain(pod).decision.route?.scheduler == scheduler)
        #expect(engine.decide(pod).route?.scheduler == scheduler)
        pod.metadata.annotations["note"] = "other"
        #expect(engine.decide(pod).route?.scheduler == "binpack")
    }
}
