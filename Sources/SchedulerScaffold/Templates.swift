/// The texts of a new scheduler's files.
enum Templates {
    static func python(_ className: String) -> String {
        """
        #!/usr/bin/env python3
        \"""A scheduler for Switchyard. Change `place` to make it yours.\"""
        import switchyard


        class \(className)(switchyard.Scheduler):
            def place(self, pod, cluster):
                \"""The node with the most free cpu among those on which the pod fits, or None.\"""
                able = [node for node in cluster.nodes if cluster.fits(pod, node)]
                return max(able, key=lambda node: node.free.get("cpu", 0), default=None)


        if __name__ == "__main__":
            switchyard.run(\(className)())

        """
    }

    static func swift(_ className: String) -> String {
        """
        import SchedulerKit

        /// A scheduler for Switchyard: filters and scores by a profile. Change the profile, or `place`, to make it yours.
        @main
        struct \(className): ProfileScheduler {
            static let standardProfile = Profile.binpack
            var engine: Engine

            static func main() { SchedulerProcess<\(className)>.run() }
        }

        """
    }

    static func package(_ name: String, _ switchyard: String) -> String {
        """
        // swift-tools-version: 6.2
        import PackageDescription

        let package = Package(
            name: "\(name)",
            dependencies: [.package(name: "switchyard", path: "\(switchyard)")],
            targets: [
                .executableTarget(
                    name: "\(name)", dependencies: [.product(name: "SchedulerKit", package: "switchyard")])
            ]
        )

        """
    }

    static func registration(_ name: String, _ command: [String]) -> String {
        """
        apiVersion: switchyard.dev/v1alpha1
        kind: Scheduler
        metadata:
          name: \(name)
        spec:
          command: [\(command.joined(separator: ", "))]

        """
    }

    static func readme(_ name: String, _ commands: String...) -> String {
        """
        # \(name)

        A scheduler for Switchyard.

        \(commands.map { "    \($0)" }.joined(separator: "\n"))
            switchyard simulate --nodes nodes.yaml --pods pods.yaml --schedulers \(name).yaml

        """
    }
}
