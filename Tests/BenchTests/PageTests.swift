import Bench
import ClusterTestKit
import Foundation
import Testing

/// The report of a real run, opened in a browser.
@Suite(.serialized) struct PageTests {
    /// The browser, or nil, with a line that says so, where there is none.
    private static func browser(_ test: String = #function) -> String? {
        let names = ["chromium", "chromium-browser", "google-chrome"]
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        for folder in folders {
            for name in names where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
                return "\(folder)/\(name)"
            }
        }
        print("skipped \(test): no chromium on this machine")
        return nil
    }

    /// Looks at every figure once the page is drawn: how many of its data lie inside the picture and have a size.
    private static let probe = """
        <script>
        addEventListener("load", () => {
          const figures = [...document.querySelectorAll("figure")].map(figure => {
            const frame = figure.querySelector("svg").getBoundingClientRect();
            const data = [...figure.querySelectorAll(".datum")].filter(datum => {
              const box = datum.getBoundingClientRect();
              return box.width + box.height > 1 && box.left >= frame.left - 2 && box.right <= frame.right + 2
                && box.top >= frame.top - 2 && box.bottom <= frame.bottom + 2;
            });
            const outside = figure.querySelectorAll(".datum").length - data.length;
            return figure.querySelector("figcaption").textContent + "=" + data.length + "/" + outside;
          });
          const result = document.createElement("pre");
          result.id = "probe";
          result.textContent = figures.join("|");
          document.body.append(result);
        });
        </script></body>
        """

    @Test func everyPlotOfARealRunHasItsDataInSight() async throws {
        let operations = "  - createPods: {count: $pods, template: pod}\n  - barrier"
        let item = try await BenchFixtures.run(
            BenchFixtures.workload(operations, spec: "  latencyAt: [0.5]", nodes: 60, pods: 2_000)
        ) { $0.runs = 3 }
        #expect(item.failures.isEmpty, "\(item.failures)")
        let result = BenchResult(machine: .current(), build: .current(programs: []), seed: 1, cases: [item])
        let html = BenchPage.html(result)
        let wanted = [
            "Throughput over time", "Latency over time", "Latency percentiles", "Processor time by process", "Queues",
            "CPU taken on the nodes", "Conflicts: placements lost to another's commit",
        ]
        for title in wanted { #expect(html.contains("<figcaption>\(title)</figcaption>"), "\(title)") }
        guard let browser = PageTests.browser() else { return }
        let folder = try TemporaryFolder()
        let path = try folder.write("report.html", text: html.replacing("</body>", with: PageTests.probe))
        let (output, errors) = try PageTests.open(path, with: browser, profile: folder.path)
        #expect(!errors.contains("CONSOLE"), "the page complains: \(errors)")
        let text = try #require(
            output.split(separator: "<pre id=\"probe\">").dropFirst().first?.split(separator: "</pre>").first)
        let figures = text.split(separator: "|").map { $0.split(separator: "=") }
        #expect(figures.map { String($0[0]) } == wanted)
        for figure in figures {
            let counts = figure[1].split(separator: "/").compactMap { Int($0) }
            #expect(counts[0] > 0, "\(figure[0]) shows nothing")
            #expect(counts[1] == 0, "\(figure[0]) has \(counts[1]) data outside its picture or without a size")
        }
    }

    private static func open(_ path: String, with browser: String, profile: String) throws -> (String, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: browser)
        process.arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--user-data-dir=\(profile)/profile",
            "--enable-logging=stderr", "--virtual-time-budget=4000", "--window-size=1400,2400", "--dump-dom",
            "file://\(path)",
        ]
        let output = profile + "/output"
        let errors = profile + "/errors"
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        process.waitUntilExit()
        func text(_ file: String) throws -> String { try String(contentsOfFile: file, encoding: .utf8) }
        return (try text(output), try text(errors))
    }
}
