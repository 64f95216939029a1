extension Dictionary where Key == String {
    /// The value under a key, as the subscript has it; where there are few entries they are looked at one by one, which
    /// costs less than hashing the key.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func value(ofKey key: String) -> Value? {
        if count > fewKeys { return self[key] }
        let place = place(amongFew: key)
        return place < 0 ? nil : value(atPlace: place)
    }

    /// The value under a key of the same bytes; to the subscript canonically equivalent keys are equal.
    ///
    /// - Complexity: O(bytes of the key).
    public func exactValue(ofKey key: String) -> Value? {
        guard PlainText.hasTwin(key) else { return value(ofKey: key) }
        guard let place = index(forKey: key), PlainText.isSame(self[place].key, key) else { return nil }
        return self[place].value
    }

    /// `value(ofKey:)` for a key of small ASCII letters, digits and `-./_`, to which no text but itself is equal: keys of
    /// other lengths are passed over without a look.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func value(ofPlainKey key: String) -> Value? {
        if count > fewKeys { return self[key] }
        let place = place(amongFew: key, length: key.utf8.count)
        return place < 0 ? nil : value(atPlace: place)
    }

    /// The lengths of the keys in bytes, a bit for each as `String.lengthBit` has it: a key of another length is not there.
    ///
    /// - Complexity: O(count).
    @inlinable
    public var keyLengths: UInt64 {
        if isEmpty { return 0 }
        var lengths: UInt64 = 0
        for key in keys { lengths |= key.lengthBit }
        return lengths
    }

    // Apart from what hands out a value: a loop over keys that only looks, and calls nothing that might change what it
    // looks at, counts no references, and most keys are not there.

    /// How many entries stand before the one of a key, or −1 where there is none.
    @inlinable @inline(never)
    func place(amongFew key: String) -> Int {
        var place = 0
        for candidate in keys {
            if candidate == key { return place }
            place += 1
        }
        return -1
    }

    @inlinable @inline(never)
    func place(amongFew key: String, length: Int) -> Int {
        var place = 0
        for candidate in keys {
            if candidate.utf8.count == length, candidate == key { return place }
            place += 1
        }
        return -1
    }

    @inlinable @inline(never)
    func value(atPlace place: Int) -> Value? {
        var left = place
        for value in values {
            if left == 0 { return value }
            left -= 1
        }
        return nil
    }
}

extension String {
    /// The bit of the text's length in bytes, the last one for 63 and more.
    @inlinable
    public var lengthBit: UInt64 { 1 << UInt64(truncatingIfNeeded: Swift.min(utf8.count, 63)) }
}

/// How many entries of a dictionary are looked at one by one.
@inlinable var fewKeys: Int { 8 }
