import ClusterModel
import Manifests

/// A CSV file whose first line names the columns.
///
/// The public traces have no quotes, so a comma always ends a field. Errors name file, line and column.
struct TraceTable {
    /// One line of the file.
    struct Row {
        /// The line, from 1; the header is line 1.
        let line: Int
        /// As many fields as there are columns.
        fileprivate let fields: [String]
    }

    /// The file as the user named it.
    let file: String
    /// The lines after the header, without blank ones.
    private(set) var rows: [Row] = []
    private var columns: [String: Int] = [:]

    /// Reads a file, which must have the columns named; others are kept too.
    init(path: String, columns required: [String]) throws(InputErrors) {
        let bytes: [UInt8]
        do throws(InputError) { bytes = try SourceReader.bytes(path: path) } catch { throw InputErrors([error]) }
        try self.init(file: path, bytes: bytes, columns: required)
    }

    /// Reads a text; `file` names it in errors.
    init(file: String, bytes: [UInt8], columns required: [String]) throws(InputErrors) {
        self.file = file
        var faults: [InputError] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if text.isEmpty { continue }
            let fields = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            if columns.isEmpty {
                try readHeader(fields, line: index + 1, required: required)
            } else if fields.count == columns.count {
                rows.append(Row(line: index + 1, fields: fields))
            } else {
                faults.append(
                    InputError(
                        .syntax, file: file, line: index + 1, expected: "\(columns.count) fields, as the header has",
                        found: "\(fields.count)"))
            }
        }
        if columns.isEmpty {
            faults.append(InputError(.empty, file: file, expected: "a line that names the columns", found: "nothing"))
        } else if rows.isEmpty, faults.isEmpty {
            faults.append(InputError(.empty, file: file, expected: "lines after the header", found: "none"))
        }
        guard faults.isEmpty else { throw InputErrors(faults) }
    }

    private mutating func readHeader(_ names: [String], line: Int, required: [String]) throws(InputErrors) {
        var faults: [InputError] = []
        for (index, name) in names.enumerated() where columns.updateValue(index, forKey: name) != nil {
            faults.append(
                InputError(
                    .duplicateKey, file: file, line: line, path: FieldPath(name), expected: "each column once",
                    found: "it twice"))
        }
        for name in required where columns[name] == nil {
            faults.append(
                InputError(
                    .field, file: file, line: line, path: FieldPath(name), expected: "a column of this name",
                    found: "the columns \(names.joined(separator: ", "))"))
        }
        guard faults.isEmpty else { throw InputErrors(faults) }
    }

    /// Whether the file has a column of this name.
    func has(_ column: String) -> Bool { columns[column] != nil }

    /// The text of a field; empty where the file has no such column.
    func text(_ row: Row, _ column: String) -> String {
        columns[column].map { row.fields[$0] } ?? ""
    }

    /// A field that holds a whole number.
    func number(
        _ row: Row, _ column: String, in range: ClosedRange<Int64> = 0...TraceLimits.number
    ) throws(InputError) -> Int64 {
        let text = text(row, column)
        guard let number = Int64(text), range.contains(number) else {
            throw fault(row, column, expected: "a whole number, \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A field that holds a plain decimal number of a unit such as `Gi`; the amount is exact.
    func quantity(_ row: Row, _ column: String, unit: String = "") throws(InputError) -> Quantity {
        let text = text(row, column)
        // A field such as 12m would read as a quantity too, but no trace writes suffixes.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
            let amount = Quantity(text + unit), amount.value <= TraceLimits.number << 10
        else {
            throw fault(row, column, expected: unit.isEmpty ? "a number" : "a number of \(unit)B")
        }
        return amount
    }

    /// A field that names an object of Kubernetes: `_` becomes `-`, which is all that the traces' names need.
    ///
    /// Names may not hold `--`, which marks copies.
    func name(_ row: Row, _ column: String, longest: Int = 63) throws(InputError) -> String {
        let name = text(row, column).replacing("_", with: "-")
        guard TraceTable.isName(name), name.utf8.allSatisfy({ !(0x41...0x5A).contains($0) }),
            !name.contains("--"), !name.contains(".."), name.utf8.count <= longest
        else {
            throw fault(
                row, column, .invalidName,
                expected: "a name of at most \(longest) lower-case letters, digits, - and ., with a letter or digit at "
                    + "both ends and neither -- nor .. inside")
        }
        return name
    }

    /// A field that becomes the value of a label; it may be empty.
    func label(_ row: Row, _ column: String) throws(InputError) -> String {
        let label = text(row, column)
        guard label.isEmpty || TraceTable.isName(label) else {
            throw fault(
                row, column, expected: "at most 63 letters, digits, -, _ and ., with a letter or digit at both ends")
        }
        return label
    }

    /// Whether Kubernetes takes the text as a label's value.
    private static func isName(_ text: String) -> Bool {
        let isAlphanumeric = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 63 else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    /// An error about a field.
    func fault(
        _ row: Row, _ column: String, _ code: InputError.Code = .field, expected: String
    ) -> InputError {
        let text = text(row, column)
        let found = text.isEmpty ? "nothing" : "\"\(text.count <= 60 ? text : text.prefix(57) + "...")\""
        return InputError(
            code, file: file, line: row.line, path: FieldPath(column), expected: expected, found: found)
    }

    /// What `read` makes of every row, or all errors together.
    ///
    /// The names in `column` must differ.
    func map<T>(
        named column: String, _ read: (Row, _ name: String) throws(InputError) -> T
    ) throws(InputErrors) -> [T] {
        var items: [T] = []
        items.reserveCapacity(rows.count)
        var lines: [String: Int] = [:]
        var faults: [InputError] = []
        for row in rows {
            do throws(InputError) {
                let name = try name(row, column)
                if let first = lines.updateValue(row.line, forKey: name) {
                    throw fault(row, column, .duplicateName, expected: "a name that line \(first) does not have")
                }
                items.append(try read(row, name))
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw InputErrors(faults) }
        return items
    }
}
