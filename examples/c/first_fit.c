/* The first node on which a pod fits.
 *
 *     make && switchyard scheduler check ./first_fit
 */
#include "switchyard.h"

static const sy_node *place(const sy_pod *pod, const sy_cluster *cluster) {
    for (size_t i = 0; i < cluster->node_count; i++) {
        if (!sy_refusal(pod, &cluster->nodes[i])) return &cluster->nodes[i];
    }
    return NULL;
}

int main(void) {
    const sy_scheduler first_fit = {.place = place, .window = 256};
    return sy_run(&first_fit);
}
