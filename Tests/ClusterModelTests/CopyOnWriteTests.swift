import ClusterModel
import Testing

@Suite struct CopyOnWriteTests {
    private struct Holder: Hashable {
        @CopyOnWrite var names: [String]
    }

    @Test func aCopyIsOnesOwnOnceItIsChanged() {
        let first = Holder(names: ["a"])
        var second = first
        #expect(second.$names.isShared(with: first.$names) && second == first)
        second.names.append("b")
        #expect(first.names == ["a"] && second.names == ["a", "b"])
        #expect(!second.$names.isShared(with: first.$names) && second != first)
    }

    @Test func equalValuesAreEqualWhereverTheyStand() {
        let (first, second) = (Holder(names: ["a"]), Holder(names: ["a"]))
        #expect(!first.$names.isShared(with: second.$names))
        #expect(first == second && first.hashValue == second.hashValue)
    }
}
