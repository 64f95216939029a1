import ClusterModel
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        ("1", 1_000), ("250m", 250), ("0.5", 500), (".5", 500), ("1.", 1_000), ("1e3", 1_000_000), ("1E-3", 1),
        ("1Ki", 1_024_000), ("0.5Gi", 536_870_912_000), ("100u", 1), ("-2", -2_000), ("+3", 3_000), ("0", 0),
        ("1k", 1_000_000), ("0.0001m", 1),
    ])
    func readsThousandthsRoundedUp(text: String, milli: Int64) throws {
        #expect(try #require(Quantity(text)).milliValue == milli)
    }

    @Test(arguments: ["", " ", "m", "1.2.3", "1kk", "1 Gi", "0x10", "1e", "1e1.5", "--1", "1Kim", "NaN", "inf", "٣"])
    func refusesWhatIsNotAQuantity(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test func capsBeyondTheLargestValue() throws {
        #expect(try #require(Quantity("1e30")).value == .max)
        #expect(try #require(Quantity("99999999999999999999999999999999999999999")).value == .max)
        #expect(try #require(Quantity("16Ei")).value == .max)
        #expect(try #require(Quantity("-1e999999999")).value == -.max)
        #expect(try #require(Quantity("7Ei")).value == 7 << 60)
        #expect(try #require(Quantity("1e-400")).nanos == 1)
    }

    @Test(arguments: [
        ("1000m", "1"), ("1500m", "1500m"), ("1024Ki", "1Mi"), ("1536Mi", "1536Mi"), ("1000", "1k"), ("0.1", "100m"),
        ("1e3", "1e3"), ("0", "0"), ("110", "110"), ("12e6", "12e6"), ("0.5Ki", "512"),
    ])
    func writesCanonically(text: String, canonical: String) throws {
        #expect(try #require(Quantity(text)).description == canonical)
    }

    @Test func writtenFormReadsBackEqual() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1_000 {
            let number = Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator)
            let suffix = try #require(["n", "u", "m", "", "k", "M", "Ki", "Mi", "Gi", "e3"].randomElement())
            let quantity = try #require(Quantity("\(number)\(suffix)"))
            #expect(Quantity(quantity.description) == quantity, "\(number)\(suffix)")
        }
    }

    /// More digits than are kept, before a suffix that multiplies: those behind the point must not make it too large.
    @Test(arguments: [
        ("1.0000000000000000000000000000Ki", Int64(1_024)), ("1.00000000000000000000000000000000000Ei", 1 << 60),
        ("0.50000000000000000000000000000Mi", 1 << 19), ("2.99999999999999999999999999999Ti", 3 << 40),
        ("99999999999999999999999999999Ki", .max), ("9999999999999999999999999999.9Ei", .max),
        ("0.0000000000000000000000000001Ei", 1),
    ])
    func manyDigitsWithABinarySuffix(text: String, value: Int64) throws {
        #expect(try #require(Quantity(text)).value == value, "\(text)")
    }
}
