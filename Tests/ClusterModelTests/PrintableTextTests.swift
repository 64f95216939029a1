import ClusterModel
import Testing

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("", ""), ("plain text", "plain text"),
        ("日本 é \u{1F469}\u{200D}\u{1F4BB} \u{5E9}", "日本 é \u{1F469}\u{200D}\u{1F4BB} \u{5E9}"),
        ("a\u{1B}[31mb", "a\\u001b[31mb"), ("a\u{0}\u{7}\u{8}\u{7F}", "a\\u0000\\u0007\\u0008\\u007f"),
        ("\u{9B}31m\u{85}", "\\u009b31m\\u0085"), ("\u{202E}x\u{2066}", "\\u202ex\\u2066"),
        ("a\u{2028}b\u{2029}", "a\\u2028b\\u2029"), ("a\r\nb\tc", "a\\r\\nb\\tc"), ("\u{10FFF0}", "\\udbff\\udff0"),
        ("\u{10FFF}", "\u{10FFF}"), ("back\\slash", "back\\slash"),
    ])
    func isOneLineThatMovesNothing(text: String, shown: String) { #expect(text.printable == shown) }

    @Test func keepsLinesWhereThereAreSeveral() {
        #expect("a\nb\r\n\u{1B}c".printableLines == "a\nb\\r\n\\u001bc")
        #expect("a\nb".printableLines == "a\nb")
    }

    /// Every character: shown as it is, or written out in printable ASCII.
    @Test func leavesNoControlCharacter() {
        for value in UInt32(0)...0x2FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = String(scalar).printable.unicodeScalars
            let category = scalar.properties.generalCategory
            if category == .control || category == .lineSeparator || category == .paragraphSeparator {
                #expect(shown.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F } && shown.count >= 2, "\(value)")
            }
        }
    }
}
