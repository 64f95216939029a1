"""A scheduler for Switchyard in a few lines: derive from `Scheduler`, say where a pod goes, call `run`.

    import switchyard

    class FirstFit(switchyard.Scheduler):
        def place(self, pod, cluster):
            return next((node for node in cluster.nodes if cluster.fits(pod, node)), None)

    switchyard.run(FirstFit())

The rest happens here: the protocol, the mirror of the cluster, pod groups, conflicts, reasons. Print as you like: what
goes to stdout is sent to stderr, where the dispatcher shows it as the scheduler's log. Standard library only; this file
and `switchyard_rules.py` are all there is.
"""
from collections import Counter, deque
from contextlib import contextmanager
import json
import os
import select
import sys
import time

from switchyard_rules import GPU, GPU_MILLI, Template, amount, events, refusal

PROTOCOL = 1


class Scheduler:
    """What a scheduler's author writes. Only `place` is a must."""

    #: How many undecided pods to be given at once.
    window = 256

    def start(self, hello):
        """Called once, before anything else, with the message that has `config`, `seed` and `scheduler`."""

    def place(self, pod, cluster):
        """The node for a pod, one of `cluster.nodes` on which it fits, or None. Pods of one template are alike."""
        raise NotImplementedError

    def place_group(self, group, pods, cluster):
        """Nodes for the members of a group by pod, enough of them by `group.is_met`, or {}."""
        best = {}
        for domain in cluster.domains(group.required_topology_keys):
            with cluster.limited_to(domain):
                seats = {}
                for pod in pods:
                    node = self.place(pod, cluster)
                    if node is not None:
                        cluster.seat(pod, node)
                        seats[pod] = node
                for pod in seats:
                    cluster.release(pod.id)
            if len(seats) > len(best) and group.is_met(seats):
                best = seats
            if len(best) == len(pods):
                break
        return best


class Pod:
    """A pod to be placed. `template` has what matters for it; pods of one template are alike."""

    def __init__(self, number, template, group):
        #: The numbers of the pod and of its group; the latter is None for a pod that stands alone.
        self.id, self.group = number, group
        self.template = template


class Group:
    """A pod group: `missing` members must be placed at once or none."""

    def __init__(self, message):
        self.id, self.name = message["id"], f'{message["namespace"]}/{message["name"]}'
        self.missing = max(0, message["minMember"] - message["bound"])
        self.required_topology_keys = message.get("requiredTopologyKeys", [])
        #: Tasks of which some members must be among those placed: (how many, the numbers of its pods) for each.
        self.tasks = [(task["missing"], set(task["pods"])) for task in message.get("tasks", [])]

    def is_met(self, seats):
        """Whether places for these pods are enough for the group."""
        numbers = {pod.id for pod in seats}
        return len(seats) >= self.missing and all(len(numbers & pods) >= missing for missing, pods in self.tasks)


class Node:
    """A node with what pods have left of it. `free` is by resource: cpu in thousandths, anything else in units."""

    def __init__(self, number):
        self.id, self.version, self.pods, self.templates = number, 0, {}, Counter()

    def update(self, message):
        """Takes over what a `nodes` message says; the pods stay."""
        self.version += 1
        self.name, self.labels = message["name"], message.get("labels", {})
        self.taints, self.unschedulable = message.get("taints", []), message.get("unschedulable", False)
        self.allocatable = {name: amount(name, text) for name, text in message["allocatable"].items()}
        self.free, self.ports = dict(self.allocatable), []
        gpus = self.allocatable.get(GPU, 0)
        #: Free thousandths of each GPU device; where there are more than 64 they are counted only, without indices.
        self.gpus = [GPU_MILLI] * gpus if gpus <= 64 else []
        self.gpus_left = gpus if gpus > 64 else None
        for template, devices in self.pods.values():
            self.take(template, devices, 1)

    def take(self, template, devices, sign):
        """Takes what a pod of the template uses, or gives it back."""
        for name, needed in template.requests.items():
            self.free[name] = self.free.get(name, 0) - sign * needed
        if self.gpus_left is not None:
            self.gpus_left -= sign * template.gpus
        for device in devices:
            if device < len(self.gpus):
                self.gpus[device] -= sign * template.gpu_milli
        for port in template.ports:
            self.ports.append(port) if sign > 0 else self.ports.remove(port)

    def choose_gpus(self, template):
        """The fullest device that holds the share, or whole devices by index; None where there is no room."""
        if self.gpus_left is not None:
            return [] if template.gpu_milli == GPU_MILLI and template.gpus <= self.gpus_left else None
        able = [index for index, free in enumerate(self.gpus) if free >= template.gpu_milli]
        if len(able) < template.gpus:
            return None
        return sorted(sorted(able, key=lambda index: self.gpus[index])[:template.gpus])


