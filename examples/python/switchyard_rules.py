"""Whether a pod fits on a node: the rules of Kubernetes, written plainly.

`refusal(template, node, cluster)` answers None where the pod fits and otherwise why not, in Kubernetes' own wording.
The dispatcher checks every placement again by the same rules, so a mistake here costs time but never breaks a cluster.
"""
from collections import namedtuple
from fractions import Fraction
from functools import lru_cache
import math
import re

GPU, GPU_SHARE, GPU_MILLI = "nvidia.com/gpu", "switchyard.dev/gpu-milli", 1000
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
QUANTITY = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?")
SUFFIXES = {"": 1, "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "k": 10**3, "M": 10**6,
            "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30,
            "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60}

#: What may let a pod fit after all, by the reason why it did not.
EVENTS = {
    "node(s) were unschedulable": ["nodeTaints"],
    "node(s) had untolerated taint(s)": ["nodeTaints"],
    "node(s) didn't match the requested node name": [],
    "node(s) didn't match Pod's node affinity/selector": ["nodeLabels"],
    "node(s) didn't have free ports for the requested pod ports": ["podReleased"],
    "node(s) didn't match pod topology spread constraints": ["podPlaced", "podReleased", "nodeRemoved", "nodeLabels"],
    "node(s) didn't match pod topology spread constraints (missing required label)": ["nodeLabels"],
    "node(s) would break topology spread constraints of placed pods": ["podPlaced", "podReleased", "nodeRemoved"],
    "node(s) didn't match pod affinity rules": ["podPlaced", "nodeLabels", "namespaceLabels"],
    "node(s) didn't match pod anti-affinity rules": ["podReleased", "nodeLabels", "namespaceLabels"],
    "node(s) didn't satisfy existing pods anti-affinity rules": ["podReleased", "nodeLabels", "namespaceLabels"],
    "Too many pods": ["podReleased", "nodeAllocatable"],
}


def events(reasons):
    """The cluster events after which a pod that was refused for these reasons is worth another try."""
    found = {"nodeAdded"}
    for reason in reasons:
        found.update(EVENTS.get(reason, ["podReleased", "nodeAllocatable"]))
    return sorted(found)


@lru_cache(maxsize=None)
def amount(resource, text):
    """A quantity as a whole number, rounded up: cpu in thousandths, anything else in units.

    As in Kubernetes nothing is finer than a billionth and nothing larger than 2^63 - 1: digits beyond are rounded away
    from zero, and what is larger counts as that.
    """
    found = QUANTITY.fullmatch(str(text))
    if not found:
        raise ValueError(f"{resource}: expected a quantity such as 250m, 16Gi or 1e3, found {text!r}")
    sign, number, suffix = found.groups("")
    # Beyond these powers of ten every value is the smallest or the largest there is.
    factor = SUFFIXES.get(suffix) or Fraction(10) ** max(-60, min(60, int(suffix[1:])))
    nanos = min(math.ceil(Fraction(number) * factor * 10**9), (2**63 - 1) * 10**9)
    nanos = -nanos if sign == "-" else nanos
    return max(-2**63, min(2**63 - 1, -(-nanos // (10**6 if resource == "cpu" else 10**9))))


def selects(selector, labels):
    """Whether a label selector selects an object; None selects nothing, an empty selector everything."""
    if selector is None:
        return False
    same = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return same and all(meets(item, labels.get(item["key"])) for item in selector.get("matchExpressions", []))


def meets(requirement, value):
    """Whether one requirement of a selector holds for the value of its label, None where it is absent."""
    operator, values = requirement["operator"], requirement.get("values", [])
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    try:
        return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])
    except (TypeError, ValueError):
        return False


def tolerates_value(operator, mine, other):
    """Whether a toleration's operator and value cover the value of a taint."""
    if operator == "Exists":
        return True
    if operator not in ("Gt", "Lt"):
        return mine == other
    mine, other = whole_number(mine), whole_number(other)
    if mine is None or other is None:
        return False
    return other > mine if operator == "Gt" else other < mine


def whole_number(text):
    """The whole number of 64 bits that a text writes as Kubernetes wants it, or None."""
    if not re.fullmatch(r"0|-?[1-9][0-9]{0,18}", text, re.ASCII) or not -2**63 <= int(text) < 2**63:
        return None
    return int(text)


def with_label_keys(selector, rule, labels):
    """The selector of a rule with its matchLabelKeys and mismatchLabelKeys filled in from the pod's own labels."""
    if selector is None:
        return None
    more = [{"key": key, "operator": operator, "values": [labels[key]]}
            for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))
            for key in rule.get(field, []) if key in labels]
    return {**selector, "matchExpressions": selector.get("matchExpressions", []) + more}


