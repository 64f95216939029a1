import ClusterModel
import Manifests

/// The rows of a CSV file of the plain sort that traces come in: commas, no quotes, names of the columns in the first line.
struct CSVTable {
    /// The file as the user named it.
    let file: String
    private let columns: [String: Int]
    private let lines: [(number: Int, fields: [Substring])]

    /// Reads a file that has at least the given columns and one row.
    init(path: String, columns needed: [String]) throws(InputError) {
        try self.init(
            text: String(decoding: SourceReader.bytes(path: path), as: UTF8.self), file: path, columns: needed)
    }

    /// Reads a text; `file` names it in errors.
    init(text: String, file: String, columns needed: [String]) throws(InputError) {
        self.file = file
        var lines: [(number: Int, fields: [Substring])] = []
        for (index, bytes) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let line = Substring(bytes.last == 0x0D ? bytes.dropLast() : bytes)
            guard !line.isEmpty else { continue }
            guard !line.utf8.contains(UInt8(ascii: "\"")) else {
                throw InputError(
                    .syntax, file: file, line: index + 1, expected: "fields without quotes", found: "a quote")
            }
            lines.append((index + 1, line.split(separator: ",", omittingEmptySubsequences: false)))
        }
        guard let header = lines.first, lines.count > 1 else {
            throw InputError(
                .empty, file: file, expected: "the names of the columns and at least one row", found: "none")
        }
        self.columns = Dictionary(header.fields.enumerated().map { (String($1), $0) }) { first, _ in first }
        self.lines = Array(lines.dropFirst())
        for name in needed where columns[name] == nil {
            let found = header.fields.joined(separator: ", ")
            throw InputError(.field, file: file, line: header.number, expected: "a column \"\(name)\"", found: found)
        }
        for line in self.lines where line.fields.count != header.fields.count {
            throw InputError(
                .syntax, file: file, line: line.number, expected: "\(header.fields.count) fields",
                found: "\(line.fields.count)")
        }
    }

    /// The rows in order.
    var rows: some Sequence<Row> { lines.lazy.map { Row(table: self, line: $0.number, fields: $0.fields) } }

    /// How many rows there are.
    var count: Int { lines.count }

    /// One row.
    struct Row {
        fileprivate let table: CSVTable
        /// The line in the file, from 1.
        let line: Int
        fileprivate let fields: [Substring]

        /// The text in a column; empty where there is no such column.
        func string(_ column: String) -> String {
            table.columns[column].map { String(fields[$0]) } ?? ""
        }

        /// The whole number in a column, which must lie in `range`; an empty field is nil.
        func int(_ column: String, in range: ClosedRange<Int64>) throws(InputError) -> Int64? {
            let text = string(column)
            guard !text.isEmpty else { return nil }
            guard let number = Int64(text), range.contains(number) else {
                throw error(column, expected: "a whole number, \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }

        /// An amount in a column, times a power of 1,024; an empty field is zero.
        func quantity(_ column: String, suffix: String = "") throws(InputError) -> Quantity {
            let text = string(column)
            guard !text.isEmpty else { return .zero }
            guard let amount = Quantity(text + suffix), amount >= .zero else {
                throw error(column, expected: "an amount that is not negative")
            }
            return amount
        }

        /// An error about a column of the row.
        func error(_ column: String, expected: String) -> InputError {
            InputError(
                .field, file: table.file, line: line, path: FieldPath(column), expected: expected,
                found: "\"\(string(column))\"")
        }
    }
}
