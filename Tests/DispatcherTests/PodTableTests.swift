import ClusterModel
import Testing

@testable import Dispatcher

/// The pods by name against a dictionary.
@Suite struct PodTableTests {
    @Test(arguments: 1...20) func itAnswersAsADictionaryDoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = PodTable()
        var expected: [ObjectKey: Int] = [:]
        for step in 0..<4_000 {
            let key = ObjectKey(
                namespace: "team-\(random.next(below: 3))", name: "web-\(random.next(below: step / 4 + 2))")
            switch random.next(below: 3) {
            case 0:
                if let number = expected.removeValue(forKey: key) { table.forgetName(of: number) }
            default:
                let record = PodRecord(
                    state: .queued, spec: 0, group: -1, scheduler: -1, priority: 0, route: 0, arrived: 0)
                let number = table.append(record, key: key)
                #expect((number == nil) == (expected[key] != nil), "seed \(seed), step \(step)")
                if let number { expected[key] = number }
            }
            #expect(table.number(of: key) == expected[key], "seed \(seed), step \(step)")
        }
        for (key, number) in expected { #expect(table.number(of: key) == number, "seed \(seed)") }
    }
}
