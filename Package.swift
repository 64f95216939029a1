// swift-tools-version: 6.2
import PackageDescription

let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

// A scheduler imports SchedulerKit alone; the build must know what comes with it, or it rebuilds too little.
let kit: [Target.Dependency] = ["BatchQueue", "ClusterModel", "Placement", "SchedulerKit", "SchedulerProtocol"]

let package = Package(
    name: "switchyard",
    // What a scheduler in Swift, in a package of its own, builds on.
    products: [.library(name: "SchedulerKit", targets: ["SchedulerKit"])],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
    ],
    targets: [
        // What a cluster is made of, and how it is written down.
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "ClusterModel"),
        .target(name: "JSON", dependencies: ["CJansson", "ClusterModel"]),
        // Of Yams, Manifests uses the C library inside: its events.
        .target(name: "Manifests", dependencies: ["ClusterModel", "JSON", "Yams"]),
        .target(name: "Traces", dependencies: ["ClusterModel", "JSON", "Manifests"]),
        // Where pods go: the hot path, the protocol, and a scheduler's side of it.
        .target(name: "CScoring"),
        .target(name: "Placement", dependencies: ["CScoring", "ClusterModel"]),
        .target(name: "BatchQueue", dependencies: ["ClusterModel"]),
        .target(name: "CoreBench", dependencies: ["ClusterModel", "Placement"]),
        .executableTarget(
            name: "switchyard-core-bench", dependencies: ["ClusterModel", "CoreBench", "JSON", "Placement"]),
        .target(name: "SchedulerProtocol", dependencies: ["ClusterModel", "JSON"]),
        .target(
            name: "SchedulerKit",
            dependencies: ["BatchQueue", "ClusterModel", "JSON", "Placement", "SchedulerProtocol", deque]),
        .executableTarget(name: "switchyard-binpack", dependencies: kit),
        .executableTarget(name: "switchyard-gang", dependencies: kit),
        .executableTarget(name: "switchyard-spread", dependencies: kit),
        // Who gets a pod, and the commit.
        .target(name: "CEL"),
        .target(name: "CELCases", dependencies: ["CEL", "ClusterModel"]),
        .systemLibrary(name: "CPrefetch"),
        .target(name: "PolicyEngine", dependencies: ["CEL", "CPrefetch", "ClusterModel", "Manifests"]),
        .target(name: "Admission", dependencies: ["ClusterModel", "PolicyEngine"]),
        .target(name: "Dispatcher", dependencies: ["ClusterModel", "Placement", "SchedulerProtocol", deque]),
        .target(name: "CLinux"),
        .target(
            name: "DispatcherShell",
            dependencies: ["CLinux", "Dispatcher", "JSON", "SchedulerProtocol"]),
        .target(
            name: "SchedulerRegistry",
            dependencies: ["ClusterModel", "Dispatcher", "DispatcherShell", "Manifests", "Placement"]),
        .target(
            name: "Simulation",
            dependencies: [
                "Admission", "ClusterModel", "Dispatcher", "DispatcherShell", "Manifests", "Placement", "PolicyEngine",
                "SchedulerProtocol", "SchedulerRegistry",
            ]),
        // How fast, how well placed, how close to the limit.
        .target(name: "Report"),
        .target(
            name: "Bench",
            dependencies: [
                "Admission", "ClusterModel", "CoreBench", "Dispatcher", "DispatcherShell", "JSON", "Manifests",
                "PolicyEngine", "Report", "SchedulerRegistry", "Simulation",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        .target(
            name: "Replay",
            dependencies: [
                "ClusterModel", "Dispatcher", "DispatcherShell", "Placement", "Simulation",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .target(
            name: "BatchBench",
            dependencies: [
                "BatchQueue", "ClusterModel", "Manifests", "Replay", "Traces",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .executableTarget(
            name: "switchyard",
            dependencies: [
                "Admission", "BatchBench", "BatchQueue", "Bench", "CEL", "CELCases", "ClusterModel", "Conformance",
                "CoreBench",
                "Dispatcher", "DispatcherShell", "JSON", "Manifests", "Placement", "PolicyEngine", "Replay",
                "Report", "SchedulerRegistry", "SchedulerScaffold", "Simulation", "TextTable", "Traces",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), "switchyard-binpack",
                "switchyard-gang", "switchyard-spread",
            ]),
        // The plug-in author's side: checks, recordings, a first scheduler.
        .target(
            name: "Conformance",
            dependencies: ["ClusterModel", "Dispatcher", "DispatcherShell", "JSON", "Placement", "SchedulerProtocol"]),
        .target(
            name: "SchedulerScaffold",
            resources: [
                .embedInCode("Resources/switchyard.py"), .embedInCode("Resources/switchyard_rules.py"),
                .embedInCode("Resources/switchyard.c"), .embedInCode("Resources/switchyard.h"),
                .embedInCode("Resources/least_full.sh"),
            ]),
        // Tests.
        .target(name: "ClusterTestKit", dependencies: ["ClusterModel"], path: "Tests/ClusterTestKit"),
        .testTarget(name: "ClusterModelTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON"]),
        .testTarget(name: "JSONTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON"]),
        .testTarget(name: "ManifestsTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON", "Manifests"]),
        .testTarget(
            name: "PlacementTests", dependencies: ["ClusterModel", "ClusterTestKit", "CoreBench", "Placement"]),
        .testTarget(name: "CELTests", dependencies: ["CEL", "CELCases", "ClusterModel", "JSON"]),
        .testTarget(
            name: "TracesTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON", "Manifests", "Traces"]),
        .testTarget(
            name: "PolicyEngineTests",
            dependencies: ["Admission", "CEL", "ClusterModel", "ClusterTestKit", "Manifests", "PolicyEngine"]),
        .target(
            name: "ProtocolTestKit", dependencies: ["ClusterModel", "SchedulerProtocol"], path: "Tests/ProtocolTestKit",
            exclude: ["validate_lines.py"]),
        .testTarget(
            name: "SchedulerProtocolTests",
            dependencies: ["ClusterModel", "JSON", "ProtocolTestKit", "SchedulerProtocol"]),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "ClusterModel", "Conformance", "Dispatcher", "DispatcherShell", "JSON", "ProtocolTestKit",
                "SchedulerProtocol",
                "SchedulerScaffold",
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "ClusterTestKit", "switchyard", "switchyard-binpack", "switchyard-gang", "switchyard-spread",
            ]),
        .testTarget(name: "ReportTests", dependencies: ["ClusterTestKit", "Report"]),
        .testTarget(
            name: "BenchTests",
            dependencies: [
                "Bench", "ClusterModel", "ClusterTestKit", "DispatcherShell", "Manifests", "switchyard-binpack",
                "switchyard-gang",
                "switchyard-spread",
            ]),
        .testTarget(name: "BatchQueueTests", dependencies: ["BatchQueue", "ClusterModel"]),
        .testTarget(
            name: "BatchBenchTests",
            dependencies: ["BatchBench", "BatchQueue", "ClusterModel", "ClusterTestKit", "Replay", "Traces"]),
        .testTarget(
            name: "ReplayTests",
            dependencies: [
                "ClusterModel", "Dispatcher", "DispatcherShell", "Replay", "SchedulerRegistry", "Simulation",
                "switchyard-binpack",
                "switchyard-gang", "switchyard-spread",
            ]),
        .testTarget(name: "TidyTests"),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Admission", "ClusterModel", "ClusterTestKit", "Dispatcher", "DispatcherShell", "Manifests",
                "PolicyEngine", "SchedulerRegistry", "Simulation",
                "switchyard-binpack", "switchyard-gang", "switchyard-spread",
            ]),
        .testTarget(
            name: "DispatcherTests", dependencies: ["ClusterModel", "Dispatcher", "Placement", "SchedulerProtocol"]),
        // The programs from outside: exit codes, signals, what is left behind, numbers of any size.
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "ClusterModel", "ClusterTestKit", "JSON", "Manifests", "switchyard", "switchyard-binpack",
                "switchyard-gang", "switchyard-spread",
            ]),
    ]
)

for target in package.targets where target.type != .system && !["CLinux", "CScoring"].contains(target.name) {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
