// swift-tools-version: 6.2
import PackageDescription

let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "switchyard",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // What a cluster is made of, and how it is written down.
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "ClusterModel"),
        .target(name: "JSON", dependencies: ["CJansson", "ClusterModel"]),
        .target(name: "Manifests", dependencies: ["ClusterModel", "JSON", "Yams"]),
        // Where pods go: the hot path, the protocol, and a scheduler's side of it.
        .target(name: "Placement", dependencies: ["ClusterModel"]),
        .target(name: "SchedulerProtocol", dependencies: ["ClusterModel", "JSON"]),
        .target(name: "SchedulerKit", dependencies: ["ClusterModel", "JSON", "Placement", "SchedulerProtocol", deque]),
        .executableTarget(name: "switchyard-binpack", dependencies: ["SchedulerKit"]),
        .executableTarget(name: "switchyard-gang", dependencies: ["SchedulerKit"]),
        .executableTarget(name: "switchyard-spread", dependencies: ["SchedulerKit"]),
        // Who gets a pod, and the commit.
        .target(name: "CEL"),
        .target(name: "PolicyEngine", dependencies: ["CEL", "ClusterModel", "Manifests"]),
        .target(name: "Admission", dependencies: ["ClusterModel", "PolicyEngine"]),
        .target(name: "Dispatcher", dependencies: ["ClusterModel", "Placement", "SchedulerProtocol", deque]),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "DispatcherShell",
            dependencies: [
                "CLinux", "Dispatcher", "JSON", "SchedulerProtocol", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "SchedulerRegistry", dependencies: ["ClusterModel", "Dispatcher", "DispatcherShell", "Manifests"]),
        .target(
            name: "Simulation",
            dependencies: [
                "Admission", "ClusterModel", "Dispatcher", "DispatcherShell", "Manifests", "Placement", "PolicyEngine",
                "SchedulerProtocol", "SchedulerRegistry",
            ]),
        .executableTarget(
            name: "switchyard",
            dependencies: [
                "Admission", "ClusterModel", "Dispatcher", "DispatcherShell", "JSON", "Manifests", "Placement",
                "PolicyEngine", "SchedulerRegistry", "Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser"), "TextTable",
                "switchyard-binpack", "switchyard-gang", "switchyard-spread",
            ]),
        // Tests.
        .target(name: "ClusterTestKit", dependencies: ["ClusterModel"], path: "Tests/ClusterTestKit"),
        .testTarget(name: "ClusterModelTests", dependencies: ["ClusterModel", "ClusterTestKit"]),
        .testTarget(name: "JSONTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON"]),
        .testTarget(name: "ManifestsTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON", "Manifests"]),
        .testTarget(name: "PlacementTests", dependencies: ["ClusterModel", "ClusterTestKit", "Placement"]),
        .testTarget(name: "CELTests", dependencies: ["CEL"]),
        .testTarget(
            name: "PolicyEngineTests",
            dependencies: ["Admission", "ClusterModel", "ClusterTestKit", "Manifests", "PolicyEngine"]),
        .testTarget(
            name: "DispatcherTests", dependencies: ["ClusterModel", "ClusterTestKit", "Dispatcher", "SchedulerProtocol"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
