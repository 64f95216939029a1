import ArgumentParser
import ClusterModel
import DispatcherShell
import Manifests
import PolicyEngine
import SchedulerRegistry
import Simulation

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run the main job on a built-in cluster: policies, three schedulers, checked placements.",
        discussion: """
            240 nodes in three zones get about 3,000 pods of every kind: services, Jobs, groups that start together, GPUs and shares \
            of GPUs, two tenants, and some that no scheduler should see.

            Examples:
              switchyard demo
              switchyard demo --inject kill-every=100
              switchyard demo --write demo
              switchyard simulate --nodes demo/nodes.yaml --pods demo/pods.yaml
            """)

    @Option(help: ArgumentHelp("The folder of policies.", valueName: "dir"))
    var policies = "policies"

    @Option(help: ArgumentHelp("Put a fault in, as for simulate; may be given several times.", valueName: "fault"))
    var inject: [String] = []

    @Option(help: ArgumentHelp("Write the cluster as manifests into this folder, and do no more.", valueName: "dir"))
    var write: String?

    func run() throws {
        if let write {
            try DemoCluster.write(to: write)
            Terminal.print("wrote \(write)/nodes.yaml and \(write)/pods.yaml")
            return
        }
        let registry = SchedulerRegistry.builtIn(folder: Tool.folder)
        let set: PolicySet
        do {
            set = try PolicyFolder(path: policies, withTests: false).policySet(schedulers: Set(registry.names))
        } catch {
            throw Failure.faults(error.findings)
        }
        var setup = SimulationSetup(registry: registry)
        for fault in inject { try setup.faults.add(fault) }
        let input = try ClusterInput(texts: DemoCluster.texts)
        var cluster = Cluster(input, title: "demo cluster")
        cluster.warnings = []
        setup.take(cluster)
        _ = setup.admit(
            cluster.pods, policies: set, rules: cluster.rules,
            serviceSelector: cluster.serviceSelector)
        let result = Simulation(setup).run()
        Terminal.print(SimulationText(result, title: cluster.title, listsPlacements: false).text)
        Terminal.print(
            "\n" + Terminal.dim("  next: switchyard simulate --help, switchyard policy explain --help, docs/"))
        guard result.counts.pending == 0 else {
            throw Failure.found("\(result.counts.pending) pods are pending, which should not happen here")
        }
    }
}
