import ClusterModel
import Foundation
import Testing

/// The quantities of the Python examples are those of Kubernetes, exactly.
@Suite struct QuantityTests {
    /// Texts of every form, by a seed, and those that went wrong once.
    private static let texts: [String] = {
        var random = SeededGenerator(seed: 14)
        let suffixes = [
            "", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-2",
            "e+18",
            "e-12", "e999999999", "e-999999999",
        ]
        let known = [
            "15277216Ki", "0", "47093746742", "3920m", "0.5", ".5", "5.", "1e3", "1E", "1E3", "12E", "-3", "+7",
        ]
        return known
            + (0..<2_000).map { _ in
                let digits = Int.random(in: 1...[3, 9, 30][Int.random(in: 0..<3, using: &random)], using: &random)
                var text = (0..<digits).map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined()
                if Bool.random(using: &random) {
                    let place = text.index(text.startIndex, offsetBy: Int.random(in: 0...digits, using: &random))
                    text.insert(".", at: place)
                }
                let sign = ["", "", "-", "+"][Int.random(in: 0..<4, using: &random)]
                return sign + text + suffixes[Int.random(in: 0..<suffixes.count, using: &random)]
            }
    }()

    private func python(_ code: String, _ lines: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import sys; sys.path.insert(0, sys.argv[1])\n" + code, Fixture.python]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        Thread.detachNewThread {
            try? input.fileHandleForWriting.write(contentsOf: Data(lines.joined(separator: "\n").utf8))
            try? input.fileHandleForWriting.close()
        }
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func theSDKReadsThemAsKubernetesDoes() throws {
        let code = """
            from switchyard_rules import amount
            for line in sys.stdin: print(amount("cpu", line.rstrip("\\n")), amount("memory", line.rstrip("\\n")))
            """
        let answers = try python(code, Self.texts)
        try #require(answers.count == Self.texts.count)
        for (text, answer) in zip(Self.texts, answers) {
            let quantity = try #require(Quantity(text), "\(text)")
            #expect(answer == "\(quantity.milliValue) \(quantity.value)", "\(text)")
        }
    }

    @Test func whatIsNoQuantityIsRefused() throws {
        let wrong = ["", " ", "1K", "Ki", "1kk", "1i", "abc", "1ee3", "0x10", "1.2.3", "--1", "1 Gi", "１"]
        let code = """
            from switchyard_rules import amount
            for line in sys.stdin.read().split("\\n"):
                try: print("taken", amount("memory", line))
                except ValueError as error: print("refused" if "expected a quantity" in str(error) else error)
            """
        #expect(try python(code, wrong) == wrong.map { _ in "refused" })
        for text in wrong where text != "１" { #expect(Quantity(text) == nil, "\(text)") }
    }

    @Test func theMinimalSchedulerReadsThem() throws {
        let code = """
            import io
            lines, sys.stdin = sys.stdin.read().split("\\n"), io.TextIOWrapper(io.BytesIO(b""))
            from minimal import amount
            for line in lines: print(amount(line) * 10**9)
            """
        let texts = [
            "15277216Ki", "250m", "1.5Gi", "1e3", "1E3", "1E", "2Ei", "100n", "3u", "7", "1k", ".5", "47093746742",
        ]
        let answers = try python(code, texts)
        for (text, answer) in zip(texts, answers) { #expect(Quantity(text).map { "\($0.nanos)" } == answer, "\(text)") }
    }
}
