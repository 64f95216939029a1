/// `\pL`, `\p{Lu}`, `\p{Greek}`: general categories, and the scripts that the standard library's data allows to name
/// by their blocks.
enum UnicodeClasses {
    /// The class of a name; nil where it is not known.
    static func named(_ name: String) -> CharacterClass? {
        if name == "Any" { return .any }
        if let script = scripts[name] { return CharacterClass(script) }
        let wanted = categories[name] ?? []
        return wanted.isEmpty ? nil : table.classes(of: wanted)
    }

    /// The categories of every code point as runs, made once: walking over Unicode takes milliseconds.
    private static let table = CategoryTable()

    private struct CategoryTable {
        private let runs: [(range: ClosedRange<UInt32>, category: Unicode.GeneralCategory)]

        init() {
            var runs = [(range: ClosedRange<UInt32>, category: Unicode.GeneralCategory)]()
            for code in 0...CharacterClass.last {
                let category = Unicode.Scalar(code)?.properties.generalCategory ?? .surrogate
                if let last = runs.last, last.category == category {
                    runs[runs.count - 1].range = last.range.lowerBound...code
                } else {
                    runs.append((code...code, category))
                }
            }
            self.runs = runs
        }

        func classes(of wanted: [Unicode.GeneralCategory]) -> CharacterClass {
            CharacterClass(runs.filter { wanted.contains($0.category) }.map(\.range))
        }
    }

    private static let categories: [String: [Unicode.GeneralCategory]] = {
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

    private static let scripts: [String: [ClosedRange<UInt32>]] = [
        "Latin": [
            0x41...0x5A, 0x61...0x7A, 0xAA...0xAA, 0xBA...0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2B8,
            0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA722...0xA787, 0xFF21...0xFF3A, 0xFF41...0xFF5A,
        ],
        "Greek": [
            0x370...0x373, 0x375...0x377, 0x37A...0x37D, 0x37F...0x37F, 0x384...0x384, 0x386...0x386,
            0x388...0x3E1, 0x3F0...0x3FF, 0x1F00...0x1FFE,
        ],
        "Cyrillic": [0x400...0x484, 0x487...0x52F, 0x1C80...0x1C8A, 0x2DE0...0x2DFF, 0xA640...0xA69F],
        "Hebrew": [0x591...0x5F4, 0xFB1D...0xFB4F],
        "Arabic": [
            0x600...0x604, 0x606...0x60B, 0x60D...0x61A, 0x61C...0x61E, 0x620...0x63F, 0x641...0x64A,
            0x656...0x66F, 0x671...0x6DC, 0x6DE...0x6FF, 0x750...0x77F,
        ],
        "Han": [
            0x2E80...0x2FD5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029, 0x3038...0x303B,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAD9, 0x20000...0x323AF,
        ],
        "Hiragana": [0x3041...0x3096, 0x309D...0x309F],
        "Katakana": [0x30A1...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF6F, 0xFF71...0xFF9D],
        "Hangul": [0x1100...0x11FF, 0x3131...0x318E, 0xAC00...0xD7A3],
        "Thai": [0xE01...0xE3A, 0xE40...0xE5B],
        "Devanagari": [0x900...0x950, 0x955...0x963, 0x966...0x97F],
    ]
}