class Cluster:
    """The mirror: the cluster as the dispatcher told it, with the placements that this scheduler has proposed since."""

    def __init__(self):
        #: The nodes to choose from, in the order of their numbers.
        self.nodes = []
        self.all_nodes, self.by_id, self.placed, self.templates, self.groups = [], {}, {}, {}, {}
        self.namespaces, self.version, self.revision = {}, 0, None
        #: Pods placed whose rules concern other pods, and whether their spread constraints are among those rules.
        self.pods_with_rules, self.protects_placed_spread = 0, False

    def fits(self, pod, node):
        """Whether the pod can be placed on the node now, by every rule that must hold."""
        return self.why_not(pod, node) is None

    def why_not(self, pod, node):
        """Why the pod cannot be placed on the node now, in Kubernetes' wording, or None."""
        return refusal(pod.template, node, self)

    def namespace_labels(self, name):
        """The labels of a namespace; one that was never declared has its name alone."""
        return self.namespaces.get(name, {"kubernetes.io/metadata.name": name})

    def seat(self, pod, node, devices=None):
        """Gives a pod its place on a node, and the GPU devices that it has there."""
        self.release(pod.id)
        devices = (node.choose_gpus(pod.template) or []) if devices is None else devices
        node.take(pod.template, devices, 1)
        node.pods[pod.id] = pod.template, devices
        node.templates[pod.template] += 1
        self.placed[pod.id] = node
        self.pods_with_rules += bool(pod.template.anti_affinity or pod.template.spread)
        self.version += 1

    def release(self, pod_id):
        """Takes a pod off its node; for a pod that is on none nothing happens."""
        node = self.placed.pop(pod_id, None)
        if node is None:
            return
        template, devices = node.pods.pop(pod_id)
        node.take(template, devices, -1)
        node.templates[template] -= 1
        if not node.templates[template]:
            del node.templates[template]
        self.pods_with_rules -= bool(template.anti_affinity or template.spread)
        self.version += 1

    def change_nodes(self, upsert, remove):
        """Nodes that joined or changed, and nodes that left."""
        for message in upsert:
            self.by_id.setdefault(message["id"], Node(message["id"])).update(message)
        for number in remove:
            node = self.by_id.pop(number, None)
            for pod in list(node.pods) if node else []:
                self.release(pod)
        self.nodes = self.all_nodes = [self.by_id[number] for number in sorted(self.by_id)]
        self.version += 1

    def domains(self, keys):
        """The sets of nodes that share a value of every key, the one with all nodes where there is no key."""
        found = {}
        for node in self.nodes:
            if all(key in node.labels for key in keys):
                found.setdefault(tuple(node.labels[key] for key in keys), []).append(node)
        return list(found.values())

    @contextmanager
    def limited_to(self, nodes):
        """Lets `nodes` stand for fewer of them for a while."""
        self.nodes, before = nodes, self.nodes
        try:
            yield
        finally:
            self.nodes = before

    def diagnose(self, pod):
        """How many nodes refuse the pod for each reason."""
        return dict(Counter(self.why_not(pod, node) or "node(s) were not chosen" for node in self.nodes))