class Term:
    """One term of a required pod (anti-)affinity: which pods, and the node label that says what is near."""

    def __init__(self, term, template):
        self.key = term["topologyKey"]
        self.selector = with_label_keys(term.get("labelSelector"), term, template.labels)
        self.namespaces = term.get("namespaces", [])
        self.namespace_selector = term.get("namespaceSelector")
        if not self.namespaces and self.namespace_selector is None:
            self.namespaces = [template.namespace]

    def matches(self, other, cluster):
        """Whether pods of another template are meant."""
        inside = other.namespace in self.namespaces or selects(
            self.namespace_selector, cluster.namespace_labels(other.namespace))
        return inside and selects(self.selector, other.labels)


class Template:
    """All that matters of a pod for placing it. Pods of one template are alike."""

    def __init__(self, spec):
        self.id, self.spec = spec["id"], spec
        self.namespace, self.labels = spec.get("namespace", "default"), spec.get("labels", {})
        self.priority = spec.get("priority", 0)
        requests = {name: amount(name, text) for name, text in spec.get("requests", {}).items()}
        whole, share = requests.pop(GPU, 0), requests.pop(GPU_SHARE, 0)
        #: Devices that the pod takes, and how many thousandths of each: a share sits on one device.
        self.gpus = whole + (share > 0) if whole else int(share > 0)
        self.gpu_milli = GPU_MILLI if whole else share
        self.requests = {**requests, "pods": 1}
        self.node_selector = spec.get("nodeSelector", {})
        affinity = spec.get("affinity", {})
        self.node_terms = affinity.get("nodeAffinity", {}).get(REQUIRED, {}).get("nodeSelectorTerms")
        self.affinity = [Term(term, self) for term in affinity.get("podAffinity", {}).get(REQUIRED, [])]
        self.anti_affinity = [Term(term, self) for term in affinity.get("podAntiAffinity", {}).get(REQUIRED, [])]
        self.spread = [rule for rule in spec.get("topologySpreadConstraints", [])
                       if rule["whenUnsatisfiable"] == "DoNotSchedule"]
        self.ports = [(port.get("hostIP", "0.0.0.0"), port.get("protocol", "TCP"), port["hostPort"])
                      for port in spec.get("hostPorts", [])]
        self.on_node = {}       # node id → (version of the node, why it refuses whatever stands there)
        self.neighbours = None  # what the pods that stand already mean for this template, and as of when

    def tolerates(self, taint):
        """Whether some toleration of the pod covers the taint."""
        return any(
            item.get("effect", "") in ("", taint["effect"]) and item.get("key", "") in ("", taint["key"])
            and tolerates_value(item.get("operator", "Equal"), item.get("value", ""), taint.get("value", ""))
            for item in self.spec.get("tolerations", []))

    def tolerates_all(self, node):
        """Whether no taint of the node keeps the pod away."""
        return all(taint["effect"] == "PreferNoSchedule" or self.tolerates(taint) for taint in node.taints)

    def likes(self, node):
        """Whether node selector and required node affinity allow the node."""
        if any(node.labels.get(key) != value for key, value in self.node_selector.items()):
            return False
        return self.node_terms is None or any(
            (term.get("matchExpressions") or term.get("matchFields"))
            and all(meets(item, node.labels.get(item["key"])) for item in term.get("matchExpressions", []))
            and all(meets(item, node.name if item["key"] == "metadata.name" else None)
                    for item in term.get("matchFields", []))
            for term in self.node_terms)


Spread = namedtuple("Spread", "key selector counts least max_skew nodes")


def count(rule, template, cluster):
    """A topology spread constraint with the pods in each domain, the least of them, and the nodes that it counts."""
    key, counts, nodes = rule["topologyKey"], {}, set()
    selector = with_label_keys(rule.get("labelSelector"), rule, template.labels)
    keys = [other["topologyKey"] for other in template.spread]
    for node in cluster.all_nodes:
        if any(other not in node.labels for other in keys):
            continue
        if rule.get("nodeAffinityPolicy", "Honor") == "Honor" and not template.likes(node):
            continue
        if rule.get("nodeTaintsPolicy", "Ignore") == "Honor" and not template.tolerates_all(node):
            continue
        here = sum(number for other, number in node.templates.items()
                   if other.namespace == template.namespace and selects(selector, other.labels))
        counts[node.labels[key]] = counts.get(node.labels[key], 0) + here
        nodes.add(node.id)
    least = min(counts.values(), default=0) if len(counts) >= rule.get("minDomains", 1) else 0
    return Spread(key, selector, counts, least, rule["maxSkew"], nodes)


