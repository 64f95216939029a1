#!/usr/bin/env python3
"""Schedulers that are broken on purpose, each in one way: `broken.py SDK-FOLDER MODE`.

Each is the first-fit example with one thing changed, so that a check which fails names that one thing.
"""
import json
import os
import sys
import time

sys.path.insert(0, sys.argv[1])
import switchyard  # noqa: E402


class FirstFit(switchyard.Scheduler):
    def place(self, pod, cluster):
        return next((node for node in cluster.nodes if cluster.fits(pod, node)), None)


class SmallWindow(FirstFit):
    window = 2


class OverCapacity(FirstFit):
    def place(self, pod, cluster):
        return cluster.nodes[0] if cluster.nodes else None


class HalfAGroup(FirstFit):
    def place_group(self, group, pods, cluster):
        seats = super().place_group(group, pods, cluster)
        return dict(list(seats.items())[:len(pods) // 2])


class Crash(FirstFit):
    """Crashes on one poison pod, which it knows by its label."""

    def place(self, pod, cluster):
        if pod.template.labels.get("app") in ("ports", "poison"):
            raise RuntimeError("poison")
        return super().place(pod, cluster)


class Random(FirstFit):
    def place(self, pod, cluster):
        able = [node for node in cluster.nodes if cluster.fits(pod, node)]
        return able[os.urandom(1)[0] % len(able)] if able else None


class Broken(switchyard.Process):
    """The run loop, which each mode changes in one place."""

    def write(self, data):
        self.flush()
        while data:
            data = data[os.write(self.output, data):]


class Garbage(Broken):
    def on_pods(self, message):
        self.write(b"Placing pods now...\n")
        super().on_pods(message)


class Binary(Broken):
    def on_nodes(self, message):
        self.write(bytes(range(256)) + b"\n")
        super().on_nodes(message)


class HugeLine(Broken):
    """A line longer than any line may be: 9 MiB, or as many as MEGABYTES says."""

    def on_nodes(self, message):
        for _ in range(int(os.environ.get("MEGABYTES", "9"))):
            self.write(b"x" * (1 << 20))
        self.write(b"\n")
        super().on_nodes(message)


class NotItsOwn(Broken):
    def propose(self, pod, node):
        self.proposals.append([pod.id + 1_000_000, node.id])
        return super().propose(pod, node)


class Twice(Broken):
    def propose(self, pod, node):
        self.proposals.append([pod.id, node.id])
        return super().propose(pod, node)


class UnknownNode(Broken):
    def propose(self, pod, node):
        return [super().propose(pod, node)[0], node.id + 1_000]


class AfterWithdrawal(Broken):
    def on_withdraw(self, message):
        time.sleep(0.05)
        self.late = message["pods"]
        super().on_withdraw(message)

    def on_ping(self, message):
        super().on_ping(message)
        for pod in self.__dict__.pop("late", []):
            self.say("place", pods=[[pod, 0]])


class Flood(Broken):
    def listen(self):
        super().listen()
        if self.cluster.nodes:
            for _ in range(10_000):
                self.say("stats", stats={"all": "is well"})
            self.flush()


class NeverDecides(Broken):
    def decide(self):
        self.work.clear()


class WrongVersion(Broken):
    def on_hello(self, message):
        self.say("ready", protocol=2, window=8, capabilities=[])


class NoWindow(Broken):
    def on_hello(self, message):
        self.say("ready", protocol=1, window=0, capabilities=[])


class IgnoresNodes(Broken):
    def on_nodes(self, message):
        if not self.cluster.nodes:
            super().on_nodes(message)


class IgnoresPlaced(Broken):
    def on_placed(self, message):
        pass

    def on_released(self, message):
        pass


class NoReasons(Broken):
    def say_unschedulable(self, pods, reasons):
        super().say_unschedulable(pods, {})


class IgnoresRejections(Broken):
    def on_rejected(self, message):
        pass


class KeepsGone(Broken):
    def on_rejected(self, message):
        kept = [entry for entry in message["pods"] if entry[2] == "retry"]
        super().on_rejected({"pods": kept})


class DiesOnUnknownType(Broken):
    def listen(self):
        def refuse(message):
            raise SystemExit("what is that?")
        self.on_teleport = refuse
        super().listen()


class DiesOnGarbage(Broken):
    def listen(self):
        chunk = os.read(0, 1 << 20)
        *lines, self.partial = (self.partial + chunk).split(b"\n")
        for line in lines:
            message = json.loads(line)
            getattr(self, "on_" + message["type"], lambda message: None)(message)
        self.flush()


class IgnoresStop(Broken):
    def on_stop(self, message):
        pass


class StopsWithError(Broken):
    def on_stop(self, message):
        self.flush()
        sys.exit(4)


class DeafWhileBusy(Broken):
    """Looks at its input again only when everything is decided, however long that takes."""

    slice_seconds = 1e9

    def decide_pod(self, pod):
        time.sleep(0.03)
        super().decide_pod(pod)


class IgnoresPlacedSpread(Broken):
    def on_hello(self, message):
        super().on_hello({**message, "protectsPlacedSpread": False})


class OneByOne(Broken):
    """Not broken, but plain: it knows nothing of groups and places their members one by one."""

    capabilities = []

    def on_groups(self, message):
        pass


class SilentExplain(Broken):
    def on_explain(self, message):
        pass


MODES = {
    "good": (FirstFit, Broken), "small-window": (SmallWindow, Broken), "over-capacity": (OverCapacity, Broken),
    "half-a-group": (HalfAGroup, Broken), "poison": (Crash, Broken), "random": (Random, Broken),
    "garbage": (FirstFit, Garbage), "binary": (FirstFit, Binary), "huge-line": (FirstFit, HugeLine),
    "not-its-own": (FirstFit, NotItsOwn), "twice": (FirstFit, Twice), "unknown-node": (FirstFit, UnknownNode),
    "after-withdrawal": (FirstFit, AfterWithdrawal), "flood": (FirstFit, Flood),
    "never-decides": (FirstFit, NeverDecides), "wrong-version": (FirstFit, WrongVersion),
    "no-window": (FirstFit, NoWindow), "ignores-nodes": (FirstFit, IgnoresNodes),
    "ignores-placed": (FirstFit, IgnoresPlaced), "no-reasons": (FirstFit, NoReasons),
    "ignores-rejections": (FirstFit, IgnoresRejections), "keeps-gone": (FirstFit, KeepsGone),
    "dies-on-unknown-type": (FirstFit, DiesOnUnknownType), "dies-on-garbage": (FirstFit, DiesOnGarbage),
    "ignores-stop": (FirstFit, IgnoresStop), "stops-with-error": (FirstFit, StopsWithError),
    "deaf-while-busy": (FirstFit, DeafWhileBusy), "silent-explain": (FirstFit, SilentExplain),
    "ignores-placed-spread": (FirstFit, IgnoresPlacedSpread), "one-by-one": (FirstFit, OneByOne),
}

mode = sys.argv[2]
if mode == "dies":
    sys.exit("cannot find its configuration")
if mode == "never-reads":
    time.sleep(3600)
if mode == "hangs":
    os.read(0, 1)
    time.sleep(3600)
scheduler, process = MODES[mode]
switchyard.run(scheduler(), process)
