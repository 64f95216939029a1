import Admission
import ArgumentParser
import ClusterModel
import Dispatcher
import JSON
import Manifests
import Placement
import PolicyEngine
import SchedulerRegistry
import Simulation

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell why a pod goes where it goes: policy, filters and scores, node by node.",
        discussion: """
            The cluster is taken as the input shows it: pods that carry spec.nodeName stand there, room is kept for those with
            status.nominatedNodeName, and the others do not count.

            Examples:
              switchyard explain --nodes nodes.yaml --pods pods.yaml --pod default/web-0
              switchyard explain --nodes n.yaml --pods p.yaml --pod default/web-0 \\
                  --policies policies -o json
              switchyard explain --nodes n.yaml --pods p.yaml --pod default/web-0 \\
                  --profile kube-default --node node-7
            """)

    @OptionGroup var input: InputOptions

    @Option(help: ArgumentHelp("The pod.", valueName: "namespace/name"))
    var pod: String

    @Option(help: ArgumentHelp("Explain as this scheduler, whatever the policies say.", valueName: "name"))
    var scheduler: String?

    @Option(
        help: ArgumentHelp(
            "A built-in profile (binpack, gang, spread, kube-default …) or a file that holds one; else the scheduler's.",
            valueName: "name|file"))
    var profile: String?

    @Option(help: ArgumentHelp("Show this node alone: why not there?", valueName: "name"))
    var node: String?

    @Option(help: "The seed that decides among equal nodes.")
    var seed: UInt64 = 0

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func run() throws {
        var registry = try input.registry()
        // The seeds that `simulate` gives its schedulers, so that both choose alike among equal nodes.
        registry.seed(seed)
        let policies = try input.policySet(registry)
        let cluster = try Cluster(input)
        cluster.complain()
        cluster.complainAboutNamespaces(policies)
        guard let pod = cluster.pods.first(where: { $0.metadata.key.description == self.pod }) else {
            throw Failure.input([
                "--pod \(self.pod.printable): expected one of the \(Format.count(cluster.pods.count)) pods of the input, as "
                    + "namespace/name"
            ])
        }
        if let node, !cluster.nodes.contains(where: { $0.name == node }) {
            throw Failure.input(["--node \(node.printable): the input has no such node"])
        }
        let route = try explainRoute(of: pod, cluster, registry, policies)
        let name = scheduler ?? schedulerName(route.decision, registry, hasPolicies: policies != nil)
        let chosen = try chooseProfile(for: name, registry)
        // Stock Kubernetes, asked for by name, does not look at constraints of pods that stand already.
        let isStock = profile != nil && chosen.name == Profile.kubeDefault.name
        var cell = cluster.cell(
            without: pod.metadata.key, protectsPlacedSpread: !isStock && Limits().protectsPlacedSpread)
        var unplaced = route.admitted
        unplaced.spec.nodeName = nil
        let spec = SchedulingSpec(unplaced, serviceSelector: cluster.serviceSelector(pod))
        let index = cell.register(spec)
        let entry = registry.entries.first { $0.registration.name == name }
        var engine = Engine(profile: chosen, seed: entry?.registration.seed ?? seed)
        // Chosen as the scheduler would: first, because prices are learned from each choice.
        let selection = engine.selectBesideNominated(index, in: &cell)
        var explanation = engine.explain(index, in: &cell)
        if case .node(let node, _) = selection { explanation.prefer(node) }
        let nominated = cluster.nominatedNode(of: pod)
        explanation.prefer(nominated)
        var report = ExplainReport(
            pod: pod.metadata.key, scheduler: name, profile: chosen.name, route: route.explanation,
            hasPolicies: policies != nil, explanation: explanation, only: node, standsOn: pod.spec.nodeName)
        report.gates = pod.spec.schedulingGates
        report.group = pod.groupKey
        report.groupReport = cluster.explainGroup(
            of: pod, as: spec, by: engine, in: cell, cluster.preemption(by: pod.metadata.key))
        // A group that waits pushes others away as a whole or not at all.
        if explanation.chosen == nil, report.groupReport.map({ $0.missing == 0 }) ?? true {
            let preemption = cluster.preemption(by: pod.metadata.key)
            report.preemption = ExplainReport.PreemptionReport(
                preemption.choose(index, nominatedTo: nominated, by: &engine, in: &cell), cluster, cell)
        }
        switch output {
        case .json: Terminal.print(cluster.completed(report.value).prettyJSON)
        case .text: Terminal.print(report.text)
        }
        try cluster.finish()
    }

    private func explainRoute(
        of pod: Pod, _ cluster: Cluster, _ registry: SchedulerRegistry, _ policies: PolicySet?
    ) throws -> (decision: PolicyDecision, explanation: PolicyExplanation, admitted: Pod) {
        let scene = PolicyScene(cluster, registry)
        if let refused = scene.refused.first(where: { $0.pod == pod.metadata.key }) {
            throw Failure.found("\(refused.pod) is refused before policies see it: \(refused.message)")
        }
        var admission = Admission(
            cluster.rules, pods: cluster.pods, policies: PolicyEngine(policies ?? .empty, cluster: scene.cluster))
        // In the order of the input: a pod goes where the first one of its group went.
        for other in cluster.pods.prefix(while: { $0.metadata.key != pod.metadata.key }) { _ = admission.admit(other) }
        guard case .admitted(let prepared) = admission.prepare(pod) else {
            throw Failure.found("\(pod.metadata.key) is refused before policies see it")
        }
        let explanation = admission.policies.engine.explain(prepared.pod)
        scene.complainAboutPriorityClass(explanation)
        switch admission.admit(pod) {
        case .admitted(let admitted): return (explanation.decision, explanation, admitted.pod)
        case .refused(let refusal):
            // What comes after the policies, such as a quota, has no place in the explanation of theirs.
            if case .forbidden(let message) = refusal.reason, pod.spec.nodeName == nil {
                throw Failure.found("\(pod.metadata.key) is refused: \(message)")
            }
            return (explanation.decision, explanation, pod)
        }
    }

    /// The scheduler that the pod goes to: without policies the generic one takes the pods of those that are not there.
    private func schedulerName(_ decision: PolicyDecision, _ registry: SchedulerRegistry, hasPolicies: Bool) -> String {
        let name = decision.route?.scheduler ?? registry.defaultScheduler
        guard !hasPolicies, !registry.names.contains(name) else { return name }
        Terminal.complain("warning: \(Intake.nobodysPod(name, goesTo: registry.defaultScheduler))")
        return registry.defaultScheduler
    }

    /// The profile asked for, or that of the scheduler.
    private func chooseProfile(for scheduler: String, _ registry: SchedulerRegistry) throws -> Profile {
        let entry = registry.entries.first { $0.registration.name == scheduler }
        if let profile { return try readProfile(profile, scheduler) }
        switch entry?.registration.config["profile"] {
        case .string(let name)?:
            if let known = Profile.named(name) { return known }
        case let written?: return try Profile(written)
        case nil: break
        }
        guard let standard = Profile.named(scheduler) else {
            throw Failure.input([
                "scheduler \(scheduler) has no profile of its own here: name one with --profile "
                    + "(\(Profile.builtIn.map(\.name).joined(separator: ", ")), or a file)"
            ])
        }
        return standard
    }

    private func readProfile(_ text: String, _ scheduler: String) throws -> Profile {
        if let known = Profile.named(text) { return known }
        let documents = try SourceReader.documents(path: text)
        guard let document = documents.first else {
            throw Failure.input(["\(text): expected a profile, found nothing"])
        }
        do throws(FieldError) {
            return try Profile(document.value, scheduler: scheduler)
        } catch {
            throw document.error(error)
        }
    }
}
