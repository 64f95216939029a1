import ArgumentParser
import CEL
import CELCases
import ClusterModel
import Glibc
import JSON
import Manifests
import PolicyEngine

struct PolicyEval: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Evaluate an expression of the language that policies are written in (CEL).",
        discussion: """
            The expression comes from -e, or from stdin. Variables come from a YAML or JSON file whose fields are their names.

            With --batch each line of stdin is a case, {"expr": "x + 1", "bindings": {"x": {"int": "1"}}}, and each gives one line: \
            {"value": {"int": "2"}} or {"error": "…"}. Further fields of a case: "container", "declared", "disable_check".

            Examples:
              switchyard policy eval -e '[1, 2, 3].exists(x, x > 2)'
              switchyard policy eval -e "object.spec.priority > 100" \\
                  --vars vars.yaml -o json
              switchyard policy eval --batch < cases.ndjson
            """)

    // An expression may begin with a minus.
    @Option(name: [.customShort("e"), .long], parsing: .unconditional, help: "The expression.")
    var expression: String?

    @Option(help: ArgumentHelp("The values of variables, by their names; - is stdin.", valueName: "file"))
    var vars: String?

    @Flag(help: "Evaluate one case a line of stdin.")
    var batch = false

    @Option(name: .shortAndLong, help: "text (the value as an expression) or json (the value with its type).")
    var output: OutputFormat = .text

    func validate() throws {
        if batch, expression != nil || vars != nil {
            throw ValidationError("--batch takes expressions and variables from stdin, so neither -e nor --vars")
        }
        if expression == nil, vars == "-" {
            throw ValidationError("--vars - takes the variables from stdin, so give the expression with -e")
        }
    }

    func run() throws {
        if batch { return try runBatch() }
        let source = try expression ?? StandardInput.text()
        let bindings = try variables()
        let environment = CELEnvironment(variables: bindings.keys.sorted().map { CELVariable($0) })
        let program: CELProgram
        do throws(CELError) { program = try environment.compile(source) } catch {
            if output == .json { Terminal.print(CELOutcome.json(.failure(error)).json) }
            throw Failure.input([error.rendered()])
        }
        do throws(CELError) {
            let value = try program.evaluate(CELActivation(environment, bindings))
            Terminal.print(output == .json ? CELOutcome.json(.success(value)).json : value.literal)
        } catch {
            if output == .json { Terminal.print(CELOutcome.json(.failure(error)).json) }
            throw Failure.found(error.rendered())
        }
    }

    private func variables() throws -> [String: CELValue] {
        guard let vars else { return [:] }
        let documents = try SourceReader.documents(path: vars)
        guard documents.count == 1, let document = documents.first, case .object(let fields) = document.value else {
            let found = documents.count == 1 ? documents[0].value.summary : "\(documents.count) documents"
            throw Failure.input(["\(vars): expected one mapping of names to values, found \(found)"])
        }
        return Dictionary(fields.map { ($0.key, CELValue($0.value)) }) { first, _ in first }
    }

    /// Answers line by line, each as soon as it is read, so that a program at the other end may wait for answers.
    private func runBatch() throws {
        var unreadable = 0
        let isUnreadable = try StandardInput.lines(maxBytes: PolicyLimits.fileBytes) { line in
            let (answer, isCase) = PolicyEval.answer(line)
            if !isCase { unreadable += 1 }
            if let answer { Terminal.print(answer.json) }
        }
        unreadable += isUnreadable
        if unreadable > 0 {
            throw Failure.input([unreadable.counted("line of stdin is no case", "lines of stdin are no cases")])
        }
    }

    /// The answer to a line, nil for an empty one; and whether the line could be read at all.
    private static func answer(_ line: [UInt8]) -> (Value?, isCase: Bool) {
        if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }) {
            return (nil, true)
        }
        let value: Value
        do throws(JSONError) { value = try Value(json: line, allowsNUL: true) } catch {
            return (CELOutcome.error("not JSON: column \(error.column): \(error.text)"), false)
        }
        do throws(FieldError) {
            return (CELOutcome.json(try CELCase(value).evaluate()), true)
        } catch {
            return (CELOutcome.error("not a case: \(error.description)"), false)
        }
    }
}

/// What a command reads from stdin beside manifests.
enum StandardInput {
    private static let chunkBytes = 65_536

    /// All of it, as text.
    static func text() throws -> String {
        var bytes: [UInt8] = []
        try read { bytes.append(contentsOf: $0) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure.input(["stdin: expected text in UTF-8"])
        }
        return text
    }

    /// Hands over line by line; a line that is too long is left out and counted.
    static func lines(maxBytes: Int, _ body: ([UInt8]) -> Void) throws -> Int {
        var framer = LineFramer(maxLineBytes: maxBytes)
        var overlong = 0
        func take(_ event: LineFramer.Event) {
            switch event {
            case .line(let bytes): body(Array(bytes))
            case .overlong(_, let length):
                overlong += 1
                Terminal.print(CELOutcome.error("a line of \(length) bytes is too long (\(maxBytes))").json)
            }
        }
        try read { framer.push($0, take) }
        framer.finish(take)
        return overlong
    }

    private static func read(_ body: (UnsafeRawBufferPointer) -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(0, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure.input(["stdin: \(String(cString: strerror(errno)))"]) }
            if count == 0 { return }
            body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        }
    }
}
