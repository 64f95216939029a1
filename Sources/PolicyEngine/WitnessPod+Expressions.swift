import ClusterModel

extension WitnessPod {
    /// Tries to change the pod so that expressions hold too, by what stands in their text: the keys that they look up, the
    /// words and the numbers that they compare with.
    ///
    /// No more than a guess, tried by evaluating; gives up after `PolicyLimits.witnessTrials`, or those that are left.
    mutating func meetExpressions(of conditions: [Condition], _ left: Allowance) {
        let sources = conditions.compactMap { condition -> String? in
            guard case .expression(let expression) = condition.test else { return nil }
            return expression.scope.definitions.map(\.expression).joined(separator: "\n") + "\n" + expression.source
        }
        guard !sources.isEmpty, !meets(conditions) else { return }
        let words = ExpressionWords(sources.joined(separator: "\n"))
        let allowed = min(left.left, PolicyLimits.witnessTrials)
        var trials = allowed
        _ = search(words.guesses, from: 0, conditions, depth: 3, &trials)
        left.left -= allowed - max(trials, 0)
    }

    /// Goes through combinations of at most `depth` guesses; stops at the first that works, or out of trials.
    private mutating func search(
        _ guesses: [ExpressionWords.Guess], from first: Int, _ conditions: [Condition], depth: Int, _ trials: inout Int
    ) -> Bool {
        for index in guesses.indices.dropFirst(first) {
            var next = self
            next.apply(guesses[index])
            trials -= 1
            if trials < 0 { return false }
            if next.meets(conditions)
                || (depth > 1
                    && next.search(guesses, from: index + 1, conditions, depth: depth - 1, &trials))
            {
                self = next
                return true
            }
        }
        return false
    }

    private mutating func apply(_ guess: ExpressionWords.Guess) {
        switch guess {
        case .label(let key, let value): pod.metadata.labels[key] = value
        case .annotation(let key, let value): pod.metadata.annotations[key] = value
        case .nodeSelector(let key, let value): pod.spec.nodeSelector[key] = value
        case .name(let name): pod.metadata.name = name
        case .image(let image): pod.spec.containers[0].image = image
        case .priority(let number): pod.spec.priority = number
        case .groupSize(let members):
            if pod.spec.schedulingGroup == nil { pod.spec.schedulingGroup = "example" }
            minMember = members
        }
    }
}

/// What stands in the text of expressions, as guesses about a pod that meets them.
private struct ExpressionWords {
    /// One thing about a pod.
    enum Guess {
        case label(String, String)
        case annotation(String, String)
        case nodeSelector(String, String)
        case name(String)
        case image(String)
        case priority(Int32)
        case groupSize(Int)
    }

    let guesses: [Guess]

    init(_ source: String) {
        var texts: [String] = []
        for match in source.matches(of: /'([^'\\\n]{0,200})'|"([^"\\\n]{0,200})"/) {
            let text = String(match.output.1 ?? match.output.2 ?? "")
            if !texts.contains(text) { texts.append(text) }
        }
        // The shortest texts that begin with a word, and that end with it.
        let values = (texts + texts.map { $0 + "x" } + ["true", "1", "2"]).prefix(24)
        var guesses: [Guess] = []
        func add(_ field: String, _ make: (String, String) -> Guess) {
            guard source.contains(field) else { return }
            var keys = texts.filter { !$0.isEmpty }
            if let dotted = try? Regex("\(field)\\.\\??([A-Za-z_][A-Za-z0-9_]*)") {
                for match in source.matches(of: dotted) {
                    if let key = match.output[1].substring.map(String.init), !keys.contains(key) { keys.append(key) }
                }
            }
            for key in keys where MetadataText.isKey(key) { for value in values { guesses.append(make(key, value)) } }
        }
        add("labels") { .label($0, $1) }
        add("annotations") { .annotation($0, $1) }
        add("nodeSelector") { .nodeSelector($0, $1) }
        if source.contains("metadata.name") { guesses += values.map { .name($0) } }
        if source.contains("image") { guesses += values.map { .image($0) } }
        let numbers = source.matches(of: /[0-9]{1,9}/).prefix(8).compactMap { Int32($0.output) }
        for number in numbers {
            for near in [number, number + 1, number - 1] {
                if source.contains("priority") { guesses.append(.priority(near)) }
                if source.contains("podGroup"), near > 0 { guesses.append(.groupSize(Int(near))) }
            }
        }
        if source.contains("podGroup") { guesses.append(.groupSize(1)) }
        self.guesses = guesses
    }
}
