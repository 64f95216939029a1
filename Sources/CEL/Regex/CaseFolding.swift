/// Letters that differ only in case, as simple case folding has it: `k`, `K` and the Kelvin sign are one orbit.
enum CaseFolding {
    /// The ranges with every code point that is in an orbit with one of theirs, in no order.
    /// - Complexity: O(ranges · log letters + letters with cases among them).
    static func closed(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var closed = ranges
        for range in ranges {
            var position = firstPair(at: range.lowerBound)
            while position < pairs.count, pairs[position].code <= range.upperBound {
                closed.append(pairs[position].other...pairs[position].other)
                position += 1
            }
        }
        return closed
    }

    /// The position of the first pair whose code is not below the given one.
    private static func firstPair(at code: UInt32) -> Int {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            if pairs[middle].code < code { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where letters with cases stand. Between lie Han, Hangul, Tangut and the like, which take long to look through.
    private static let areas: [ClosedRange<UInt32>] = [
        0x41...0x33FF, 0xA640...0xABFF, 0xFB00...0x119FF, 0x16E00...0x16FFF, 0x1E900...0x1EFFF,
    ]

    /// The Turkish dotted İ and dotless ı, whose other cases hold in Turkish only: simple folding leaves them alone.
    private static let alone: Set<UInt32> = [0x130, 0x131]

    /// Each code point with every other of its orbit, in order. Made once: it takes milliseconds.
    ///
    /// Two letters are in one orbit where a chain of lower and upper cases leads from one to the other. Cases of more than
    /// one letter (ß and SS) are no simple ones.
    private static let pairs: [(code: UInt32, other: UInt32)] = {
        var parents = [UInt32: UInt32]()
        func root(_ code: UInt32) -> UInt32 {
            var code = code
            while let parent = parents[code], parent != code { code = parent }
            return code
        }
        for code in areas.joined() where !alone.contains(code) {
            guard let properties = Unicode.Scalar(code)?.properties, properties.changesWhenCaseMapped else { continue }
            for mapping in [properties.lowercaseMapping, properties.uppercaseMapping] {
                let scalars = mapping.unicodeScalars
                guard scalars.count == 1, let other = scalars.first?.value, other != code else { continue }
                let (mine, its) = (root(code), root(other))
                parents[mine] = its
                parents[its] = its
            }
        }
        let orbits = Dictionary(grouping: parents.keys, by: root).values
        let pairs = orbits.flatMap { orbit in
            orbit.flatMap { code in orbit.filter { $0 != code }.map { (code: code, other: $0) } }
        }
        return pairs.sorted { ($0.code, $0.other) < ($1.code, $1.other) }
    }()
}
