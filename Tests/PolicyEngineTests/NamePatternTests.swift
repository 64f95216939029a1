import Testing

@testable import PolicyEngine

@Suite struct NamePatternTests {
    @Test(arguments: [
        ("team-a", "team-a", true), ("team-a", "team-b", false), ("team-*", "team-", true), ("team-*", "team-a", true),
        ("team-*", "steam-a", false), ("*", "", true), ("*", "x", true), ("?", "", false), ("?", "x", true),
        ("a?c", "abc", true), ("a?c", "ac", false), ("*-a-*", "x-a-a-y", true), ("*ab", "aab", true),
        ("*a*b", "xaxbx", false), ("", "", true), ("", "a", false),
    ])
    func matches(pattern: String, name: String, expected: Bool) {
        #expect(NamePattern(pattern).matches(name) == expected)
    }

    /// Every pattern of up to four characters against every name of up to four, by a definition that is plainly right.
    @Test func agreesWithTheDefinition() {
        func holds(_ pattern: Substring, _ name: Substring) -> Bool {
            guard let first = pattern.first else { return name.isEmpty }
            if first == "*" {
                return holds(pattern.dropFirst(), name) || (!name.isEmpty && holds(pattern, name.dropFirst()))
            }
            guard let letter = name.first, first == "?" || first == letter else { return false }
            return holds(pattern.dropFirst(), name.dropFirst())
        }
        let names = words("ab", upTo: 4)
        for pattern in words("ab*?", upTo: 4) {
            for name in names {
                #expect(NamePattern(pattern).matches(name) == holds(pattern[...], name[...]), "\(pattern) \(name)")
            }
        }
    }

    /// A pattern that is said to cover another matches all that the other matches.
    @Test func coversNothingFalsely() {
        let names = words("ab", upTo: 5)
        let patterns = words("ab*?", upTo: 3).map(NamePattern.init)
        let matched = patterns.map { pattern in Set(names.filter(pattern.matches)) }
        var covered = 0
        for (i, wide) in patterns.enumerated() {
            for (j, narrow) in patterns.enumerated() where wide.covers(narrow) {
                covered += 1
                #expect(matched[j].isSubset(of: matched[i]), "\(wide) \(narrow)")
            }
        }
        #expect(covered > patterns.count)
        #expect(NamePattern("team-*").covers(NamePattern("team-a-*")))
        #expect(!NamePattern("team-?").covers(NamePattern("team-*")))
    }

    private func words(_ letters: String, upTo length: Int) -> [String] {
        var all = [""]
        var last = [""]
        for _ in 0..<length {
            last = last.flatMap { word in letters.map { word + String($0) } }
            all += last
        }
        return all
    }

    @Test func findsTheWordMeant() {
        #expect(Spelling.nearest(to: "labelSelecter", among: PolicyMatch.keys) == "labelSelector")
        #expect(Spelling.nearest(to: "namespace", among: PolicyMatch.keys) == "namespaces")
        #expect(Spelling.nearest(to: "zebra", among: PolicyMatch.keys) == nil)
    }
}
