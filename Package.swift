// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "switchyard",
    dependencies: [],
    targets: [
        .target(name: "CEL"),
        .testTarget(name: "CELTests", dependencies: ["CEL"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
