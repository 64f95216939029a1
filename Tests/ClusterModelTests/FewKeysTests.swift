import ClusterModel
import Testing

@Suite struct FewKeysTests {
    private static let keys = [
        "", "a", "b", "app", "tier", "example.com/a", "example.com/b", "K", "\u{212a}", "\u{e9}",
    ]

    /// Few entries and many: what is looked up one by one is what the subscript has.
    @Test func findsWhatTheSubscriptFinds() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            var entries: [String: String] = [:]
            for _ in 0..<random.next(below: 14) {
                let key = Self.keys[random.next(below: Self.keys.count)]
                let number = random.next(below: 3)
                entries[number == 0 ? key : "\(key)\(number)"] = "\(random.next(below: 100))"
            }
            for key in Self.keys + entries.keys.sorted() {
                #expect(entries.value(ofKey: key) == entries[key], "\(entries), \(key)")
                let isPlain = key.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "K") }
                if isPlain { #expect(entries.value(ofPlainKey: key) == entries[key], "\(entries), \(key)") }
            }
            #expect(entries.keyLengths == entries.keys.reduce(0) { $0 | $1.lengthBit })
        }
    }

    @Test func lengthsBeyondTheLastBitShareIt() {
        #expect("".lengthBit == 1 && "abc".lengthBit == 8)
        let long = String(repeating: "a", count: 63)
        #expect(long.lengthBit == 1 << 63 && (long + long).lengthBit == 1 << 63)
    }
}
