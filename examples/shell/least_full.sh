#!/bin/sh
# A scheduler for Switchyard as a shell script: jq reads the protocol's lines, keeps the mirror, and chooses.
#
#     switchyard scheduler check ./least_full.sh
#
# A pod goes to the node with the most free cpu on which its cpu and memory fit. Pods that ask for more than that are said to be
# unschedulable, since a scheduler should not propose what it does not understand.
exec jq --unbuffered -cnR '
  # Kubernetes quantities as numbers: cpu in units, memory in bytes.
  def amount:
    capture("^(?<n>[0-9.]+(?:[eE][+-]?[0-9]+)?)(?<u>[a-zA-Z]*)$") as {$n, $u}
    | ($n | tonumber) * ({"": 1, n: 1e-9, u: 1e-6, m: 0.001, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 1024,
        Mi: 1048576, Gi: 1073741824, Ti: 1099511627776, Pi: 1125899906842624, Ei: 1152921504606846976}[$u] // 1);
  def amounts: with_entries(.value |= amount);
  def say($message): .out += [$message];
  def drop($pod): del(.placed["\($pod)"]);

  # What the pods on a node have left of it.
  def left($node):
    . as $all
    | reduce ($all.placed[] | select(.[1] == $node.id)) as [$template] ($node.offers;
        .pods -= 1 | .cpu -= $all.templates["\($template)"].needs.cpu | .memory -= $all.templates["\($template)"].needs.memory);

  def plain:
    (keys | any(IN("nodeName", "nodeSelector", "affinity", "topologySpreadConstraints", "hostPorts", "volumes")) | not)
    and ((.requests // {} | keys) - ["cpu", "memory"]) == [];

  def decide($pod; $template):
    . as $all | $all.templates["\($template)"] as $spec
    | [if $spec | plain then $all.nodes[] else empty end
       | select((.taints // []) == [] and (.unschedulable | not)) | . as $node
       | select($all.refused["\($pod):\($node.id)"] | not) | ($all | left($node))
       | select(.pods >= 1 and .cpu >= $spec.needs.cpu and .memory >= $spec.needs.memory) | {id: $node.id, cpu}]
    | max_by(.cpu) as $best
    | $all
    | if $best then
        .placed["\($pod)"] = [$template, $best.id]
        | say({type: "place", revision, pods: [[$pod, $best.id]]})
      else
        (if $spec | plain then "Insufficient cpu or memory" else "this scheduler knows cpu and memory only" end) as $why
        | say({type: "unschedulable", revision, pods: [$pod], reasons: {($why): (.nodes | length)},
            events: ["nodeAdded", "nodeAllocatable", "nodeTaints", "podReleased"]})
      end;

  def receive($m):
    .out = [] | .revision = ($m.revision // .revision)
    | if $m.type == "hello" then say({type: "ready", protocol: 1, window: 64, capabilities: []})
      elif $m.type == "ping" then say({type: "pong", id: $m.id})
      elif $m.type == "nodes" then
        reduce ($m.upsert // [])[] as $node (.;
          .nodes["\($node.id)"] = ($node | .offers = ({cpu: "0", memory: "0"} + .allocatable | amounts)))
        | reduce ($m.remove // [])[] as $id (.; del(.nodes["\($id)"]))
      elif $m.type == "templates" then
        reduce $m.templates[] as $spec (.;
          .templates["\($spec.id)"] = ($spec | .needs = ({cpu: "0", memory: "0"} + (.requests // {}) | amounts)))
      elif $m.type == "placed" then
        reduce $m.pods[] as [$pod, $template, $node] (.; .placed["\($pod)"] = [$template, $node])
      elif $m.type == "released" or $m.type == "withdraw" then reduce $m.pods[] as $pod (.; drop($pod))
      elif $m.type == "pods" then
        reduce $m.pods[] as [$pod, $template] (.; .ours["\($pod)"] = $template | decide($pod; $template))
      elif $m.type == "rejected" then
        reduce $m.pods[] as [$pod, $node, $verdict] (.;
          (if .placed["\($pod)"][1] == $node then drop($pod) else . end)
          | if $verdict == "retry" and .ours["\($pod)"] != null then
              .refused["\($pod):\($node)"] = true | decide($pod; .ours["\($pod)"])
            else . end)
      elif $m.type == "stop" then halt
      else . end;

  foreach (inputs | fromjson? | objects | select(.type | type == "string")) as $message (
    {revision: 0, nodes: {}, templates: {}, placed: {}, ours: {}, refused: {}, out: []};
    receive($message); .out[])
'