class Neighbours:
    """What the pods that stand already mean for a template, counted afresh whenever the cluster has changed."""

    def __init__(self, template, cluster):
        nodes = cluster.all_nodes
        self.spread = [count(rule, template, cluster) for rule in template.spread]
        self.own = [int(selects(item.selector, template.labels)) for item in self.spread]
        #: Spread constraints of other pods that stand already and that one more pod of this template may break.
        self.kept = []
        # Affinity counts the pods that all of its terms want; the first of its kind may stand anywhere.
        self.near = [(term.key, set()) for term in template.affinity]
        #: Domains that anti-affinity closes: (label, value) → why.
        self.closed = {}
        for node in nodes:
            for other in node.templates:
                if self.near and all(term.matches(other, cluster) for term in template.affinity):
                    for key, values in self.near:
                        values.add(node.labels.get(key))
                for term in other.anti_affinity:
                    if term.key in node.labels and term.matches(template, cluster):
                        self.closed[term.key, node.labels[term.key]] = (
                            "node(s) didn't satisfy existing pods anti-affinity rules")
                for term in template.anti_affinity:
                    if term.key in node.labels and term.matches(other, cluster):
                        self.closed[term.key, node.labels[term.key]] = "node(s) didn't match pod anti-affinity rules"
        others = {other for node in nodes for other in node.templates if other is not template}
        for other in others if cluster.protects_placed_spread else []:
            if other.namespace == template.namespace:
                items = [count(rule, other, cluster) for rule in other.spread]
                self.kept += [item for item in items if selects(item.selector, template.labels)]
        none_there = not any(values - {None} for _, values in self.near)
        self.is_first = none_there and all(term.matches(template, cluster) for term in template.affinity)

    def refusal(self, node):
        """Why the node's neighbourhood is no place for the pod, or None."""
        for item, own in zip(self.spread, self.own):
            if item.key not in node.labels:
                return "node(s) didn't match pod topology spread constraints (missing required label)"
            if item.counts.get(node.labels[item.key], 0) + own - item.least > item.max_skew:
                return "node(s) didn't match pod topology spread constraints"
        for item in self.kept:
            if node.id in item.nodes and item.counts[node.labels[item.key]] + 1 - item.least > item.max_skew:
                return "node(s) would break topology spread constraints of placed pods"
        for key, values in self.near:
            if key not in node.labels or not (node.labels[key] in values or self.is_first):
                return "node(s) didn't match pod affinity rules"
        return next((why for (key, value), why in self.closed.items() if node.labels.get(key) == value), None)


def refusal(template, node, cluster):
    """Why a pod of the template cannot be placed on the node now, or None where it fits."""
    version, why = template.on_node.get(node.id, (None, None))
    if version != node.version:
        why = static_refusal(template, node)
        template.on_node[node.id] = (node.version, why)
    if why:
        return why
    for taken in node.ports:
        if any(clash(port, taken) for port in template.ports):
            return "node(s) didn't have free ports for the requested pod ports"
    for resource, needed in template.requests.items():
        if needed > node.free.get(resource, 0):
            return "Too many pods" if resource == "pods" else f"Insufficient {resource}"
    if template.gpus and node.choose_gpus(template) is None:
        return f"Insufficient {GPU if template.gpu_milli == GPU_MILLI else GPU_SHARE}"
    if not (template.spread or template.affinity or template.anti_affinity or cluster.pods_with_rules):
        return None
    if template.neighbours is None or template.neighbours[0] != cluster.version:
        template.neighbours = cluster.version, Neighbours(template, cluster)
    return template.neighbours[1].refusal(node)


def static_refusal(template, node):
    """Why the node would refuse the pod even if it were empty, resources aside."""
    if node.unschedulable and not template.tolerates(
            {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}):
        return "node(s) were unschedulable"
    if template.spec.get("nodeName") not in (None, node.name):
        return "node(s) didn't match the requested node name"
    if not template.tolerates_all(node):
        return "node(s) had untolerated taint(s)"
    return None if template.likes(node) else "node(s) didn't match Pod's node affinity/selector"


def clash(one, other):
    """Whether two host ports, each (address, protocol, port), cannot be on one node."""
    return one[1:] == other[1:] and (one[0] == other[0] or "0.0.0.0" in (one[0], other[0]))
