import ClusterModel

/// The numbers of pods by name: a hash table with open addressing that holds numbers alone.
///
/// ```
/// slot     32 bits of the name's hash, 32 bits of the number; −1 is empty, −2 was taken once
/// ```
///
/// The names stand in the pods' own table, which is asked when the bits of two hashes agree. So a slot is 8 bytes, and to
/// grow moves no names and hashes none.
struct NameTable {
    private struct Slot {
        var hash: UInt32 = 0
        var number: Int32 = NameTable.empty
    }

    private static let empty: Int32 = -1
    private static let left: Int32 = -2

    private var slots = ContiguousArray(repeating: Slot(), count: 64)
    /// Slots that are not empty, those that were left included.
    private var used = 0
    private var live = 0

    /// The number under a hash for which `isMatch` holds, or nil.
    func number(hash: UInt32, _ isMatch: (Int) -> Bool) -> Int? {
        place(of: hash, isMatch).map { Int(slots[$0].number) }
    }

    /// Adds a number; no other may stand under the same name.
    mutating func insert(_ number: Int, hash: UInt32) {
        if (used + 1) * 4 > slots.count * 3 { resize() }
        let mask = slots.count - 1
        var place = Int(hash) & mask
        while slots[place].number >= 0 { place = (place + 1) & mask }
        if slots[place].number == NameTable.empty { used += 1 }
        slots[place] = Slot(hash: hash, number: Int32(number))
        live += 1
    }

    /// Forgets the number under a hash for which `isMatch` holds; one that is not there is no error.
    mutating func remove(hash: UInt32, _ isMatch: (Int) -> Bool) {
        guard let place = place(of: hash, isMatch) else { return }
        slots[place] = Slot(hash: 0, number: NameTable.left)
        live -= 1
    }

    private func place(of hash: UInt32, _ isMatch: (Int) -> Bool) -> Int? {
        let mask = slots.count - 1
        var place = Int(hash) & mask
        while slots[place].number != NameTable.empty {
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
