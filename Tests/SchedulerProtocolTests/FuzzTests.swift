import ClusterModel
import JSON
import ProtocolTestKit
import SchedulerProtocol
import Testing

/// Mutated lines: decoding never crashes; it answers a message or an error.
@Suite struct FuzzTests {
    @Test(arguments: 1...60) func mutatedBytesNeverCrash(seed: UInt64) {
        var messages = SeededMessages(seed: seed)
        var random = SeededGenerator(seed: seed)
        var refused = 0
        let lines =
            messages.dispatcherMessages().map(RoundTripTests.line)
            + messages.schedulerMessages().map(RoundTripTests.line)
        for line in lines {
            for _ in 0..<20 { refused += decodeBoth(mutated(line, &random)) }
        }
        #expect(refused > lines.count, "seed \(seed): mutations that are hardly ever refused test nothing")
    }

    @Test(arguments: 1...60) func mutatedTreesNeverCrash(seed: UInt64) throws {
        var messages = SeededMessages(seed: seed)
        var random = SeededGenerator(seed: seed)
        var refused = 0
        let lines =
            messages.dispatcherMessages().map(RoundTripTests.line)
            + messages.schedulerMessages().map(RoundTripTests.line)
        for line in lines {
            let tree = try Value(json: line)
            for _ in 0..<20 {
                var rate = 1
                refused += decodeBoth(Array(mutated(tree, &random, &rate).json.utf8))
            }
        }
        #expect(refused > 0, "seed \(seed)")
    }

    /// Decodes as either direction's message; how many of the two were refused. Errors must say something.
    private func decodeBoth(_ line: [UInt8]) -> Int {
        var refused = 0
        line.withUnsafeBytes { bytes in
            do throws(MessageError) { _ = try SchedulerMessage.decode(bytes) } catch {
                refused += 1
                #expect(!error.description.isEmpty)
            }
            do throws(MessageError) { _ = try DispatcherMessage.decode(bytes) } catch {
                refused += 1
                #expect(!error.description.isEmpty)
            }
        }
        return refused
    }

    private func mutated(_ line: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(line.dropLast())
        for _ in 0...random.next(below: 3) where !bytes.isEmpty {
            let place = random.next(below: bytes.count)
            switch random.next(below: 5) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(Array(#"{}[],:"-.e019"#.utf8)[random.next(below: 13)], at: place)
            case 3: bytes.removeLast(bytes.count - place)
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
            }
        }
        return bytes
    }

    /// The tree with about one value in it replaced by one of another kind.
    private func mutated(_ tree: Value, _ random: inout SeededGenerator, _ rate: inout Int) -> Value {
        if rate > 0, random.next(below: 6) == 0 {
            rate -= 1
            let others: [Value] = [
                .null, .bool(true), .int(-1), .int(.max), .double(1e300), .string("x"), .string("1e999999999999"),
                .array([]), .array([.int(1)]), .object([]), .object([.init("key", .int(3))]),
            ]
            return others[random.next(below: others.count)]
        }
        switch tree {
        case .array(let items): return .array(items.map { mutated($0, &random, &rate) })
        case .object(let fields):
            return .object(
                fields.map { $0.key == "type" ? $0 : Value.Field($0.key, mutated($0.value, &random, &rate)) })
        default: return tree
        }
    }
}
