/// Bars to the right, in parts that add up: processor time by process, case by case.
public struct BarPlot: Plot {
    /// One bar.
    public struct Bar: Sendable {
        /// Its name.
        public var name: String
        /// Its parts, in the order of the plot's `parts`.
        public var values: [Double]

        /// A bar of parts.
        public init(_ name: String, _ values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    /// The picture's heading.
    public var title: String
    /// The axis of the values.
    public var axis: Axis
    /// The names of the parts.
    public var parts: [String]
    /// The bars, from top to bottom.
    public var bars: [Bar]

    /// A plot of bars.
    public init(_ title: String, axis: Axis, parts: [String], bars: [Bar]) {
        self.title = title
        self.axis = axis
        self.parts = parts
        self.bars = bars
    }

    /// The picture as an `svg` element.
    public var svg: String {
        let left = 150.0
        let rowHeight = 30.0
        let top = 8.0
        let ground = top + rowHeight * Double(bars.count)
        let legend = Legend(parts, left: 20)
        let height = ground + 44 + legend.height
        let fitted = FittedAxis(axis, values: bars.map { $0.values.reduce(0, +) })
        func place(_ value: Double) -> Double { left + fitted.place(value) * (Frame.width - left - 40) }
        var text =
            "<svg role=\"img\" aria-label=\"\(escaped(title))\" viewBox=\"0 0 \(coordinate(Frame.width)) \(coordinate(height))\">\n"
        for tick in fitted.ticks {
            let x = coordinate(place(tick.value))
            text +=
                "<line class=\"grid\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(coordinate(top))\" y2=\"\(coordinate(ground))\"/>"
            text +=
                "<text class=\"tick\" x=\"\(x)\" y=\"\(coordinate(ground + 16))\" text-anchor=\"middle\">\(escaped(tick.label))</text>\n"
        }
        for (index, bar) in bars.enumerated() {
            let y = top + Double(index) * rowHeight
            text +=
                "<text class=\"tick\" x=\"\(coordinate(left - 8))\" y=\"\(coordinate(y + rowHeight / 2))\" dy=\"0.32em\" "
            text += "text-anchor=\"end\">\(escaped(bar.name))</text>\n"
            var sum = 0.0
            for (part, value) in bar.values.enumerated() where value > 0 {
                let start = place(sum)
                sum += value
                text += "<rect class=\"datum\" x=\"\(coordinate(start))\" y=\"\(coordinate(y + 5))\" "
                text += "width=\"\(coordinate(place(sum) - start))\" height=\"\(coordinate(rowHeight - 10))\" "
                text +=
                    "fill=\"\(Palette.series(part))\"><title>\(escaped(parts.indices.contains(part) ? parts[part] : ""))</title></rect>"
            }
            text +=
                "<text class=\"tick\" x=\"\(coordinate(place(sum) + 5))\" y=\"\(coordinate(y + rowHeight / 2))\" dy=\"0.32em\">"
            text += "\(FittedAxis.label(sum, step: sum >= 100 ? 1 : 0.01))</text>\n"
        }
        text += "<text class=\"title\" x=\"\(coordinate((left + Frame.width) / 2))\" y=\"\(coordinate(ground + 36))\" "
        text += "text-anchor=\"middle\">\(escaped(axis.title))</text>\n"
        return text + legend.svg(top: ground + 44) + "</svg>"
    }
}
