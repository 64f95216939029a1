/// Numbers by row and column, the larger the stronger the colour: conflicts by pair of schedulers.
public struct Matrix: Plot {
    /// The picture's heading.
    public var title: String
    /// What rows and columns are, in a few words each.
    public var rowTitle: String
    /// What the columns are, in a few words.
    public var columnTitle: String
    /// The names of the rows.
    public var rows: [String]
    /// The names of the columns.
    public var columns: [String]
    /// The numbers, a list a row.
    public var values: [[Double]]

    /// A matrix of numbers.
    public init(
        _ title: String, rowTitle: String, columnTitle: String, rows: [String], columns: [String], values: [[Double]]
    ) {
        self.title = title
        self.rowTitle = rowTitle
        self.columnTitle = columnTitle
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// The picture as an `svg` element.
    public var svg: String {
        let left = 130.0
        let top = 52.0
        let cellHeight = 40.0
        let cellWidth = min(120.0, (Frame.width - left - 10) / Double(max(1, columns.count)))
        let height = top + cellHeight * Double(rows.count) + 10
        let greatest = values.joined().max() ?? 0
        var text =
            "<svg role=\"img\" aria-label=\"\(escaped(title))\" viewBox=\"0 0 \(coordinate(Frame.width)) \(coordinate(height))\">\n"
        text += "<text class=\"title\" x=\"\(coordinate(left))\" y=\"14\">\(escaped(columnTitle))</text>"
        text +=
            "<text class=\"title\" x=\"\(coordinate(left - 10))\" y=\"\(coordinate(top - 12))\" text-anchor=\"end\">"
        text += "\(escaped(rowTitle))</text>\n"
        for (index, name) in columns.enumerated() {
            text +=
                "<text class=\"tick\" x=\"\(coordinate(left + (Double(index) + 0.5) * cellWidth))\" y=\"\(coordinate(top - 12))\" "
            text += "text-anchor=\"middle\">\(escaped(name))</text>\n"
        }
        for (row, name) in rows.enumerated() {
            let y = top + Double(row) * cellHeight
            text +=
                "<text class=\"tick\" x=\"\(coordinate(left - 10))\" y=\"\(coordinate(y + cellHeight / 2))\" dy=\"0.32em\" "
            text += "text-anchor=\"end\">\(escaped(name))</text>\n"
            for column in columns.indices {
                let value = values[row][column]
                let share = greatest > 0 ? value / greatest : 0
                let x = left + Double(column) * cellWidth
                text += "<rect class=\"datum\" x=\"\(coordinate(x + 1))\" y=\"\(coordinate(y + 1))\" "
                text += "width=\"\(coordinate(cellWidth - 2))\" height=\"\(coordinate(cellHeight - 2))\" rx=\"3\" "
                text += "fill=\"\(Palette.heat(share))\"/>"
                text += "<text class=\"\(share > 0.5 ? "strong" : "cell")\" x=\"\(coordinate(x + cellWidth / 2))\" "
                text += "y=\"\(coordinate(y + cellHeight / 2))\" dy=\"0.35em\" text-anchor=\"middle\">"
                text += "\(FittedAxis.label(value, step: 1))</text>\n"
            }
        }
        return text + "</svg>"
    }
}
