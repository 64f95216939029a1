"""First fit that sleeps before every decision: a scheduler that waits for something outside, such as a database."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "python"))
import switchyard  # noqa: E402


class SlowFirstFit(switchyard.Scheduler):
    def start(self, hello):
        self.sleep_seconds = hello["config"].get("sleepSeconds", 0.02)

    def place(self, pod, cluster):
        time.sleep(self.sleep_seconds)
        for node in cluster.nodes:
            if cluster.fits(pod, node):
                return node
        return None


switchyard.run(SlowFirstFit())