class Process:
    """The run loop: takes in whatever has arrived, decides a few pods, writes what there is to say, and so on."""

    #: How long to decide before looking at the input again, so that a ping never waits for long.
    slice_seconds = 0.05
    capabilities = ["transaction", "explain"]

    def __init__(self, scheduler, output):
        self.scheduler, self.output, self.cluster = scheduler, output, Cluster()
        self.work, self.pods, self.undecided = deque(), {}, set()
        self.lines, self.partial, self.proposals, self.hopeless, self.failed = [], b"", [], {}, {}
        self.transactions, self.is_running = 0, True

    def run(self):
        """Goes on until `stop` comes or the dispatcher is gone."""
        while self.is_running:
            while self.is_running and (not self.work or select.select([0], [], [], 0)[0]):
                self.listen()
            self.decide()

    # What the dispatcher says

    def listen(self):
        """Waits for bytes and acts on the lines that they complete."""
        chunk = os.read(0, 1 << 20)
        if not chunk:
            self.is_running = False
        *lines, self.partial = (self.partial + chunk).split(b"\n")
        for line in filter(None, lines):
            try:
                message = json.loads(line)
                receive = getattr(self, "on_" + message["type"], None)
            except (ValueError, KeyError, TypeError) as error:
                print(f"passed over a line that is no message: {error!r}: {line[:200]!r}", file=sys.stderr)
                continue
            if receive:  # A type that is not known comes from a newer dispatcher and is none of our business.
                receive(message)
        self.flush()

    def on_hello(self, message):
        self.cluster.protects_placed_spread = message.get("protectsPlacedSpread", False)
        self.scheduler.start(message)
        self.say("ready", protocol=PROTOCOL, window=self.scheduler.window, capabilities=self.capabilities)

    def on_ping(self, message):
        self.say("pong", id=message["id"])

    def on_stop(self, message):
        self.is_running = False

    def on_nodes(self, message):
        self.cluster.revision = message["revision"]
        self.cluster.change_nodes(message.get("upsert", []), message.get("remove", []))

    def on_namespaces(self, message):
        self.cluster.namespaces.update((item["name"], item["labels"]) for item in message["upsert"])
        self.cluster.version += 1

    def on_templates(self, message):
        for spec in message["templates"]:
            self.cluster.templates[spec["id"]] = Template(spec)

    def on_forget(self, message):
        for number in message["templates"]:
            self.cluster.templates.pop(number, None)

    def on_groups(self, message):
        self.cluster.groups.update((item["id"], Group(item)) for item in message["groups"])

    def on_pods(self, message):
        pods = [Pod(number, self.cluster.templates[template], group[0] if group else None)
                for number, template, *group in message["pods"]]
        self.pods.update((pod.id, pod) for pod in pods)
        self.work.extend(self.pieces(pods))

    def pieces(self, pods):
        """The work that undecided pods make: one piece of members that must come together, one of any other pod."""
        pieces, groups = [], {}
        for pod in pods:
            self.undecided.add(pod.id)
            group = self.cluster.groups.get(pod.group)
            if group is None or not group.missing:
                pieces.append((None, [pod]))
            elif group.id in groups:
                groups[group.id].append(pod)
            else:
                groups[group.id] = [pod]
                pieces.append((group, groups[group.id]))
        return pieces

    def on_placed(self, message):
        self.cluster.revision = message["revision"]
        for number, template, node, *devices in message["pods"]:
            self.undecided.discard(number)
            if node in self.cluster.by_id:  # A node can be gone by now although the pod's own end is yet to be told.
                pod = Pod(number, self.cluster.templates[template], None)
                self.cluster.seat(pod, self.cluster.by_id[node], devices[0] if devices else None)

    def on_released(self, message):
        self.cluster.revision = message["revision"]
        self.drop(message["pods"])

    def on_withdraw(self, message):
        self.drop(message["pods"])

    def drop(self, numbers):
        """Forgets pods that are no longer placed, or no longer ours to place."""
        for number in numbers:
            self.undecided.discard(number)
            self.pods.pop(number, None)
            self.cluster.release(number)

    def on_rejected(self, message):
        again = []
        for number, node, verdict, reason, *free in message["pods"]:
            if number in self.cluster.placed and self.cluster.placed[number].id == node:
                self.cluster.release(number)
            if verdict == "retry" and number in self.pods:
                again.append(self.pods[number])
            elif verdict == "gone" and number not in self.cluster.placed:
                self.drop([number])
        self.work.extendleft(reversed(self.pieces(again)))

    def on_explain(self, message):
        pod = Pod(-1, self.cluster.templates[message["template"]], None)
        chosen = self.scheduler.place(pod, self.cluster)
        nodes = {}
        for node in self.cluster.nodes:
            why = self.cluster.why_not(pod, node)
            nodes[node.name] = {"feasible": why is None, "reasons": [why] if why else []}
        self.say("explanation", id=message["id"],
                 explanation={"nodes": nodes, "chosen": chosen.name if chosen else None})

    # What is decided

    def decide(self):
        """Decides for a moment, then says what was decided."""
        end = time.monotonic() + self.slice_seconds
        while self.work and time.monotonic() < end:
            group, pods = self.work.popleft()
            pods = [pod for pod in pods if pod.id in self.undecided]
            if group and pods:
                self.decide_group(group, pods)
            elif pods:
                self.decide_pod(pods[0])
        self.flush()

    def decide_pod(self, pod):
        # A template that fitted nowhere fits nowhere again as long as nothing has changed.
        node = None
        if self.failed.get(pod.template.id) != self.cluster.version:
            node = self.scheduler.place(pod, self.cluster)
        if node is None:
            self.give_up(pod)
        else:
            if self.hopeless:
                self.say_decisions()  # What is said must stand in the order in which it was decided.
            self.proposals.append(self.propose(pod, node))

    def decide_group(self, group, pods):
        seats = self.scheduler.place_group(group, pods, self.cluster)
        if not seats:
            more = f"pod group {group.name}: fewer than {group.missing} more members fit at once"
            return self.say_unschedulable(pods, {**self.cluster.diagnose(pods[0]), more: len(self.cluster.nodes)})
        self.say_decisions()
        self.transactions += 1
        seated = [self.propose(pod, node) for pod, node in seats.items()]
        self.say("transaction", id=self.transactions, pods=seated, **self.seen())
        for pod in pods:
            if pod not in seats:
                self.give_up(pod)

    def propose(self, pod, node):
        """Assumes a placement, and says it: with the GPU devices where there are any, so that both sides agree."""
        self.undecided.discard(pod.id)
        self.cluster.seat(pod, node)
        devices = node.pods[pod.id][1]
        return [pod.id, node.id, devices] if devices else [pod.id, node.id]

    def give_up(self, pod):
        self.undecided.discard(pod.id)
        self.failed[pod.template.id] = self.cluster.version
        self.hopeless.setdefault(pod.template, []).append(pod)

    # What the dispatcher hears

    def seen(self):
        """The last revision that decisions rest on."""
        return {} if self.cluster.revision is None else {"revision": self.cluster.revision}

    def say_unschedulable(self, pods, reasons):
        self.undecided.difference_update(pod.id for pod in pods)
        # Enough members of a group may fit once anything leaves, even where one alone would fit now.
        more = ["podReleased", "nodeAllocatable"] if pods[0].group is not None else []
        self.say("unschedulable", pods=[pod.id for pod in pods], reasons=reasons,
                 events=sorted({*events(reasons), *more}), **self.seen())

    def say_decisions(self):
        """Reports what was decided since the last time, placements first."""
        if self.proposals:
            self.say("place", pods=self.proposals, **self.seen())
            self.proposals = []
        hopeless, self.hopeless = self.hopeless, {}
        for pods in hopeless.values():
            self.say_unschedulable(pods, self.cluster.diagnose(pods[0]))

    def say(self, kind, **fields):
        self.lines.append(json.dumps({"type": kind, **fields}, separators=(",", ":")))

    def flush(self):
        """Writes what has gathered. This may wait for the dispatcher, which always reads."""
        self.say_decisions()
        data = "".join(line + "\n" for line in self.lines).encode()
        self.lines = []
        while data:
            data = data[os.write(self.output, data):]


def run(scheduler, process=Process):
    """Runs a scheduler on stdin and stdout until it is told to stop."""
    # A stray print would break the protocol, so the real stdout is kept for it and descriptor 1 goes to stderr.
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        process(scheduler, output).run()
    except BrokenPipeError:
        pass  # The dispatcher is gone.
