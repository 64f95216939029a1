#!/usr/bin/env python3
"""The scheduler protocol by hand, on one page: the first node with enough cpu and memory gets the pod.

Pods that ask for more than that (selectors, affinity, ports, GPUs, groups, …) are said to be unschedulable, because a
scheduler should not propose what it does not understand. `switchyard.py` does all of it in general.
"""
from fractions import Fraction
import json
import re
import sys

# The suffixes of quantities as Kubernetes writes them: 250m, 15277216Ki, 1.5Gi.
SUFFIXES = {**{suffix: Fraction(10) ** power for power, suffix in zip(range(-9, 19, 3), ["n", "u", "m", "", *"kMGTPE"])},
            **{suffix + "i": 1024 ** power for power, suffix in enumerate("KMGTPE", 1)}}
RULES = {"nodeName", "nodeSelector", "affinity", "topologySpreadConstraints", "hostPorts"}

nodes, templates, waiting, placed, refused, revision = {}, {}, {}, {}, set(), 0


def amounts(texts):
    return {name: amount(text) for name, text in texts.items()}


def amount(text):
    number, suffix = re.fullmatch(r"([+-]?[0-9.]+)(.*)", text).groups()
    return Fraction(number) * (SUFFIXES[suffix] if suffix in SUFFIXES else Fraction(10) ** int(suffix[1:]))  # 1e3


def say(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)


def room(node, needs):
    used = {}
    for other, home in placed.values():
        if home == node["id"]:
            for name, number in {**templates[other]["needs"], "pods": 1}.items():
                used[name] = used.get(name, 0) + number
    return all(used.get(name, 0) + number <= node["offers"].get(name, 0) for name, number in needs.items())


def decide(pod, template, *group):
    spec = templates[template]
    plain = not group and not RULES & set(spec) and set(spec["needs"]) <= {"cpu", "memory"}
    for node in nodes.values() if plain else []:
        is_open = not node.get("taints") and not node.get("unschedulable") and (pod, node["id"]) not in refused
        if is_open and room(node, {**spec["needs"], "pods": 1}):
            placed[pod] = template, node["id"]
            return say("place", revision=revision, pods=[[pod, node["id"]]])
    why = "Insufficient cpu or memory" if plain else "minimal.py understands cpu and memory only"
    say("unschedulable", revision=revision, pods=[pod], reasons={why: len(nodes)},
        events=["nodeAdded", "nodeAllocatable", "podReleased"])


for line in sys.stdin.buffer:
    try:
        message = json.loads(line)
        kind = message["type"]
    except (ValueError, KeyError, TypeError):
        continue
    revision = message.get("revision", revision)
    if kind == "hello":
        say("ready", protocol=1, window=64, capabilities=[])
    elif kind == "ping":
        say("pong", id=message["id"])
    elif kind == "nodes":
        nodes.update((node["id"], {**node, "offers": amounts(node["allocatable"])})
                     for node in message.get("upsert", []))
        for number in message.get("remove", []):
            nodes.pop(number, None)
    elif kind == "templates":
        templates.update((item["id"], {**item, "needs": amounts(item.get("requests", {}))})
                         for item in message["templates"])
    elif kind == "placed":
        placed.update((pod, (template, node)) for pod, template, node, *devices in message["pods"])
    elif kind in ("released", "withdraw"):
        for pod in message["pods"]:
            placed.pop(pod, None)
    elif kind == "pods":
        for pod, template, *group in message["pods"]:
            waiting[pod] = [template, *group]
            decide(pod, template, *group)
    elif kind == "rejected":
        for pod, node, verdict, *why in message["pods"]:
            if placed.get(pod, (None, None))[1] == node:
                del placed[pod]
            if verdict == "retry" and pod in waiting:
                refused.add((pod, node))
                decide(pod, *waiting[pod])
    elif kind == "stop":
        break
