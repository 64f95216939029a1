import ArgumentParser
import ClusterModel
import JSON
import PolicyEngine

struct PolicyDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Tell which pods two sets of policies decide about differently, before the new set is put in force.",
        discussion: """
            A pod differs if its scheduler or the shadow of it, a refusal, or what is
            written into it differs; by which rule is no difference.

            Examples:
              switchyard policy diff policies policies.new --pods pods.yaml
              kubectl get pods,namespaces -A -o yaml \\
                | switchyard policy diff policies policies.new --pods -
              switchyard policy diff policies policies.new --pods pods.yaml \\
                  --exit-code -o json
            """)

    @Argument(help: "The folder of policies in force, or one file.")
    var old: String

    @Argument(help: "The folder of policies to come, or one file.")
    var new: String

    @OptionGroup var scene: PolicySceneOptions

    @Flag(help: "Exit with 1 where any pod is decided about differently.")
    var exitCode = false

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func validate() throws {
        if scene.pods.isEmpty { throw ValidationError("--pods: expected manifests of the pods to decide about") }
    }

    func run() throws {
        let files = scene.nodes + scene.pods
        let before = try PolicyFolder.policies(at: old).withObjects(of: files)
        let after = try PolicyFolder.policies(at: new).withObjects(of: files)
        let scene = try scene.scene()
        scene.complainAboutRefused()
        scene.input.complainAboutNamespaces(after)
        let diff = PolicyDiff(old: before, new: after, pods: scene.pods, cluster: scene.cluster)
        switch output {
        case .json: Terminal.print(scene.input.completed(diff.value).prettyJSON)
        case .text: Terminal.print(diff.text.trimmedNewline)
        }
        try scene.input.finish()
        if exitCode, !diff.changes.isEmpty { throw Failure.found("") }
    }
}
