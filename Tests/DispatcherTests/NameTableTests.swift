import ClusterModel
import Testing

@testable import Dispatcher

/// The table against a dictionary.
@Suite struct NameTableTests {
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

    /// Names whose hashes agree are told apart by the names.
    @Test func equalHashesAreToldApart() {
        var table = NameTable()
        for number in 0..<200 { table.insert(number, hash: 7) }
        #expect((0..<200).allSatisfy { wanted in table.number(hash: 7) { $0 == wanted } == wanted })
        for number in stride(from: 0, to: 200, by: 2) { table.remove(hash: 7) { $0 == number } }
        #expect((0..<200).allSatisfy { wanted in (table.number(hash: 7) { $0 == wanted } == nil) == (wanted % 2 == 0) })
        #expect(table.number(hash: 8) { _ in true } == nil)
    }
}
