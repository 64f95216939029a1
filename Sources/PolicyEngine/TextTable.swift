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

    /// Whether there are no entries.
    var isEmpty: Bool { entries.isEmpty }

    /// Changes the entry of a text, or the one that it then gets.
    mutating func update(_ text: String, default fresh: Entry, _ change: (inout Entry) -> Void) {
        if let place = places[text] { return change(&entries[place]) }
        places[text] = entries.count
        entries.append(fresh)
        texts.append(text)
        change(&entries[entries.count - 1])
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
        if entries.isEmpty { return nil }
        guard isPlain, let hash = PlainText.hash(text) else { return places[text] }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot].place >= 0 {
            if slots[slot].hash == hash, texts[slots[slot].place] == text { return slots[slot].place }
            slot = (slot + 1) & mask
        }
        return nil
    }
}
