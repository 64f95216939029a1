import ClusterModel

extension ObjectReader {
    /// Refuses fields that are not among these, so that a misspelt one is not passed over.
    func expectOnly(_ names: String...) throws(FieldError) {
        for field in fields where !names.contains(field.key) {
            throw FieldError(
                path: FieldPath(field.key), expected: "one of \(names.sorted().joined(separator: ", "))",
                found: "an unknown field")
        }
    }

    /// The number under `key`, whole or not, which must lie in `range`.
    func number(_ key: String, in range: ClosedRange<Double>) throws(FieldError) -> Double? {
        try optional(key) { value throws(FieldError) in
            let number: Double
            switch value {
            case .int(let whole): number = Double(whole)
            case .double(let fraction): number = fraction
            default: throw FieldError(expected: "a number", found: value.summary)
            }
            guard range.contains(number) else {
                let bound = range.upperBound == .infinity ? "of at least \(range.lowerBound)" : "in \(range)"
                throw FieldError(expected: "a number \(bound)", found: "\(number)")
            }
            return number
        }
    }

    /// How many of something, at least `least`.
    func count(_ key: String, least: Int = 0) throws(FieldError) -> Int? {
        try int(key, in: Int64(least)...BenchmarkLimits.maxCount).map { Int($0) }
    }

    /// A count that must be stated.
    func requiredCount(_ key: String, least: Int = 0) throws(FieldError) -> Int {
        guard let count = try count(key, least: least) else {
            throw FieldError(
                path: FieldPath(key), expected: "a whole number or the name of a parameter", found: "nothing")
        }
        return count
    }
}
