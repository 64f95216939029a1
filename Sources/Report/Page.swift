/// A page in one file: text, tables and plots, with nothing from elsewhere and no scripts.
public struct Page {
    private let title: String
    private var body = ""
    private var openPlots = false

    /// An empty page.
    public init(title: String) { self.title = title }

    /// A heading of a part.
    public mutating func heading(_ text: String) {
        endPlots()
        body += "<h2>\(escaped(text))</h2>\n"
    }

    /// A paragraph.
    public mutating func text(_ text: String, isNote: Bool = false) {
        endPlots()
        body += "<p\(isNote ? " class=\"note\"" : "")>\(escaped(text))</p>\n"
    }

    /// A table; the columns after the first are numbers, to the right.
    public mutating func table(_ titles: [String], _ rows: [[String]]) {
        endPlots()
        body += "<div class=\"scroll\"><table><thead><tr>"
        for title in titles { body += "<th>\(escaped(title))</th>" }
        body += "</tr></thead><tbody>\n"
        for row in rows { body += "<tr>\(row.map { "<td>\(escaped($0))</td>" }.joined())</tr>\n" }
        body += "</tbody></table></div>\n"
    }

    /// A plot; plots that follow each other stand side by side where there is room.
    public mutating func plot(_ plot: some Plot) {
        if !openPlots { body += "<div class=\"plots\">\n" }
        openPlots = true
        body += "<figure><figcaption>\(escaped(plot.title))</figcaption>\n\(plot.svg)\n</figure>\n"
    }

    private mutating func endPlots() {
        if openPlots { body += "</div>\n" }
        openPlots = false
    }

    /// The page as HTML.
    public var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <title>\(escaped(title))</title>
        <style>
        \(Palette.style)
        \(Page.style)
        </style>
        </head>
        <body>
        <main>
        <h1>\(escaped(title))</h1>
        \(body)\(openPlots ? "</div>" : "")
        </main>
        </body>
        </html>

        """
    }

    private static let style = """
        body { margin: 0; background: var(--page); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        main { max-width: 1360px; margin: 0 auto; padding: 24px; }
        h1 { font-size: 26px; margin: 0 0 8px; } h2 { font-size: 20px; margin: 40px 0 8px; padding-top: 16px;
          border-top: 1px solid var(--line); }
        p.note { color: var(--dim); margin: 4px 0; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; margin: 12px 0; font-variant-numeric: tabular-nums; }
        th, td { padding: 4px 14px 4px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { color: var(--dim); font-weight: 600; } th:first-child, td:first-child { text-align: left; }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(560px, 100%), 1fr)); gap: 16px; margin: 16px 0; }
        figure { margin: 0; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
        figcaption { font-weight: 600; margin-bottom: 6px; }
        svg { width: 100%; height: auto; display: block; }
        svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--ink); }
        svg .tick { fill: var(--dim); } svg .title { fill: var(--ink); } svg .strong { fill: var(--page); font-weight: 600; }
        svg .grid { stroke: var(--line); stroke-width: 1; } svg .axis, svg .tickmark { stroke: var(--dim); stroke-width: 1; }
        .key { margin: 6px 0 0; color: var(--dim); font-size: 12px; text-align: right; }
        .key i { display: inline-block; width: 14px; height: 10px; vertical-align: baseline; }
        """
}
