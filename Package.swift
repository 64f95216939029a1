// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "switchyard",
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2")
    ],
    targets: [
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "ClusterModel"),
        .target(name: "JSON", dependencies: ["CJansson", "ClusterModel"]),
        .target(name: "Manifests", dependencies: ["ClusterModel", "JSON", "Yams"]),
        .target(name: "Traces", dependencies: ["ClusterModel", "Manifests"]),
        .testTarget(name: "ClusterModelTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON"]),
        .target(name: "ClusterTestKit", dependencies: ["ClusterModel"], path: "Tests/ClusterTestKit"),
        .testTarget(name: "JSONTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON"]),
        .testTarget(
            name: "ManifestsTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON", "Manifests"]),
        .testTarget(
            name: "TracesTests", dependencies: ["ClusterModel", "ClusterTestKit", "Manifests", "Traces"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
