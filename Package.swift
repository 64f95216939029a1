// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "switchyard",
    dependencies: [],
    targets: [
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "ClusterModel"),
        .target(name: "Placement", dependencies: ["ClusterModel"]),
        .target(name: "CoreBench", dependencies: ["Placement", "ClusterModel"]),
        .executableTarget(name: "switchyard-core-bench", dependencies: ["CoreBench", "Placement"]),
        .testTarget(name: "ClusterModelTests", dependencies: ["ClusterModel"]),
        .testTarget(name: "PlacementTests", dependencies: ["Placement", "ClusterModel", "CoreBench"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
