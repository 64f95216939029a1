import ArgumentParser

/// The flags that take a public trace in place of manifests.
struct TraceOptions: ParsableArguments {
    @Option var trace: String?
    var isGiven: Bool { trace != nil }
    func cluster() throws -> Cluster { Cluster(title: "x", nodes: [], pods: []) }
}
