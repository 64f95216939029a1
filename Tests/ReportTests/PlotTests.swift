import Testing

@testable import Report

/// Plots: ticks that people can read, data in their places, nothing that breaks a page.
@Suite struct PlotTests {
    @Test func ticksAreRoundAndCoverTheData() {
        for top in [0.003, 0.7, 1, 9, 23, 480, 12_345, 250_000, 7.1e7] {
            let axis = FittedAxis(Axis("x"), values: [0, top / 3, top])
            let ticks = axis.ticks
            #expect((3...12).contains(ticks.count), "\(top): \(ticks)")
            #expect(axis.high >= top && axis.low == 0)
            #expect(Set(ticks.map(\.label)).count == ticks.count, "\(top): two ticks say the same: \(ticks)")
            for tick in ticks { #expect((-1e-9...1 + 1e-9).contains(axis.place(tick.value))) }
        }
    }

    @Test func labelsAreShort() {
        #expect(FittedAxis.label(250_000, step: 50_000) == "250k")
        #expect(FittedAxis.label(1_500_000, step: 500_000) == "1.5M")
        #expect(FittedAxis.label(0.25, step: 0.05) == "0.25")
        #expect(FittedAxis.label(0, step: 1) == "0")
        #expect(FittedAxis.label(5_000, step: 1_000) == "5k")
    }

    @Test func aLogarithmicAxisHasADecadeATick() {
        let axis = FittedAxis(Axis("x", scale: .logarithmic), values: [0, 0.02, 1, 3_000])
        #expect(axis.low == 0.01 && axis.high == 10_000)
        #expect(abs(axis.place(10) - 0.5) < 1e-12)
    }

    @Test func aPercentileAxisGivesEachNineTheSameRoom() {
        let axis = FittedAxis(Axis("p", scale: .percentile), values: [0, 99.99])
        #expect(abs(axis.place(99) - axis.place(90) - (axis.place(90) - axis.place(0))) < 1e-9)
        #expect(axis.place(0) == 0 && abs(axis.place(99.99) - 1) < 1e-9)
    }

    @Test func oddDataGiveAPicture() {
        let odd: [[(x: Double, y: Double?)]] = [
            [], [(0, nil)], [(1, 1)], [(0, .nan), (1, .infinity), (2, 3)], [(0, 0), (1, 0)],
        ]
        for points in odd {
            for scale in [Axis.Scale.linear, .logarithmic] {
                let svg = LinePlot("p", x: Axis("x"), y: Axis("y", scale: scale), series: [.init("s", points)]).svg
                #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>"))
                #expect(!svg.contains("nan") && !svg.contains("inf"), "\(points): \(svg)")
            }
        }
        #expect(!HeatMap("h", x: Axis("x"), over: 0...1, y: Axis("y"), over: 0...1, columns: []).svg.contains("nan"))
    }

    @Test func textCannotBreakAPage() {
        var page = Page(title: "</title><script>alert(1)</script>")
        page.heading("a & b")
        page.table(["<b>"], [["\"x\" < y"]])
        page.plot(BarPlot("<i>", axis: Axis("a"), parts: ["<u>"], bars: [.init("b\u{0}", [1])]))
        #expect(!page.html.contains("<script>"))
        #expect(page.html.contains("a &amp; b") && page.html.contains("&lt;u&gt;") && !page.html.contains("\u{0}"))
        #expect(!page.html.contains("http"), "a page fetches nothing")
    }
}
