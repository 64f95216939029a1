import Dispatcher

/// What was noteworthy in a run, each text once with how often; as much of it as anybody reads.
///
/// What the dispatcher says and what each scheduler writes to its log have limits of their own, so that one that writes
/// much drowns neither the others nor the memory.
struct NoteBook {
    private struct Shelf {
        var counts: [String: Int] = [:]
        /// Texts that found no room any more, counted.
        var leftOut = 0
    }

    private let limits: Limits
    private var shelves: [String: Shelf] = [:]
    private var order: [(shelf: String, text: String)] = []

    init(_ limits: Limits) { self.limits = limits }

    /// Takes in what the dispatcher says.
    mutating func add(_ text: String) { add(text, to: "", most: limits.notesKept) }

    /// Takes in a line that a scheduler wrote to stderr.
    mutating func add(errorLine line: String, of scheduler: String) {
        add("scheduler \(scheduler) on stderr: \(line)", to: scheduler, most: limits.errorNotesKept)
    }

    private mutating func add(_ text: String, to name: String, most: Int) {
        let text = text.shortened(toBytes: limits.noteBytes)
        if shelves[name, default: Shelf()].counts[text] != nil {
            shelves[name]?.counts[text, default: 0] += 1
        } else if shelves[name, default: Shelf()].counts.count < most {
            shelves[name, default: Shelf()].counts[text] = 1
            order.append((name, text))
        } else {
            shelves[name]?.leftOut += 1
        }
    }

    /// The texts in the order in which they came, then how many were left out.
    var all: [(text: String, count: Int)] {
        let kept = order.map { ($0.text, shelves[$0.shelf]?.counts[$0.text] ?? 0) }
        let leftOut = shelves.sorted { $0.key < $1.key }.filter { $0.value.leftOut > 0 }.map { name, shelf in
            name.isEmpty
                ? ("further notes are left out", shelf.leftOut)
                : ("scheduler \(name) on stderr: further lines are left out", shelf.leftOut)
        }
        return kept + leftOut
    }
}
