#include "switchyard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const sy_scheduler *own;
static sy_cluster cluster;
static FILE *output; /* the real stdout, which is kept for the protocol */
static int64_t revision;

/* By number, as jansson's objects have texts for keys: node → its spec, template → {spec, needs}, pod → [template, node] where
 * it stands, pod → template while it is ours, "pod:node" → true where the dispatcher refused it. */
static json_t *templates, *placed, *ours, *refused;

static const char *key(int64_t number) {
    static char text[2][24];
    static int turn;
    turn = !turn;
    snprintf(text[turn], sizeof text[turn], "%" PRId64, number);
    return text[turn];
}

static const char *pair(int64_t pod, int64_t node) {
    static char text[48];
    snprintf(text, sizeof text, "%" PRId64 ":%" PRId64, pod, node);
    return text;
}

static int64_t number_at(json_t *list, size_t index) { return json_integer_value(json_array_get(list, index)); }

/* Takes over `message`; NULL, of a message that lacked a field, says nothing. */
static void say(json_t *message) {
    if (!message) return;
    if (json_dumpf(message, output, JSON_COMPACT) != 0 || fputc('\n', output) == EOF) exit(0);
    json_decref(message);
}

/* ---- Amounts ---- */

/* A quantity as Kubernetes writes it, in units, or in thousandths for cpu. What is too large is the largest number. */
static int64_t parse(const char *text, bool is_cpu, bool rounds_up) {
    static const struct { const char *suffix; int power, binary; } units[] = {
        {"n", -9, 0}, {"u", -6, 0}, {"m", -3, 0}, {"k", 3, 0}, {"M", 6, 0}, {"G", 9, 0}, {"T", 12, 0}, {"P", 15, 0},
        {"E", 18, 0}, {"Ki", 0, 10}, {"Mi", 0, 20}, {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60},
    };
    const unsigned __int128 most = INT64_MAX;
    unsigned __int128 value = 0;
    int power = is_cpu ? 3 : 0, binary = 0;
    bool in_fraction = false, is_inexact = false;
    for (; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
        if (*text == '.') {
            in_fraction = true;
        } else if (value > most) { /* Digits beyond the nineteenth count for their place alone. */
            power += !in_fraction;
            is_inexact |= *text != '0';
        } else {
            value = value * 10 + (unsigned)(*text - '0');
            power -= in_fraction;
        }
    }
    if ((*text == 'e' || *text == 'E') && text[1]) power += (int)strtol(text + 1, NULL, 10);
    else
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (!strcmp(text, units[i].suffix)) power += units[i].power, binary = units[i].binary;
    for (; binary > 0 && value <= most; binary--) value *= 2;
    for (; power > 0 && value > 0 && value <= most; power--) value *= 10;
    for (; power < 0 && value > 0; power++) {
        is_inexact |= value % 10 != 0;
        value /= 10;
    }
    value += is_inexact && rounds_up;
    return value > most || binary > 0 || power > 0 ? (value ? INT64_MAX : 0) : (int64_t)value;
}

static json_t *amounts(json_t *texts, bool rounds_up) {
    json_t *result = json_object(), *text;
    const char *resource;
    json_object_foreach(texts, resource, text) {
        const char *written = json_is_string(text) ? json_string_value(text) : "0";
        json_object_set_new(result, resource, json_integer(parse(written, !strcmp(resource, "cpu"), rounds_up)));
    }
    return result;
}

int64_t sy_amount(const json_t *amounts, const char *resource) {
    return json_integer_value(json_object_get(amounts, resource));
}

/* Takes what a pod needs from what a node has left, or gives it back. */
static void take(sy_node *node, json_t *needs, int sign) {
    const char *resource;
    json_t *amount;
    json_object_foreach(needs, resource, amount) {
        int64_t left;
        if (__builtin_sub_overflow(sy_amount(node->free, resource), sign * json_integer_value(amount), &left))
            left = sign > 0 ? INT64_MIN : INT64_MAX;
        json_object_set_new(node->free, resource, json_integer(left));
    }
}

/* ---- The mirror ---- */

static sy_node *find_node(int64_t id) {
    for (size_t i = 0; i < cluster.node_count; i++)
        if (cluster.nodes[i].id == id) return &cluster.nodes[i];
    return NULL;
}

static json_t *needs_of(json_t *template) { return json_object_get(template, "needs"); }

static void release(int64_t pod) {
    json_t *seat = json_object_get(placed, key(pod));
    if (!seat) return;
    sy_node *node = find_node(number_at(seat, 1));
    json_t *template = json_object_get(templates, key(number_at(seat, 0)));
    if (node && template) take(node, needs_of(template), -1);
    json_object_del(placed, key(pod));
}

static void seat(int64_t pod, int64_t template, int64_t node_id) {
    release(pod);
    sy_node *node = find_node(node_id);
    json_t *known = json_object_get(templates, key(template));
    if (!node || !known) return; /* A node can be gone by now although the pod's own end is yet to be told. */
    take(node, needs_of(known), 1);
    json_object_set_new(placed, key(pod), json_pack("[I,I]", (json_int_t)template, (json_int_t)node_id));
}

