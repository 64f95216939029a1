import ClusterModel
import TextTable

/// Rows of text in columns that line up; numbers to the right.
///
/// Cells stay on their line, whatever is written in them.
struct Table {
    let titles: [String]
    private let rightAligned: Set<Int>
    private(set) var rows: [[String]] = []

    /// A table with the given columns; those whose title starts with `>` are aligned to the right.
    init(_ titles: [String]) {
        self.titles = titles.map { ($0.hasPrefix(">") ? String($0.dropFirst()) : $0).printable }
        self.rightAligned = Set(titles.indices.filter { titles[$0].hasPrefix(">") })
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ cells: [String]) {
        precondition(cells.count == titles.count, "a cell for every column")
        rows.append(cells.map(\.printable))
    }

    /// The table as text, without a newline at its end.
    var text: String {
        let columns = TextTable<[String]> { row in
            titles.indices.map { index in
                Column(
                    title: titles[index], value: row[index], align: rightAligned.contains(index) ? .right : .left)
            }
        }
        let text = columns.string(for: rows, style: Style.simple) ?? ""
        return text.split(separator: "\n").map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return "  " + line
        }.joined(separator: "\n")
    }
}
