/* A scheduler for Switchyard in C: say where a pod goes, call sy_run.
 *
 * The kit speaks the protocol, keeps the mirror of the cluster and checks what fits: resources, taints, node names and node
 * selectors. Pods that ask for more than that (affinity, topology spread, host ports, GPU devices) are said to be
 * unschedulable, since a scheduler should not propose what it does not understand. It needs jansson and nothing else; one
 * thread, no locks. Print as you like: what goes to stdout is sent to stderr, where it shows as the scheduler's log.
 */
#ifndef SWITCHYARD_H
#define SWITCHYARD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A node, with what pods have left of it. */
typedef struct {
    int64_t id;
    const char *name;
    json_t *spec; /* the message that described it: labels, taints, allocatable as text */
    json_t *free; /* by resource: cpu in thousandths, anything else in units, rounded down */
} sy_node;

/* A pod to be placed. */
typedef struct {
    int64_t id;
    json_t *spec;  /* its template: namespace, labels, priority, tolerations, ... */
    json_t *needs; /* by resource: cpu in thousandths, anything else in units, rounded up */
} sy_pod;

/* The cluster as the dispatcher told it, with what this scheduler has proposed since. */
typedef struct {
    sy_node *nodes; /* in no particular order; nodes that left are not among them */
    size_t node_count;
} sy_cluster;

/* What a scheduler's author writes. */
typedef struct {
    /* The node for a pod, one of cluster->nodes on which it fits, or NULL. */
    const sy_node *(*place)(const sy_pod *pod, const sy_cluster *cluster);
    /* Called once with the message that has `config`, `seed` and `scheduler`; may be NULL. */
    void (*start)(json_t *hello);
    /* How many undecided pods to be given at once, at least 1. */
    int window;
} sy_scheduler;

/* Runs a scheduler until it is told to stop; the exit status of the program. */
int sy_run(const sy_scheduler *scheduler);

/* Why a pod cannot be placed on a node now, in Kubernetes' wording, or NULL where it fits. The text lives until the next
 * call. */
const char *sy_refusal(const sy_pod *pod, const sy_node *node);

/* The amount under a resource's name in `free` or `needs`; 0 where there is none. */
int64_t sy_amount(const json_t *amounts, const char *resource);

#endif
