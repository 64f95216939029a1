import ClusterModel
import Testing

@Suite struct NumberTableTests {
    /// What has the same hash is told apart by what it is.
    @Test func equalHashesAreToldApart() {
        var table = NumberTable()
        for number in 0..<200 { table.insert(number, hash: 7) }
        #expect((0..<200).allSatisfy { wanted in table.number(hash: 7) { $0 == wanted } == wanted })
        for number in stride(from: 0, to: 200, by: 2) { table.remove(hash: 7) { $0 == number } }
        #expect((0..<200).allSatisfy { wanted in (table.number(hash: 7) { $0 == wanted } == nil) == (wanted % 2 == 0) })
        #expect(table.number(hash: 8) { _ in true } == nil)
    }
}
