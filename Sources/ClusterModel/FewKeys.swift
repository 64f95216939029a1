extension Dictionary where Key == String {
    /// The value under a key, as the subscript has it; where there are few entries they are looked at one by one, which
    /// costs less than hashing the key.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func value(ofKey key: String) -> Value? {
        if count > fewKeys { return self[key] }
        for (candidate, value) in self where candidate == key { return value }
        return nil
    }

    /// `value(ofKey:)` for a key of small ASCII letters, digits and `-./_`, to which no text but itself is equal: keys of
    /// other lengths are passed over without a look.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func value(ofPlainKey key: String) -> Value? {
        if count > fewKeys { return self[key] }
        let length = key.utf8.count
        for (candidate, value) in self where candidate.utf8.count == length && candidate == key { return value }
        return nil
    }
}

/// How many entries of a dictionary are looked at one by one.
@inlinable var fewKeys: Int { 8 }
