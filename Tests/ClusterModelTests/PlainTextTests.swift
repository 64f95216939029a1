import ClusterModel
import Testing

@Suite struct PlainTextTests {
    @Test func everyByteCounts() {
        for length in 0...40 {
            let text = String(repeating: "a", count: length)
            var seen: Set<UInt64?> = [PlainText.hash(text)]
            for place in 0..<length {
                var bytes = Array(text.utf8)
                bytes[place] = UInt8(ascii: "b")
                seen.insert(PlainText.hash(String(decoding: bytes, as: UTF8.self)))
            }
            #expect(seen.count == length + 1 && !seen.contains(nil), "length \(length)")
            #expect(PlainText.hash(text + "\u{e9}") == nil)
        }
    }

    /// Texts that are equal have equal fingerprints though their bytes differ, and the order of a dictionary does not count.
    @Test func equalValuesHaveEqualFingerprints() {
        func fingerprint(_ labels: [String: String], cpu: Quantity) -> UInt32 {
            SchedulingSpec(labels: labels, requests: ["cpu": cpu, "memory": Quantity(1)]).fingerprint
        }
        let first = fingerprint(["a": "\u{e9}", "b": "2", "c": ""], cpu: Quantity(milli: 2000))
        #expect(first == fingerprint(["c": "", "b": "2", "a": "e\u{301}"], cpu: Quantity(2)))
        let others = [
            fingerprint(["a": "\u{e9}", "b": "2"], cpu: Quantity(2)),
            fingerprint(["b": "\u{e9}", "a": "2", "c": ""], cpu: Quantity(2)),
            fingerprint(["a": "\u{e9}", "b": "2", "c": ""], cpu: Quantity(milli: 2001)),
        ]
        #expect(Set(others).count == 3 && !others.contains(first))
    }
}
