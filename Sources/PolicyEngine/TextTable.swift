import ClusterModel

/// Entries by text, for texts that are known when policies are compiled and looked up for every pod.
///
/// Looked up by the hash of plain bytes (`PlainText`), a fifth of what a dictionary's costs. Open addressing, at most half
/// full:
///
/// ```
///   slots    hash, place │ hash, place │ −1 │ …         power of two, at least twice the entries
///   entries  entry │ entry │ …                          in the order in which they were given
///   texts    text │ text │ …
/// ```
struct TextTable<Entry: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    struct Slot: Sendable {
        var hash: UInt64 = 0
        /// Where the entry stands, or −1 where the slot is free.
        var place: Int = -1
    }

    private let entries: FixedBuffer<Entry>
    private let texts: FixedBuffer<String>
    /// None where not all texts are plain ASCII.
    private let slots: FixedBuffer<Slot>
    /// By the length of a text in bytes, 63 standing for all beyond: the place of the only key of that length, `noPlace`, or
    /// `hashTells`. Most texts are no keys, and their length tells; of the others most are told by one comparison.
    ///
    /// Where a key holds a letter to which another than itself is equal, lengths tell nothing.
    private let byLength: FixedBuffer<Int32>
    /// Places by text, by which a text is looked up that is not plain ASCII: there two texts of different bytes may be
    /// equal.
    private let places: [String: Int]

    /// A table of texts, each with its entry.
    ///
    /// - Precondition: no two texts are equal.
    init(_ items: [(text: String, entry: Entry)]) {
        entries = FixedBuffer(items.map(\.entry))
        texts = FixedBuffer(items.map(\.text))
        slots = FixedBuffer(TextTable.slots(items.map(\.text)))
        byLength = FixedBuffer(TextTable.places(byLength: items.map(\.text)))
        places = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.text, $0) })
    }

    private static func slots(_ texts: [String]) -> [Slot] {
        var capacity = 4
        while capacity < 2 * texts.count { capacity *= 2 }
        var slots = [Slot](repeating: Slot(), count: capacity)
        for (place, text) in texts.enumerated() {
            guard let hash = PlainText.hash(text) else { return [] }
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while slots[slot].place >= 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = Slot(hash: hash, place: place)
        }
        return slots
    }

    private static func places(byLength texts: [String]) -> [Int32] {
        if texts.contains(where: PlainText.hasTwin) { return Array(repeating: hashTells, count: 64) }
        var places = [Int32](repeating: noPlace, count: 64)
        for (place, text) in texts.enumerated() {
            let length = min(text.utf8.count, 63)
            places[length] = places[length] == noPlace ? Int32(place) : hashTells
        }
        return places
    }

    /// How many entries there are.
    var count: Int { entries.count }

    /// Whether there are no entries.
    var isEmpty: Bool { entries.count == 0 }

    /// The entry at a place.
    subscript(place: Int) -> Entry { entries[place] }

    /// The text of the entry at a place.
    func text(at place: Int) -> String { texts[place] }

    /// Where the entry of a text stands, or nil where there is none.
    ///
    /// - Complexity: O(bytes of the text).
    func place(of text: String) -> Int? {
        let place = plainPlace(of: text)
        if place == Self.onlyPlacesTell { return places[text] }
        return place >= 0 ? place : nil
    }

    /// The entry of a text, or nil where there is none.
    ///
    /// - Complexity: O(bytes of the text).
    func entry(of text: String) -> Entry? {
        guard let place = place(of: text) else { return nil }
        return entries[place]
    }

    private static var noPlace: Int32 { -1 }
    private static var hashTells: Int32 { -2 }
    /// What `plainPlace` has for a text that has to be looked up by `place(of:)`.
    static var onlyPlacesTell: Int { -3 }

    /// Where the entry of a text stands: −1 where there is none, or `onlyPlacesTell`.
    ///
    /// It calls nothing that the compiler cannot see into, so that a loop over texts that asks it counts no references.
    @inline(__always)
    func plainPlace(of text: String) -> Int {
        let only = byLength[min(text.utf8.count, 63)]
        if only == Self.noPlace { return -1 }
        if only >= 0 { return texts[Int(only)] == text ? Int(only) : -1 }
        guard slots.count > 0, let hash = PlainText.hash(text) else { return Self.onlyPlacesTell }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot].place >= 0 {
            if slots[slot].hash == hash, texts[slots[slot].place] == text { return slots[slot].place }
            slot = (slot + 1) & mask
        }
        return -1
    }
}