static void drop_node(int64_t id) {
    sy_node *node = find_node(id);
    if (!node) return;
    const char *pod;
    json_t *seat;
    void *next;
    json_object_foreach_safe(placed, next, pod, seat) {
        if (number_at(seat, 1) == id) json_object_del(placed, pod);
    }
    json_decref(node->spec);
    json_decref(node->free);
    *node = cluster.nodes[--cluster.node_count];
}

static void set_node(json_t *spec) {
    const int64_t id = json_integer_value(json_object_get(spec, "id"));
    sy_node *node = find_node(id);
    if (!node) {
        sy_node *more = realloc(cluster.nodes, (cluster.node_count + 1) * sizeof *more);
        if (!more) exit(1);
        cluster.nodes = more;
        node = &more[cluster.node_count++];
        *node = (sy_node){.id = id};
    }
    json_decref(node->spec);
    json_decref(node->free);
    node->spec = json_incref(spec);
    node->name = json_string_value(json_object_get(spec, "name"));
    node->free = amounts(json_object_get(spec, "allocatable"), false);
    const char *pod;
    json_t *seat;
    json_object_foreach(placed, pod, seat) {
        if (number_at(seat, 1) == id) take(node, needs_of(json_object_get(templates, key(number_at(seat, 0)))), 1);
    }
}

/* ---- What fits ---- */

static const char *text_at(json_t *object, const char *field) {
    const char *text = json_string_value(json_object_get(object, field));
    return text ? text : "";
}

static bool tolerates(json_t *spec, const char *taint_key, const char *value, const char *effect) {
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(spec, "tolerations"), index, item) {
        const char *own_key = text_at(item, "key"), *own_effect = text_at(item, "effect");
        const char *operator = text_at(item, "operator");
        if (*own_effect && strcmp(own_effect, effect)) continue;
        if (*own_key && strcmp(own_key, taint_key)) continue;
        if (!strcmp(operator, "Exists")) return true;
        if (*operator && strcmp(operator, "Equal")) continue;
        if (*own_key && !strcmp(text_at(item, "value"), value)) return true;
    }
    return false;
}

