/// The names of a plot's series beside their colours, in as many lines as they need.
struct Legend {
    private static let lineHeight = 20.0
    /// The width of a letter, a little more than most have: the reader's font is not known.
    private static let letterWidth = 7.0
    private static let swatchWidth = 20.0
    private static let gap = 18.0

    /// The height that it takes; 0 for a single name, which says no more than the title.
    let height: Double
    private let places: [(x: Double, line: Int)]
    private let names: [String]
    private let left: Double

    /// A legend from `left` to the right end of a plot.
    init(_ names: [String], left: Double) {
        self.names = names
        self.left = left
        var places: [(x: Double, line: Int)] = []
        var x = left
        var line = 0
        for name in names {
            let width = Legend.swatchWidth + Double(name.count) * Legend.letterWidth
            if x > left, x + width > Frame.width {
                x = left
                line += 1
            }
            places.append((x, line))
            x += width + Legend.gap
        }
        self.places = places
        height = names.count > 1 ? Double(line + 1) * Legend.lineHeight : 0
    }

    /// The legend below `top`.
    func svg(top: Double) -> String {
        guard names.count > 1 else { return "" }
        var text = ""
        for (index, name) in names.enumerated() {
            let x = places[index].x
            let y = top + Double(places[index].line) * Legend.lineHeight + 10
            text += "<rect x=\"\(coordinate(x))\" y=\"\(coordinate(y - 8))\" width=\"14\" height=\"8\" rx=\"2\" "
            text += "fill=\"\(Palette.series(index))\"/>"
            text += "<text class=\"tick\" x=\"\(coordinate(x + Legend.swatchWidth))\" y=\"\(coordinate(y))\">"
            text += "\(escaped(name))</text>\n"
        }
        return text
    }
}
