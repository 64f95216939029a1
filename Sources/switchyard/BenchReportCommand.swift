import ArgumentParser
import Bench

struct BenchReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Make a page with plots of a result; it needs no network.",
        discussion: """
            Examples:
              switchyard bench run benchmarks/basic.yaml --size all -o json > basic.json
              switchyard bench report basic.json --out basic.html
            """)

    @Argument(help: ArgumentHelp("What bench run -o json or --save wrote.", valueName: "result.json"))
    var result: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file.html"))
    var out: String

    func run() throws {
        let html = BenchPage.html(try BenchResult(path: result))
        try Tool.write(html, to: out)
        Terminal.print("wrote \(out)")
    }
}
