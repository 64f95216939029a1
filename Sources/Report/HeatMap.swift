/// Colours over two axes: how full each group of nodes was at each moment.
public struct HeatMap: Plot {
    /// The picture's heading.
    public var title: String
    /// The horizontal axis, over `xRange`.
    public var x: Axis
    /// What the columns cover together.
    public var xRange: ClosedRange<Double>
    /// The vertical axis, over `yRange`; the first row is at its beginning, at the top.
    public var y: Axis
    /// What the rows cover together.
    public var yRange: ClosedRange<Double>
    /// Shares from 0 to 1: a list of rows for each column, all of one length.
    public var columns: [[Double]]
    /// What full colour stands for, in the key: `100 %`.
    public var fullLabel: String

    /// A heat map.
    public init(
        _ title: String, x: Axis, over xRange: ClosedRange<Double>, y: Axis, over yRange: ClosedRange<Double>,
        columns: [[Double]], fullLabel: String = "100 %"
    ) {
        self.title = title
        self.x = x
        self.xRange = xRange
        self.y = y
        self.yRange = yRange
        self.columns = columns
        self.fullLabel = fullLabel
    }

    /// The picture as an `svg` element.
    public var svg: String {
        var x = self.x
        x.startsAtZero = false
        x.upperBound = xRange.upperBound
        var y = self.y
        y.startsAtZero = false
        y.upperBound = yRange.upperBound
        var frame = Frame(
            x: FittedAxis(x, values: [xRange.lowerBound, xRange.upperBound]),
            y: FittedAxis(y, values: [yRange.lowerBound, yRange.upperBound]), legend: [])
        let low = frame.place(xRange.lowerBound, yRange.lowerBound)
        let high = frame.place(xRange.upperBound, yRange.upperBound)
        let width = (high.x - low.x) / Double(max(1, columns.count))
        for (index, column) in columns.enumerated() {
            let height = (low.y - high.y) / Double(max(1, column.count))
            // Neighbours of one colour are one rectangle: pages stay small, and no seams show.
            var row = 0
            while row < column.count {
                var end = row + 1
                while end < column.count, HeatMap.percent(column[end]) == HeatMap.percent(column[row]) { end += 1 }
                let top = low.y - Double(end) * height
                frame.add(
                    "<rect class=\"datum\" x=\"\(coordinate(low.x + Double(index) * width))\" y=\"\(coordinate(top))\" "
                        + "width=\"\(coordinate(width + 0.4))\" height=\"\(coordinate(Double(end - row) * height + 0.4))\" "
                        + "fill=\"\(Palette.heat(column[row]))\"/>")
                row = end
            }
        }
        return frame.svg(label: title) + key
    }

    private static func percent(_ share: Double) -> Int { Int((share * 100).rounded()) }

    private var key: String {
        let steps = (0...10).map { "<i style=\"background:\(Palette.heat(Double($0) / 10))\"></i>" }.joined()
        return "<p class=\"key\">0 \(steps) \(escaped(fullLabel))</p>"
    }
}
