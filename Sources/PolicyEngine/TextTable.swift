import ClusterModel

/// Entries by text, for texts that are known when policies are compiled and looked up for every pod.
///
/// Looked up by the hash of plain bytes (`PlainText`), a fifth of what a dictionary's costs. Open addressing, at most half
/// full:
///
/// ```
///   slots    hash, place │ hash, place │ −1 │ …         power of two, at least twice the entries
///   entries  text, entry │ text, entry │ …              in the order in which they were added
/// ```
struct TextTable<Entry: Sendable>: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        /// Where the entry stands, or −1 where the slot is free.
        var place: Int = -1
    }

    /// The entries by their place.
    private(set) var entries: ContiguousArray<Entry> = []
    private var texts: ContiguousArray<String> = []
    private var slots: ContiguousArray<Slot> = []
    /// Places by text, by which a text is looked up that is not plain ASCII: there two texts of different bytes may be
    /// equal.
    private var places: [String: Int] = [:]
    /// Whether all keys are plain ASCII.
    private var isPlain = true
    /// By the length of a text in bytes, 63 standing for all beyond: the place of the only key of that length, `noPlace`, or
    /// `hashTells`. Most texts are no keys, and their length tells; of the others most are told by one comparison.
    ///
    /// Where a key holds a letter to which another than itself is equal, lengths tell nothing. Empty where no key is.
    private var byLength: ContiguousArray<Int32> = []

    /// Whether there are no entries.
    var isEmpty: Bool { entries.isEmpty }

    /// Changes the entry of a text, or the one that it then gets.
    mutating func update(_ text: String, default fresh: Entry, _ change: (inout Entry) -> Void) {
        if let place = places[text] { return change(&entries[place]) }
        places[text] = entries.count
        entries.append(fresh)
        texts.append(text)
        change(&entries[entries.count - 1])
        if byLength.isEmpty { byLength = ContiguousArray(repeating: Self.noPlace, count: 64) }
        let length = min(text.utf8.count, 63)
        if PlainText.hasTwin(text) {
            for length in byLength.indices { byLength[length] = Self.hashTells }
        } else {
            byLength[length] = byLength[length] == Self.noPlace ? Int32(texts.count - 1) : Self.hashTells
        }
        if PlainText.hash(text) == nil { isPlain = false }
        if isPlain { rebuild() }
    }

    private mutating func rebuild() {
        var capacity = 4
        while capacity < 2 * texts.count { capacity *= 2 }
        guard capacity > slots.count else { return insert(texts.count - 1) }
        slots = ContiguousArray(repeating: Slot(), count: capacity)
        for place in texts.indices { insert(place) }
    }

    private mutating func insert(_ place: Int) {
        guard let hash = PlainText.hash(texts[place]) else { preconditionFailure("only plain texts have slots") }
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot].place >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Slot(hash: hash, place: place)
    }

    /// Where the entry of a text stands among `entries`, or nil where there is none.
    ///
    /// - Complexity: O(bytes of the text).
    func place(of text: String) -> Int? {
        let place = plainPlace(of: text)
        if place == Self.onlyPlacesTell { return places[text] }
        return place >= 0 ? place : nil
    }

    private static var noPlace: Int32 { -1 }
    private static var hashTells: Int32 { -2 }
    /// What `plainPlace` has for a text that has to be looked up in `places`.
    static var onlyPlacesTell: Int { -3 }

    /// Where the entry of a text stands without a look at `places`: −1 where there is none, or `onlyPlacesTell`.
    ///
    /// It calls nothing that the compiler cannot see into, so that a loop over texts that asks it counts no references.
    @inline(__always)
    func plainPlace(of text: String) -> Int {
        if byLength.isEmpty { return -1 }
        let only = byLength[min(text.utf8.count, 63)]
        if only == Self.noPlace { return -1 }
        if only >= 0 { return texts[Int(only)] == text ? Int(only) : -1 }
        guard isPlain, let hash = PlainText.hash(text) else { return Self.onlyPlacesTell }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot].place >= 0 {
            if slots[slot].hash == hash, texts[slots[slot].place] == text { return slots[slot].place }
            slot = (slot + 1) & mask
        }
        return -1
    }
}
