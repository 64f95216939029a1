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

    static func c(_ script: String) -> String {
        """
        /* A scheduler for Switchyard. Change `place` to make it yours.
         *
         *     make && switchyard scheduler check ./\(script)
         */
        #include "switchyard.h"

        /* The node with the most free cpu among those on which the pod fits, or NULL. */
        static const sy_node *place(const sy_pod *pod, const sy_cluster *cluster) {
            const sy_node *best = NULL;
            for (size_t i = 0; i < cluster->node_count; i++) {
                const sy_node *node = &cluster->nodes[i];
                if (sy_refusal(pod, node)) continue;
                if (!best || sy_amount(node->free, "cpu") > sy_amount(best->free, "cpu")) best = node;
            }
            return best;
        }

        int main(void) {
            const sy_scheduler scheduler = {.place = place, .window = 256};
            return sy_run(&scheduler);
        }

        """
    }

    static func makefile(_ script: String) -> String {
        """
        CFLAGS ?= -O2 -Wall -Wextra
        CFLAGS += $(shell pkg-config --cflags jansson)
        LDLIBS += $(shell pkg-config --libs jansson)

        \(script): \(script).c switchyard.c switchyard.h
        \t$(CC) $(CFLAGS) -o $@ \(script).c switchyard.c $(LDLIBS)

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
