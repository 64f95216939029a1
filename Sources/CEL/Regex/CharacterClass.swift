/// A set of code points: sorted, disjoint ranges.
struct CharacterClass: Equatable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>]

    static let last: UInt32 = 0x10FFFF

    init(_ ranges: [ClosedRange<UInt32>]) {
        self.ranges = CharacterClass.merged(ranges)
    }

    private init(sorted ranges: [ClosedRange<UInt32>]) {
        self.ranges = ranges
    }

    static func one(_ code: UInt32) -> CharacterClass { CharacterClass([code...code]) }

    static let any = CharacterClass([0...last])
    static let anyButLineFeed = CharacterClass([0...9, 11...last])
    static let digit = CharacterClass([0x30...0x39])
    static let word = CharacterClass([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = CharacterClass([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])

    private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result = [ClosedRange<UInt32>]()
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound &+ 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    var inverted: CharacterClass {
        var result = [ClosedRange<UInt32>]()
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= CharacterClass.last { result.append(next...CharacterClass.last) }
        return CharacterClass(sorted: result)
    }

    /// With every other case of every letter.
    var foldingCase: CharacterClass {
        let closed = CaseFolding.closed(ranges)
        return closed.count == ranges.count ? self : CharacterClass(closed)
    }

    /// Whether two classes are the same, as far as that is quick to see: large ones where they are copies of one.
    func isQuicklyEqual(to other: CharacterClass) -> Bool {
        guard ranges.count == other.ranges.count else { return false }
        if ranges.count <= 64 { return ranges == other.ranges }
        return ranges.withUnsafeBufferPointer { mine in
            other.ranges.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress }
        }
    }

    func contains(_ code: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < code {
                low = middle + 1
            } else if ranges[middle].lowerBound > code {
                high = middle
            } else {
                return true
            }
        }
        return false
    }

    /// `[:alpha:]` and its like.
    static func posix(_ name: String) -> CharacterClass? {
        switch name {
        case "alnum": CharacterClass([0x30...0x39, 0x41...0x5A, 0x61...0x7A])
        case "alpha": CharacterClass([0x41...0x5A, 0x61...0x7A])
        case "ascii": CharacterClass([0...0x7F])
        case "blank": CharacterClass([0x09...0x09, 0x20...0x20])
        case "cntrl": CharacterClass([0...0x1F, 0x7F...0x7F])
        case "digit": digit
        case "graph": CharacterClass([0x21...0x7E])
        case "lower": CharacterClass([0x61...0x7A])
        case "print": CharacterClass([0x20...0x7E])
        case "punct": CharacterClass([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])
        case "space": CharacterClass([0x09...0x0D, 0x20...0x20])
        case "upper": CharacterClass([0x41...0x5A])
        case "word": word
        case "xdigit": CharacterClass([0x30...0x39, 0x41...0x46, 0x61...0x66])
        default: nil
        }
    }
}
