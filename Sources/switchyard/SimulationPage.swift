import Report
import Simulation
import Traces

/// The result of a simulated run as a page: the tables of the text, and plots where people would rather look.
struct SimulationPage {
    private let result: SimulationResult
    private let title: String
    private let text: SimulationText

    init(_ result: SimulationResult, title: String) {
        self.result = result
        self.title = title
        self.text = SimulationText(result, title: title, listsPlacements: false)
    }

    /// The page as HTML.
    var html: String {
        var page = Page(title: "Switchyard simulation")
        page.text(title)
        page.text(text.summary)
        for (heading, table) in [("Routing", text.routing), ("Rules", text.rules)] { add(heading, table, to: &page) }
        add("Schedulers", text.schedulers, to: &page)
        add("Shadows (what they would have done)", text.shadows, to: &page)
        page.heading("At a glance")
        page.plot(utilization)
        if !result.latencies.isEmpty { page.plot(latency) }
        if result.schedulers.contains(where: { $0.conflicts > 0 }) { page.plot(conflicts) }
        for (heading, table) in text.outcomes { add(heading, table, to: &page) }
        add("Times", text.times, to: &page)
        for note in result.notes.prefix(20) { page.text("\(note.text) (\(note.count) times)", isNote: true) }
        return page.html
    }

    private func add(_ heading: String, _ table: Table, to page: inout Page) {
        guard !table.isEmpty else { return }
        page.heading(heading)
        page.table(table.titles, table.rows)
    }

    private var utilization: BarPlot {
        let shown = result.utilization.filter { !$0.key.hasPrefix(DlrmTrace.slotPrefix) }
        return BarPlot(
            "Utilisation", axis: Axis("share of the cluster", upperBound: 1), parts: ["used"],
            bars: shown.sorted { $0.key < $1.key }.map { .init($0.key, [$0.value]) })
    }

    private var latency: LinePlot {
        let points = result.latencies.enumerated().map { (x: Double($0.offset), y: Optional($0.element * 1e3)) }
        return LinePlot(
            "Time from arrival to binding", x: Axis("share of the pods (%)"), y: Axis("ms"),
            series: [.init("latency", points)])
    }

    private var conflicts: Matrix {
        let names = result.schedulers.map(\.name)
        let others = names + (result.schedulers.contains { $0.conflictsWith["cluster"] != nil } ? ["cluster"] : [])
        return Matrix(
            "Conflicts", rowTitle: "lost", columnTitle: "to", rows: names, columns: others,
            values: result.schedulers.map { entry in others.map { Double(entry.conflictsWith[$0] ?? 0) } })
    }
}
