// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "switchyard",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "ClusterModel"),
        .target(name: "JSON", dependencies: ["CJansson", "ClusterModel"]),
        .target(name: "Placement", dependencies: ["ClusterModel"]),
        .target(
            name: "Dispatcher",
            dependencies: [
                "ClusterModel", "Placement", "SchedulerProtocol",
                .product(name: "DequeModule", package: "swift-collections"),
            ]),
        .target(
            name: "DispatcherShell",
            dependencies: [
                "Dispatcher", "JSON", "SchedulerProtocol", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "SchedulerKit",
            dependencies: [
                "ClusterModel", "JSON", "Placement", "SchedulerProtocol",
                .product(name: "DequeModule", package: "swift-collections"),
            ]),
        .target(name: "SchedulerProtocol", dependencies: ["ClusterModel", "JSON"]),
        .testTarget(name: "ClusterModelTests", dependencies: ["ClusterModel"]),
        .target(name: "ClusterTestKit", dependencies: ["ClusterModel"], path: "Tests/ClusterTestKit"),
        .testTarget(name: "JSONTests", dependencies: ["ClusterModel", "ClusterTestKit", "JSON"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
