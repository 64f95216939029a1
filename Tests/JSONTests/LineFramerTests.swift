import ClusterModel
import JSON
import Testing

@Suite struct LineFramerTests {
    private enum Seen: Equatable {
        case line([UInt8])
        case overlong([UInt8], Int)
    }

    private static func collect(_ event: LineFramer.Event, _ seen: inout [Seen]) {
        switch event {
        case .line(let bytes): seen.append(.line(Array(bytes)))
        case .overlong(let prefix, let length): seen.append(.overlong(prefix, length))
        }
    }

    /// What the lines of a stream are, the obvious way.
    private static func oracle(_ stream: [UInt8], limit: Int) -> [Seen] {
        var lines = stream.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map {
            $0.count <= limit ? .line($0) : .overlong(Array($0.prefix(LineFramer.prefixBytes)), $0.count)
        }
    }

    @Test(arguments: 1...50) func findsTheSameLinesHoweverTheStreamIsSplit(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let limit = 1 + generator.next(below: 400)
            var stream: [UInt8] = []
            for _ in 0..<generator.next(below: 8) {
                let length = generator.next(below: generator.next(below: 3) == 0 ? 1_000 : 20)
                stream += (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                stream.append(0x0A)
            }
            if generator.next(below: 2) == 0 { stream += [1, 2, 3] }
            var framer = LineFramer(maxLineBytes: limit)
            var seen: [Seen] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let size = 1 + generator.next(below: generator.next(below: 2) == 0 ? 3 : 700)
                framer.push(Array(rest.prefix(size))) { Self.collect($0, &seen) }
                rest = rest.dropFirst(size)
                #expect(framer.pendingBytes <= stream.count)
            }
            framer.finish { Self.collect($0, &seen) }
            // Compared outside the macro, which would print thousands of bytes.
            let same = seen == Self.oracle(stream, limit: limit)
            #expect(same, "seed \(seed)")
            #expect(framer.pendingBytes == 0)
        }
    }

    @Test func reportsAnOverlongLineOnce() {
        var framer = LineFramer(maxLineBytes: 1_000)
        var seen: [Seen] = []
        let piece = [UInt8](repeating: 0x78, count: 64 << 10)
        for _ in 0..<1_024 { framer.push(piece) { Self.collect($0, &seen) } }
        #expect(seen.isEmpty)
        #expect(framer.pendingBytes == 64 << 20)
        framer.push(Array("end\nnext\n".utf8)) { Self.collect($0, &seen) }
        #expect(
            seen == [.overlong(Array(repeating: 0x78, count: 200), (64 << 20) + 3), .line(Array("next".utf8))])
    }

    @Test func keepsALineOfExactlyTheLimit() {
        var framer = LineFramer(maxLineBytes: 4)
        var seen: [Seen] = []
        framer.push(Array("ab".utf8)) { Self.collect($0, &seen) }
        framer.push(Array("cd\nabcde\n\n".utf8)) { Self.collect($0, &seen) }
        #expect(seen == [.line(Array("abcd".utf8)), .overlong(Array("abcde".utf8), 5), .line([])])
    }
}
