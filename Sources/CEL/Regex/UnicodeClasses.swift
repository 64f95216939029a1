import Synchronization

/// `\pL`, `\p{Lu}`, `\p{Greek}`: general categories and scripts.
enum UnicodeClasses {
    /// A class as patterns ask for it.
    private struct Form: Hashable {
        let name: String
        let ignoresCase: Bool
        let isInverted: Bool
    }

    /// The classes that were asked for. There are some eight hundred forms, so it stays small; and each pattern that
    /// names one shares its ranges.
    private static let known = Mutex<[Form: CharacterClass]>([:])

    /// The class of a name, or all that is not in it; nil where the name is not known.
    ///
    /// Where case is ignored, what is not in the class is what no case of is.
    static func named(_ name: String, ignoresCase: Bool = false, isInverted: Bool = false) -> CharacterClass? {
        let form = Form(name: name, ignoresCase: ignoresCase, isInverted: isInverted)
        if let found = known.withLock({ $0[form] }) { return found }
        guard var set = plain(name) else { return nil }
        if ignoresCase { set = set.foldingCase }
        if isInverted { set = set.inverted }
        known.withLock { $0[form] = set }
        return set
    }

    private static func plain(_ name: String) -> CharacterClass? {
        if name == "Any" { return .any }
        if let script = UnicodeScripts.ranges(name) { return CharacterClass(script) }
        return categories[name].map { table.classes(of: $0) }
    }

    /// The categories of every code point as runs, made once: walking over Unicode takes tens of milliseconds.
    private static let table = CategoryTable()

    private struct CategoryTable {
        private let runs: [(range: ClosedRange<UInt32>, category: Unicode.GeneralCategory)]

        init() {
            var runs = [(range: ClosedRange<UInt32>, category: Unicode.GeneralCategory)]()
            func add(_ codes: ClosedRange<UInt32>) {
                let category = Unicode.Scalar(codes.lowerBound)?.properties.generalCategory ?? .surrogate
                if let last = runs.last, last.category == category {
                    runs[runs.count - 1].range = last.range.lowerBound...codes.upperBound
                } else {
                    runs.append((codes, category))
                }
            }
            for plane in UInt32(0)...16 {
                let start = plane << 16
                // From plane 4 on only the first rows of plane 14 differ within; the rest of a plane is of one category,
                // but for the last two code points, which are no characters.
                let differing: UInt32 = plane < 4 ? 0x10000 : (plane == 14 ? 0x200 : 0)
                for code in start..<(start + differing) { add(code...code) }
                if plane < 4 { continue }
                add((start + differing)...(start + 0xFFFD))
                add((start + 0xFFFE)...(start + 0xFFFF))
            }
            self.runs = runs
        }

        func classes(of wanted: [Unicode.GeneralCategory]) -> CharacterClass {
            CharacterClass(runs.filter { wanted.contains($0.category) }.map(\.range))
        }
    }

    static let categories: [String: [Unicode.GeneralCategory]] = {
        let single: [String: Unicode.GeneralCategory] = [
            "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter,
            "Lo": .otherLetter, "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark,
            "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber, "Pc": .connectorPunctuation,
            "Pd": .dashPunctuation, "Ps": .openPunctuation, "Pe": .closePunctuation, "Pi": .initialPunctuation,
            "Pf": .finalPunctuation, "Po": .otherPunctuation, "Sm": .mathSymbol, "Sc": .currencySymbol,
            "Sk": .modifierSymbol, "So": .otherSymbol, "Zs": .spaceSeparator, "Zl": .lineSeparator,
            "Zp": .paragraphSeparator, "Cc": .control, "Cf": .format, "Co": .privateUse, "Cs": .surrogate,
        ]
        var all = single.mapValues { [$0] }
        // A major category is the union of those that begin with its letter.
        for (name, category) in single { all[String(name.prefix(1)), default: []].append(category) }
        return all
    }()
}
