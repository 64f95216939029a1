#!/usr/bin/env python3
"""First fit: every pod goes to the first node, in the order in which the nodes joined, that has room for it.

Register it with `first-fit.yaml`, check it with `switchyard scheduler check examples/python/first_fit.py`.
"""
import switchyard


class FirstFit(switchyard.Scheduler):
    def place(self, pod, cluster):
        for node in cluster.nodes:
            if cluster.fits(pod, node):
                return node
        return None


if __name__ == "__main__":
    switchyard.run(FirstFit())
