import Replay
import Report

/// A replay as a page with plots over the trace's time.
struct ReplayPage {
    private let result: ReplayResult
    private let title: String

    init(_ result: ReplayResult, title: String) {
        self.result = result
        self.title = title
    }

    /// The page as HTML.
    var html: String {
        var page = Page(title: "Switchyard replay")
        page.text(title)
        page.table(["figure", "value"], ReplayText.figures(of: result).map { [$0.name, $0.value] })
        page.heading("Over time")
        for plot in plots { page.plot(plot) }
        let services = ReplayText.serviceRows(result.services)
        if !services.isEmpty {
            page.heading("Services with the largest skew")
            page.table(ReplayText.serviceTitles, services)
        }
        return page.html
    }

    private var plots: [LinePlot] {
        let slices = result.timeline
        guard let first = slices.first?.time else { return [] }
        func line(_ name: String, _ value: (ReplayResult.Slice) -> Double?) -> LinePlot.Series {
            LinePlot.Series(name, slices.map { (x: Double($0.time - first) / 86_400, y: value($0)) })
        }
        let days = Axis("time (days)")
        var shares = [line("CPU") { $0.use.cpu }]
        if result.use.peak.memory > 0 { shares.append(line("memory") { $0.use.memory }) }
        let hasGPUs = result.use.peak.gpu > 0
        if hasGPUs { shares += [line("GPU") { $0.use.gpu }, line("GPU offered") { $0.use.offeredGPU }] }
        var plots = [
            LinePlot("Queue length", x: days, y: Axis("waiting"), series: [line("waiting") { $0.waiting }]),
            LinePlot("Utilisation", x: days, y: Axis("share of the cluster", upperBound: 1), series: shares),
            LinePlot(
                "Wait by time of arrival", x: days, y: Axis("mean wait (h)"),
                series: [line("wait") { $0.meanWait.map { $0 / 3_600 } }]),
        ]
        if hasGPUs {
            plots.append(
                LinePlot(
                    "Fragmentation: free GPU capacity on devices partly taken", x: days,
                    y: Axis("share of what is free", upperBound: 1),
                    series: [line("fragmentation") { $0.use.fragmentation }]))
        }
        return plots
    }
}
