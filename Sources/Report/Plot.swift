/// Something that a page shows as a picture.
public protocol Plot: Sendable {
    /// The picture's heading.
    var title: String { get }
    /// The picture as an `svg` element.
    var svg: String { get }
}

/// Lines over a common axis: throughput over time, a percentile curve, cost by number of nodes.
public struct LinePlot: Plot {
    /// One line.
    public struct Series: Sendable {
        /// Its name in the legend.
        public var name: String
        /// Its points, from left to right; a nil interrupts the line.
        public var points: [(x: Double, y: Double?)]

        /// A line of points.
        public init(_ name: String, _ points: [(x: Double, y: Double?)]) {
            self.name = name
            self.points = points
        }

        /// Whether the point has no neighbour that a line could lead to, so that it needs a dot to be seen.
        func isAlone(_ index: Int) -> Bool {
            func has(_ other: Int) -> Bool { points.indices.contains(other) && points[other].y != nil }
            return !has(index - 1) && !has(index + 1)
        }
    }

    /// The picture's heading.
    public var title: String
    /// The horizontal and the vertical axis.
    public var x: Axis
    /// The vertical axis.
    public var y: Axis
    /// The lines.
    public var series: [Series]
    /// Whether each point has a dot, for few points.
    public var hasDots: Bool

    /// A plot of lines.
    public init(_ title: String, x: Axis, y: Axis, series: [Series], hasDots: Bool = false) {
        self.title = title
        self.x = x
        self.y = y
        self.series = series
        self.hasDots = hasDots
    }

    /// The picture as an `svg` element.
    public var svg: String {
        var frame = Frame(
            x: FittedAxis(x, values: series.flatMap { $0.points.map(\.x) }),
            y: FittedAxis(y, values: series.flatMap { $0.points.compactMap(\.y) }), legend: series.map(\.name))
        for (index, line) in series.enumerated() {
            frame.add(path(line, index, frame))
            for position in line.points.indices where hasDots || line.isAlone(position) {
                guard let value = line.points[position].y, value.isFinite, frame.hasPlace(value) else { continue }
                let place = frame.place(line.points[position].x, value)
                frame.add(
                    "<circle class=\"datum\" cx=\"\(coordinate(place.x))\" cy=\"\(coordinate(place.y))\" "
                        + "r=\"\(hasDots ? 3 : 1.5)\" fill=\"\(Palette.series(index))\"/>")
            }
        }
        return frame.svg(label: title)
    }

    private func path(_ line: Series, _ index: Int, _ frame: Frame) -> String {
        var commands = ""
        var isDown = false
        for point in line.points {
            guard let value = point.y, value.isFinite, frame.hasPlace(value) else {
                isDown = false
                continue
            }
            let place = frame.place(point.x, value)
            commands += "\(isDown ? "L" : "M")\(coordinate(place.x)) \(coordinate(place.y))"
            isDown = true
        }
        // A path of single points has no size.
        guard commands.contains("L") else { return "" }
        return "<path class=\"datum\" d=\"\(commands)\" fill=\"none\" stroke=\"\(Palette.series(index))\" "
            + "stroke-width=\"1.8\" stroke-linejoin=\"round\"><title>\(escaped(line.name))</title></path>"
    }
}

/// The ground of a plot with two axes: grid, ticks, titles, legend; places points.
struct Frame {
    static let width = 640.0
    static let height = 300.0
    private static let left = 62.0
    private static let right = 14.0
    private static let top = 12.0
    private static let bottom = 44.0

    let x: FittedAxis
    let y: FittedAxis
    let legend: [String]
    private var body = ""

    init(x: FittedAxis, y: FittedAxis, legend: [String]) {
        self.x = x
        self.y = y
        self.legend = legend
    }

    mutating func add(_ element: String) { body += element + "\n" }

    func hasPlace(_ y: Double) -> Bool { self.y.axis.scale != .logarithmic || y > 0 }

    func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (
            Frame.left + self.x.place(x) * (Frame.width - Frame.left - Frame.right),
            Frame.height - Frame.bottom - self.y.place(y) * (Frame.height - Frame.top - Frame.bottom)
        )
    }

    func svg(label: String) -> String {
        let names = Legend(legend, left: Frame.left)
        let height = Frame.height + names.height
        var text = "<svg role=\"img\" aria-label=\"\(escaped(label))\" viewBox=\"0 0 \(coordinate(Frame.width)) "
        text += "\(coordinate(height))\">\n"
        let end = Frame.width - Frame.right
        let ground = Frame.height - Frame.bottom
        for tick in y.ticks {
            let place = coordinate(self.place(x.low, tick.value).y)
            text +=
                "<line class=\"grid\" x1=\"\(coordinate(Frame.left))\" x2=\"\(coordinate(end))\" y1=\"\(place)\" y2=\"\(place)\"/>"
            text += "<text class=\"tick\" x=\"\(coordinate(Frame.left - 7))\" y=\"\(place)\" dy=\"0.32em\" "
            text += "text-anchor=\"end\">\(escaped(tick.label))</text>\n"
        }
        for tick in x.ticks {
            let place = coordinate(self.place(tick.value, y.low).x)
            text +=
                "<line class=\"tickmark\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(coordinate(ground))\" y2=\"\(coordinate(ground + 5))\"/>"
            text += "<text class=\"tick\" x=\"\(place)\" y=\"\(coordinate(ground + 18))\" "
            text += "text-anchor=\"middle\">\(escaped(tick.label))</text>\n"
        }
        text +=
            "<line class=\"axis\" x1=\"\(coordinate(Frame.left))\" x2=\"\(coordinate(end))\" y1=\"\(coordinate(ground))\" "
        text += "y2=\"\(coordinate(ground))\"/>\n"
        text += "<text class=\"title\" x=\"\(coordinate((Frame.left + end) / 2))\" y=\"\(coordinate(ground + 37))\" "
        text += "text-anchor=\"middle\">\(escaped(x.axis.title))</text>\n"
        let middle = (Frame.top + ground) / 2
        text += "<text class=\"title\" transform=\"translate(14 \(coordinate(middle))) rotate(-90)\" "
        text += "text-anchor=\"middle\">\(escaped(y.axis.title))</text>\n"
        return text + body + names.svg(top: Frame.height) + "</svg>"
    }
}
