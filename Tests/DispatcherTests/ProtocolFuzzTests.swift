import ClusterModel
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// Messages of every type with extreme, wrong and right values in every place, as lines through the decoder.
@Suite struct ProtocolFuzzTests {
    /// Lines in all.
    private static let lines = 200_000
    private static let seeds = Array(1...UInt64(20))

    @Test(arguments: seeds) func nothingThatASchedulerSaysEndsTheDispatcher(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var limits = Limits()
        // It is to be heard for long, so it is not killed for what it says.
        limits.badLineBalance = 1 << 30
        limits.refusalBackoffSeconds = 1e-6
        var theatre = Theatre(["evil", "other"], nodes: 4, limits: limits)
        theatre.dispatcher.handle(
            .groupChanged(PodGroup(metadata: ObjectMeta(name: "gang", namespace: "default"), minMember: 2)),
            at: theatre.now)
        let abilities = Ready.Capabilities(rawValue: UInt8(seed % 64))
        var left = Self.lines / Self.seeds.count
        var pod = 0
        while left > 0 {
            let group = pod % 5 == 0 ? ObjectKey(namespace: "default", name: "gang") : nil
            theatre.arrive(
                3, milli: Int64(pod % 7) * 100, to: pod % 2 == 0 ? "evil" : "other", group: group,
                shadow: pod % 3 == 0 ? "other" : nil, priority: Int32(pod % 4))
            pod += 3
            _ = theatre.run(seconds: 0.01, messages: .max) { _, message in
                var acts = politely(message)
                if case .hello = message { acts = [.say(.ready(Ready(window: 32, capabilities: abilities)))] }
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    acts.append(.write(ProtocolFuzzTests.line(&random)))
                    left -= 1
                }
                if Int.random(in: 0..<200, using: &random) == 0 { acts.append(.crash) }
                return acts
            }
            for _ in 0..<20 {
                theatre.dispatcher.handle(
                    .received(scheduler: 0, .pong(Int.random(in: .min ... .max, using: &random))), at: theatre.now)
                left -= 1
            }
            theatre.now = theatre.now.advanced(bySeconds: 0.01)
            theatre.dispatcher.checkInvariants()
        }
    }

    private static let numbers = [
        "0", "1", "2", "3", "4", "5", "7", "-1", "63", "64", "65", "2147483647", "2147483648", "-2147483648",
        "4294967295", "4294967296", "268435456", "268435457", "1099511627776", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "1e308", "1.5", "-0.0", "1e-400",
    ]
    private static let wrong = ["null", "true", "\"x\"", "{}", "[]", "[[]]", "\"\"", "[null]", "\"💥\""]

    /// Mostly a number that may stand there, sometimes one that may not, seldom no number.
    private static func number(_ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<70: String(Int.random(in: 0..<40, using: &random))
        case 70..<97: numbers.randomElement(using: &random) ?? "0"
        default: wrong.randomElement(using: &random) ?? "0"
        }
    }

    private static func list(_ random: inout SeededGenerator, _ item: (inout SeededGenerator) -> String) -> String {
        "[" + (0..<Int.random(in: 0...4, using: &random)).map { _ in item(&random) }.joined(separator: ",") + "]"
    }

    private static func placement(_ random: inout SeededGenerator) -> String {
        let devices = Int.random(in: 0..<5, using: &random) == 0 ? "," + list(&random, number) : ""
        return "[\(number(&random)),\(number(&random))\(devices)]"
    }

    private static func run(_ random: inout SeededGenerator) -> String {
        "[" + (0..<Int.random(in: 0...5, using: &random)).map { _ in number(&random) }.joined(separator: ",") + "]"
    }

    static func line(_ random: inout SeededGenerator) -> String {
        let revision = Int.random(in: 0..<3, using: &random) == 0 ? #","revision":"# + number(&random) : ""
        let text: String
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: text = #"{"type":"place"\#(revision),"pods":\#(list(&random, placement))}"#
        case 2: text = #"{"type":"place"\#(revision),"runs":\#(list(&random, run))}"#
        case 3, 4:
            let victims = Int.random(in: 0..<3, using: &random) == 0 ? #","victims":"# + list(&random, number) : ""
            let pods = list(&random, placement)
            text = #"{"type":"transaction","id":\#(number(&random))\#(revision)\#(victims),"pods":\#(pods)}"#
        case 5, 6:
            let reasons = #"{"Insufficient cpu":\#(number(&random)),"":\#(number(&random))}"#
            text = #"{"type":"unschedulable"\#(revision),"pods":\#(list(&random, number)),"reasons":\#(reasons)}"#
        case 7:
            let groups = list(&random, number)
            text = #"{"type":"hold","pods":\#(list(&random, number)),"groups":\#(groups),"reason":"later"}"#
        case 8, 9:
            let victims = list(&random, number)
            let broken = Bool.random(using: &random) ? #","violations":"# + number(&random) : ""
            let (pod, node) = (number(&random), number(&random))
            text = #"{"type":"preempt"\#(revision)\#(broken),"pod":\#(pod),"node":\#(node),"victims":\#(victims)}"#
        case 10: text = #"{"type":"ready","protocol":1,"window":\#(number(&random)),"capabilities":["echo","runs"]}"#
        default: text = #"{"type":"explanation","id":\#(number(&random)),"explanation":\#(number(&random))}"#
        }
        return Int.random(in: 0..<50, using: &random) == 0 ? String(text.dropLast(3)) : text
    }
}
