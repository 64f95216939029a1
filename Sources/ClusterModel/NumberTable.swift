/// Numbers by what they stand for: a hash table with open addressing that holds numbers alone.
///
/// ```
/// slot     32 bits of the hash, 32 bits of the number; −1 is empty, −2 was taken once
/// ```
///
/// What they stand for, such as the names of pods, stands in a table of the user's, which is asked when the bits of two hashes
/// agree. So a slot is 8 bytes, and to grow moves no names and hashes none.
public struct NumberTable: Sendable {
    @usableFromInline
    struct Slot: Sendable {
        @usableFromInline var hash: UInt32 = 0
        @usableFromInline var number: Int32 = NumberTable.empty

        @usableFromInline
        init(hash: UInt32 = 0, number: Int32 = NumberTable.empty) { (self.hash, self.number) = (hash, number) }
    }

    @usableFromInline static let empty: Int32 = -1
    private static let left: Int32 = -2

    @usableFromInline var slots = ContiguousArray(repeating: Slot(), count: 64)
    /// Slots that are not empty, those that were left included.
    private var used = 0
    private var live = 0

    /// A table without numbers.
    public init() {}

    /// The number under a hash for which `isMatch` holds, or nil.
    @inlinable
    public func number(hash: UInt32, _ isMatch: (Int) -> Bool) -> Int? {
        place(of: hash, isMatch).map { Int(slots[$0].number) }
    }

    /// Adds a number; no other may stand for the same.
    public mutating func insert(_ number: Int, hash: UInt32) {
        if (used + 1) * 4 > slots.count * 3 { resize() }
        let mask = slots.count - 1
        var place = Int(hash) & mask
        while slots[place].number >= 0 { place = (place + 1) & mask }
        if slots[place].number == NumberTable.empty { used += 1 }
        slots[place] = Slot(hash: hash, number: Int32(number))
        live += 1
    }

    /// Forgets the number under a hash for which `isMatch` holds; one that is not there is no error.
    public mutating func remove(hash: UInt32, _ isMatch: (Int) -> Bool) {
        guard let place = place(of: hash, isMatch) else { return }
        slots[place] = Slot(hash: 0, number: NumberTable.left)
        live -= 1
    }

    @inlinable
    func place(of hash: UInt32, _ isMatch: (Int) -> Bool) -> Int? {
        let mask = slots.count - 1
        var place = Int(hash) & mask
        while slots[place].number != NumberTable.empty {
            if slots[place].hash == hash, slots[place].number >= 0, isMatch(Int(slots[place].number)) { return place }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Makes room for more, or clears out what was left.
    private mutating func resize() {
        let old = slots
        let count = live * 2 > old.count ? old.count * 2 : old.count
        slots = ContiguousArray(repeating: Slot(), count: count)
        used = live
        let mask = count - 1
        for slot in old where slot.number >= 0 {
            var place = Int(slot.hash) & mask
            while slots[place].number >= 0 { place = (place + 1) & mask }
            slots[place] = slot
        }
    }
}