/* What the template asks for that this kit does not know, or NULL. */
static const char *unknown_wish(json_t *spec) {
    static const char *const fields[] = {"affinity", "topologySpreadConstraints", "hostPorts", "volumes"};
    static const char *const devices[] = {"nvidia.com/gpu", "switchyard.dev/gpu-milli"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (json_object_get(spec, fields[i])) return fields[i];
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (json_object_get(json_object_get(spec, "requests"), devices[i])) return devices[i];
    return NULL;
}

const char *sy_refusal(const sy_pod *pod, const sy_node *node) {
    static char text[256];
    size_t index;
    const char *name;
    json_t *item;
    if ((name = unknown_wish(pod->spec))) {
        snprintf(text, sizeof text, "this scheduler does not know %s", name);
        return text;
    }
    if (json_object_get(refused, pair(pod->id, node->id))) return "node(s) refused the pod a moment ago";
    if (json_is_true(json_object_get(node->spec, "unschedulable"))
        && !tolerates(pod->spec, "node.kubernetes.io/unschedulable", "", "NoSchedule"))
        return "node(s) were unschedulable";
    name = text_at(pod->spec, "nodeName");
    if (*name && strcmp(name, node->name)) return "node(s) didn't match the requested node name";
    json_array_foreach(json_object_get(node->spec, "taints"), index, item) {
        const char *effect = text_at(item, "effect");
        if (strcmp(effect, "PreferNoSchedule") && !tolerates(pod->spec, text_at(item, "key"), text_at(item, "value"), effect))
            return "node(s) had untolerated taint(s)";
    }
    json_object_foreach(json_object_get(pod->spec, "nodeSelector"), name, item) {
        json_t *label = json_object_get(json_object_get(node->spec, "labels"), name);
        if (!label || !json_equal(label, item)) return "node(s) didn't match Pod's node affinity/selector";
    }
    json_object_foreach(pod->needs, name, item) {
        if (json_integer_value(item) <= sy_amount(node->free, name)) continue;
        if (!strcmp(name, "pods")) return "Too many pods";
        snprintf(text, sizeof text, "Insufficient %s", name);
        return text;
    }
    return NULL;
}

/* ---- Deciding ---- */

static void decide(int64_t number, int64_t template) {
    json_t *known = json_object_get(templates, key(template));
    if (!known) return;
    const sy_pod pod = {number, json_object_get(known, "spec"), needs_of(known)};
    const sy_node *node = own->place(&pod, &cluster);
    if (node) {
        seat(number, template, node->id);
        say(json_pack("{s:s,s:I,s:[[I,I]]}", "type", "place", "revision", (json_int_t)revision, "pods",
                      (json_int_t)number, (json_int_t)node->id));
        return;
    }
    json_t *reasons = json_object();
    for (size_t i = 0; i < cluster.node_count; i++) {
        const char *why = sy_refusal(&pod, &cluster.nodes[i]);
        if (!why) why = "node(s) were not chosen";
        json_object_set_new(reasons, why, json_integer(sy_amount(reasons, why) + 1));
    }
    say(json_pack("{s:s,s:I,s:[I],s:o,s:[s,s,s,s,s]}", "type", "unschedulable", "revision", (json_int_t)revision, "pods",
                  (json_int_t)number, "reasons", reasons, "events", "nodeAdded", "nodeAllocatable", "nodeTaints",
                  "nodeLabels", "podReleased"));
}

static void forget(int64_t pod) {
    const char *known;
    json_t *value;
    void *next;
    char prefix[24];
    const int length = snprintf(prefix, sizeof prefix, "%" PRId64 ":", pod);
    json_object_foreach_safe(refused, next, known, value) {
        if (!strncmp(known, prefix, (size_t)length)) json_object_del(refused, known);
    }
    json_object_del(ours, key(pod));
    release(pod);
}

/* ---- Messages ---- */

static void on_pods(json_t *pods) {
    size_t index;
    json_t *item;
    json_array_foreach(pods, index, item) {
        forget(number_at(item, 0));
        json_object_set_new(ours, key(number_at(item, 0)), json_integer(number_at(item, 1)));
        decide(number_at(item, 0), number_at(item, 1));
    }
}

static void on_rejected(json_t *pods) {
    size_t index;
    json_t *item;
    json_array_foreach(pods, index, item) {
        const int64_t pod = number_at(item, 0), node = number_at(item, 1);
        const char *verdict = json_string_value(json_array_get(item, 2));
        json_t *seat = json_object_get(placed, key(pod)), *template = json_object_get(ours, key(pod));
        if (seat && number_at(seat, 1) == node) release(pod);
        if (verdict && !strcmp(verdict, "retry") && template) {
            json_object_set_new(refused, pair(pod, node), json_true());
            decide(pod, json_integer_value(template));
        } else if (!json_object_get(placed, key(pod))) {
            forget(pod);
        }
    }
}

static void on_templates(json_t *all) {
    size_t index;
    json_t *item;
    json_array_foreach(all, index, item) {
        json_t *needs = amounts(json_object_get(item, "requests"), true);
        json_object_set_new(needs, "pods", json_integer(1));
        json_object_set_new(templates, key(json_integer_value(json_object_get(item, "id"))),
                            json_pack("{s:O,s:o}", "spec", item, "needs", needs));
    }
}

/* Acts on a message; false where it was the last one. */
static bool receive(json_t *message) {
    const char *type = text_at(message, "type");
    json_t *pods = json_object_get(message, "pods"), *item;
    json_t *told = json_object_get(message, "revision");
    size_t index;
    if (told) revision = json_integer_value(told);
    if (!strcmp(type, "stop")) return false;
    if (!strcmp(type, "hello")) {
        if (own->start) own->start(message);
        say(json_pack("{s:s,s:i,s:i,s:[]}", "type", "ready", "protocol", 1, "window", own->window, "capabilities"));
    } else if (!strcmp(type, "ping")) {
        say(json_pack("{s:s,s:O}", "type", "pong", "id", json_object_get(message, "id")));
    } else if (!strcmp(type, "nodes")) {
        json_array_foreach(json_object_get(message, "upsert"), index, item) set_node(item);
        json_array_foreach(json_object_get(message, "remove"), index, item) drop_node(json_integer_value(item));
    } else if (!strcmp(type, "templates")) {
        on_templates(json_object_get(message, "templates"));
    } else if (!strcmp(type, "forget")) {
        json_array_foreach(json_object_get(message, "templates"), index, item)
            json_object_del(templates, key(json_integer_value(item)));
    } else if (!strcmp(type, "pods")) {
        on_pods(pods);
    } else if (!strcmp(type, "placed")) {
        json_array_foreach(pods, index, item) {
            forget(number_at(item, 0));
            seat(number_at(item, 0), number_at(item, 1), number_at(item, 2));
        }
    } else if (!strcmp(type, "released") || !strcmp(type, "withdraw")) {
        json_array_foreach(pods, index, item) forget(json_integer_value(item));
    } else if (!strcmp(type, "rejected")) {
        on_rejected(pods);
    } /* A type that is not known comes from a newer dispatcher and is none of our business. */
    return true;
}

int sy_run(const sy_scheduler *scheduler) {
    own = scheduler;
    const int kept = dup(1);
    output = kept < 0 || dup2(2, 1) < 0 ? NULL : fdopen(kept, "w");
    if (!output) return 1;
    templates = json_object(), placed = json_object(), ours = json_object(), refused = json_object();
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    bool is_running = true;
    while (is_running && (length = getline(&line, &capacity, stdin)) > 0) {
        json_t *message = json_loadb(line, (size_t)length, 0, NULL);
        if (json_is_object(message)) is_running = receive(message);
        json_decref(message);
        if (fflush(output) != 0) break; /* The dispatcher has gone. */
    }
    free(line);
    return 0;
}
