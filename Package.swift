// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "switchyard",
    dependencies: [],
    targets: [
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "ClusterModel"),
        .target(name: "JSON", dependencies: ["CJansson", "ClusterModel"]),
        .target(name: "SchedulerProtocol", dependencies: ["ClusterModel", "JSON"]),
        .testTarget(name: "ClusterModelTests", dependencies: ["ClusterModel"]),
        .target(name: "ClusterTestKit", dependencies: ["ClusterModel"], path: "Tests/ClusterTestKit"),
        .testTarget(name: "JSONTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON"]),
        .target(
            name: "ProtocolTestKit", dependencies: ["ClusterModel", "SchedulerProtocol"], path: "Tests/ProtocolTestKit",
            exclude: ["validate_lines.py"]),
        .testTarget(
            name: "SchedulerProtocolTests",
            dependencies: ["ClusterModel", "JSON", "ProtocolTestKit", "SchedulerProtocol"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
