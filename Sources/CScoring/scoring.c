#include "scoring.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define BY_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define BY_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))

// More than single precision loses on the way, in percent: each percentage is right to 3e-5.
static const float slack = 2e-4f;

INLINE float least_of(float a, float b) { return a < b ? a : b; }
INLINE float most_of(float a, float b) { return a > b ? a : b; }

// LeastAllocated or MostAllocated of two percentages taken.
INLINE int32_t fit(float cpu, float memory, int32_t is_most) {
    float first = is_most ? least_of(cpu, 100.0f) : most_of(100.0f - cpu, 0.0f);
    float second = is_most ? least_of(memory, 100.0f) : most_of(100.0f - memory, 0.0f);
    return ((int32_t)(first + slack) + (int32_t)(second + slack)) >> 1;
}

// BalancedAllocation: 50 + (50 + after - before) / 2.
INLINE int32_t balance(float cpu, float memory, int32_t before) {
    float first = most_of(least_of(cpu, 100.0f), 0.0f);
    float second = most_of(least_of(memory, 100.0f), 0.0f);
    int32_t after = (int32_t)(100.0f - 0.5f * fabsf(first - second) + slack);
    return 50 + ((50 + after - before) >> 1);
}

// The loss of worth of a node of which free CPU holds `skew` average pods more than free memory: at most what the caller
// works out, in whole steps, and at least zero. Where the skew is larger than what the pod takes the result does not hang on
// it, so single precision loses a few parts in ten million of what the pod takes.
INLINE int32_t worth(float skew, const struct switchyard_request *r) {
    float cpu = r->worth[0] - most_of(skew, 0.0f);
    float memory = r->worth[1] - most_of(-skew, 0.0f);
    float loss = most_of(most_of(cpu, memory), 0.0f);
    float steps = 0.01f + 1e-6f * r->steps * (r->worth[0] + r->worth[1]) - loss * r->steps;
    steps = most_of(least_of(steps, 0.0f), 1.0f - SWITCHYARD_WORTH);
    int32_t whole = (int32_t)steps;
    return SWITCHYARD_WORTH + whole - (steps < (float)whole ? 1 : 0);
}

INLINE int32_t worth_tile(
    const struct switchyard_tile *tile, const uint8_t *permitted, const struct switchyard_request *request,
    int32_t *bounds) {
    struct switchyard_request r = *request;
    int32_t most = -1;
    for (int i = 0; i < SWITCHYARD_TILE_NODES; i++) {
        int32_t score = worth(tile->skew[i], &r);
        int32_t fits = (tile->free[0][i] >= r.free[0]) & (tile->free[1][i] >= r.free[1]) & (permitted[i] != 0);
        score = fits ? score : -1;
        bounds[i] = score;
        most = score > most ? score : most;
    }
    return most;
}

// The bound of a node with room, from its row of a tile or an octet.
#define SCORE_NODE(nodes, i)                                                                                            \
    score_node(                                                                                                        \
        (nodes)->taken[0][i], (nodes)->taken[1][i], (nodes)->used[0][i], (nodes)->used[1][i], (nodes)->unit[0][i],     \
        (nodes)->unit[1][i], (nodes)->evenness[i], &r, is_most, balances)

INLINE int32_t score_node(
    float taken_cpu, float taken_memory, float used_cpu, float used_memory, float unit_cpu, float unit_memory,
    int32_t evenness, const struct switchyard_request *r, int32_t is_most, int32_t balances) {
    float cpu = taken_cpu + r->scored[0] * unit_cpu;
    float memory = taken_memory + r->scored[1] * unit_memory;
    int32_t score = r->fit_weight * fit(cpu, memory, is_most);
    if (balances) {
        float first = used_cpu + r->balanced[0] * unit_cpu;
        float second = used_memory + r->balanced[1] * unit_memory;
        score += r->balanced_weight * balance(first, second, evenness);
    }
    return score;
}

INLINE int32_t score_tile(
    const struct switchyard_tile *tile, const uint8_t *permitted, const struct switchyard_request *request,
    int32_t *bounds, int32_t is_most, int32_t balances) {
    struct switchyard_request r = *request;
    int32_t most = -1;
    for (int i = 0; i < SWITCHYARD_TILE_NODES; i++) {
        int32_t score = SCORE_NODE(tile, i);
        int32_t fits = (tile->free[0][i] >= r.free[0]) & (tile->free[1][i] >= r.free[1]) & (permitted[i] != 0);
        score = fits ? score : -1;
        bounds[i] = score;
        most = score > most ? score : most;
    }
    return most;
}

BY_PROCESSOR
int64_t switchyard_best_of_tile(
    const uint32_t *words, const uint8_t *permitted, const struct switchyard_request *request, int32_t least,
    int32_t *bounds) {
    const struct switchyard_tile *tile = (const struct switchyard_tile *)words;
    int32_t most;
    if (request->is_worth) {
        most = worth_tile(tile, permitted, request, bounds);
    } else if (request->balanced_weight == 0) {
        most = request->is_most ? score_tile(tile, permitted, request, bounds, 1, 0)
                                : score_tile(tile, permitted, request, bounds, 0, 0);
    } else {
        most = request->is_most ? score_tile(tile, permitted, request, bounds, 1, 1)
                                : score_tile(tile, permitted, request, bounds, 0, 1);
    }
    if (most < 0 || most < least) return -1;
    uint32_t rank = 0;
    for (int i = 0; i < SWITCHYARD_TILE_NODES; i++) {
        uint32_t candidate = bounds[i] == most ? tile->rank[i] : 0;
        rank = candidate > rank ? candidate : rank;
    }
    return (int64_t)most << 32 | rank;
}

BY_PROCESSOR
int64_t switchyard_largest(const int64_t *values, long count) {
    int64_t most[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
    long i = 0;
    for (; i + 8 <= count; i += 8) {
        for (int lane = 0; lane < 8; lane++) most[lane] = values[i + lane] > most[lane] ? values[i + lane] : most[lane];
    }
    for (; i < count; i++) most[0] = values[i] > most[0] ? values[i] : most[0];
    for (int lane = 1; lane < 8; lane++) most[0] = most[lane] > most[0] ? most[lane] : most[0];
    return most[0];
}

enum { LANES = 16 };

// The smallest and the largest of some floats; lane by lane, so that no order of comparisons stands in the vectors' way.
INLINE void extremes(const float *values, int32_t count, float *least, float *most) {
    float low[LANES], high[LANES];
    for (int lane = 0; lane < LANES; lane++) low[lane] = high[lane] = values[0];
    int32_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            low[lane] = least_of(low[lane], values[i + lane]);
            high[lane] = most_of(high[lane], values[i + lane]);
        }
    }
    for (; i < count; i++) {
        low[0] = least_of(low[0], values[i]);
        high[0] = most_of(high[0], values[i]);
    }
    for (int lane = 1; lane < LANES; lane++) {
        low[0] = least_of(low[0], low[lane]);
        high[0] = most_of(high[0], high[lane]);
    }
    *least = low[0];
    *most = high[0];
}

INLINE float largest(const float *values, int32_t count) {
    float least, most;
    extremes(values, count, &least, &most);
    return most;
}

BY_PROCESSOR
void switchyard_sum_up(
    const uint32_t *words, int32_t nodes, int32_t lacks, float *columns, long stride, long block) {
    const struct switchyard_tile *tile = (const struct switchyard_tile *)words;
    float *out = columns + block;
    float least, most;
    float room[2][SWITCHYARD_TILE_NODES], taken[2][SWITCHYARD_TILE_NODES], skew[2][SWITCHYARD_TILE_NODES];
    for (int i = 0; i < SWITCHYARD_TILE_NODES; i++) {
        float difference = tile->used[0][i] - tile->used[1][i];
        float left = most_of(100.0f - tile->taken[0][i], 0.0f) + most_of(100.0f - tile->taken[1][i], 0.0f);
        float full = least_of(tile->taken[0][i], 100.0f) + least_of(tile->taken[1][i], 100.0f);
        room[0][i] = difference >= 0 ? left : -1.0f;
        room[1][i] = difference >= 0 ? -1.0f : left;
        taken[0][i] = difference >= 0 ? full : -1.0f;
        taken[1][i] = difference >= 0 ? -1.0f : full;
        skew[0][i] = difference;
        skew[1][i] = -difference;
    }
    for (int part = 0; part < 2; part++) {
        out[(0 + part) * stride] = largest(tile->free[part], nodes);
        out[(2 + part) * stride] = largest(room[part], nodes);
        out[(4 + part) * stride] = largest(taken[part], nodes);
        out[(6 + part) * stride] = largest(tile->taken[part], nodes);
        extremes(tile->unit[part], nodes, &least, &most);
        out[(8 + part) * stride] = least;
        out[(10 + part) * stride] = most;
        out[(12 + part) * stride] = largest(skew[part], nodes);
    }
    out[14 * stride] = lacks ? 1 : 0;
    extremes(tile->skew, nodes, &least, &most);
    out[15 * stride] = most;
    out[16 * stride] = -least;
}

// What NodeResourcesFit can give where the percentages left (or taken) of a node sum up to at most `sum`.
INLINE int32_t fit_bound(float sum, float change, int32_t is_most) {
    float both = is_most ? least_of(sum + change, 200.0f) : most_of(sum - change, 0.0f);
    return (int32_t)(0.5f * both + slack);
}

// A node in whose favour the difference of the percentages falls by `gain` has at most 75.5 and a quarter of that of
// BalancedAllocation. The sides are the nodes of which more CPU than memory is requested, and the others; on each side the
// difference falls by at most what there is of it, and by at most what the pod moves it by.
INLINE int32_t side_bound(
    float sum, float change, float gain, const struct switchyard_request *r, int32_t is_most) {
    int32_t even = (int32_t)(75.5f + 0.25f * most_of(gain, -100.0f) + slack);
    int32_t score = r->fit_weight * fit_bound(sum, change, is_most) + r->balanced_weight * even;
    return sum < 0 ? -1 : score;
}

INLINE int32_t bound_blocks(
    const float *columns, long stride, long count, const struct switchyard_request *request, int32_t *bounds,
    int32_t is_most) {
    struct switchyard_request r = *request;
    const float *sums = columns + (is_most ? 4 : 2) * stride;
    int32_t most = -1;
    for (long b = 0; b < count; b++) {
        const float *at = columns + b;
        float cpu = r.scored[0] * at[(is_most ? 10 : 8) * stride];
        float memory = r.scored[1] * at[(is_most ? 11 : 9) * stride];
        if (!is_most) {
            // A node that has nothing left loses nothing either.
            cpu = least_of(cpu, most_of(100.0f - at[6 * stride], 0.0f));
            memory = least_of(memory, most_of(100.0f - at[7 * stride], 0.0f));
        }
        float change = cpu + memory;
        float fall = r.balanced[1] * at[11 * stride] - r.balanced[0] * at[8 * stride];
        float rise = r.balanced[0] * at[10 * stride] - r.balanced[1] * at[9 * stride];
        int32_t first = side_bound(sums[b], change, least_of(fall, at[12 * stride]), &r, is_most);
        int32_t second = side_bound(sums[stride + b], change, least_of(rise, at[13 * stride]), &r, is_most);
        int32_t bound = first > second ? first : second;
        bound = r.rest + (at[14 * stride] != 0 ? 100 * (r.fit_weight + r.balanced_weight) : bound);
        int32_t holds = (at[0] >= r.free[0]) & (at[stride] >= r.free[1]);
        bound = holds ? bound : -1;
        bounds[b] = bound;
        most = bound > most ? bound : most;
    }
    return most;
}

// The loss falls as the skew grows to either side, so it is least at one of the ends.
INLINE int32_t worth_of_blocks(
    const float *columns, long stride, long count, const struct switchyard_request *request, int32_t *bounds) {
    struct switchyard_request r = *request;
    int32_t most = -1;
    for (long b = 0; b < count; b++) {
        const float *at = columns + b;
        int32_t first = worth(at[15 * stride], &r);
        int32_t second = worth(-at[16 * stride], &r);
        int32_t bound = first > second ? first : second;
        int32_t holds = (at[0] >= r.free[0]) & (at[stride] >= r.free[1]);
        bound = holds ? bound : -1;
        bounds[b] = bound;
        most = bound > most ? bound : most;
    }
    return most;
}

BY_PROCESSOR
long switchyard_bound_blocks(
    const float *columns, long stride, long count, const struct switchyard_request *request, int32_t *bounds) {
    int32_t most = request->is_worth  ? worth_of_blocks(columns, stride, count, request, bounds)
                   : request->is_most ? bound_blocks(columns, stride, count, request, bounds, 1)
                                      : bound_blocks(columns, stride, count, request, bounds, 0);
    if (most < 0) return -1;
    for (long b = 0; b < count; b++) {
        if (bounds[b] == most) return b;
    }
    return -1;
}

// What of the nodes and the squares a search looks at (`scoring.h`).
struct grid {
    struct switchyard_squares *squares;
    long groups;
    const int32_t *size_of;
    const struct switchyard_size *sizes;
    long size_count;
    const int32_t *heads;
    const struct switchyard_octet *octets;
    const struct switchyard_link *links;
    int32_t *room;
};

// What a pod adds to the squares of one size, so that it is worked out once.
//
// NodeResourcesFit falls (rises, where full nodes are preferred) with what is taken, so it is bounded at an edge. The
// difference that BalancedAllocation goes by lies somewhere between its ends moved by what the pod takes.
struct terms {
    float fit[2];  // what is left of CPU and memory of a node with nothing taken; what is added, where full ones are preferred
    float low;     // what is added to the least difference
    float high;    // and to the largest
};

INLINE struct terms terms_of(const struct switchyard_size *size, const struct switchyard_request *r, int32_t is_most) {
    struct terms terms;
    for (int part = 0; part < 2; part++) {
        terms.fit[part] = is_most ? r->scored[part] * size->most[part] + slack
                                  : 100.0f + slack - r->scored[part] * size->least[part];
    }
    terms.low = r->balanced[0] * size->least[0] - r->balanced[1] * size->most[1];
    terms.high = r->balanced[0] * size->most[0] - r->balanced[1] * size->least[1];
    return terms;
}

// The bounds of eight squares, -1 where none of the nodes has room; raises `most`, lane by lane.
INLINE void bound_squares(
    const struct switchyard_squares *at, const struct terms *terms, const struct switchyard_request *request,
    int32_t *restrict bounds, int32_t *restrict most, int32_t is_most, int32_t balances) {
    struct switchyard_request r = *request;
    struct terms t = *terms;
    for (int i = 0; i < SWITCHYARD_SQUARES; i++) {
        float cpu = is_most ? least_of(at->taken[0][i] + t.fit[0], 100.0f + slack) : most_of(t.fit[0] - at->taken[0][i], 0.0f);
        float memory =
            is_most ? least_of(at->taken[1][i] + t.fit[1], 100.0f + slack) : most_of(t.fit[1] - at->taken[1][i], 0.0f);
        int32_t bound = r.fit_weight * (((int32_t)cpu + (int32_t)memory) >> 1);
        if (balances) {
            float low = at->difference[0][i] + t.low;
            float high = at->difference[1][i] + t.high;
            float apart = least_of(most_of(most_of(low, -high), 0.0f), 100.0f);
            int32_t after = (int32_t)(100.0f + slack - 0.5f * apart);
            bound += r.balanced_weight * (50 + ((50 + after - at->evenness[i]) >> 1));
        }
        int32_t holds = (at->free[0][i] >= r.free[0]) & (at->free[1][i] >= r.free[1]);
        bound = holds ? bound : -1;
        bounds[i] = bound;
        most[i] = bound > most[i] ? bound : most[i];
    }
}

// The best so far as bound << 32 | rank; or, where there is room for what is found, what all that is found must be better
// than.
struct search {
    int64_t best;
    int32_t *found;
    long count;
};

// Eight lanes as values, for what compilers make no vectors of: a bit for each lane that meets a condition.
typedef int32_t eight_bounds __attribute__((ext_vector_type(8)));
typedef uint32_t eight_ranks __attribute__((ext_vector_type(8)));
typedef _Bool eight_bits __attribute__((ext_vector_type(8)));

// Which of eight pairs of bound and rank are better than the best, a bit each.
INLINE uint32_t better(const int32_t *bounds_of, const uint32_t *ranks_of, int64_t best) {
    eight_bounds bounds;
    eight_ranks ranks;
    memcpy(&bounds, bounds_of, sizeof bounds);
    memcpy(&ranks, ranks_of, sizeof ranks);
    eight_bounds bound = (int32_t)(best >> 32);
    eight_ranks rank = (uint32_t)best;
    eight_bits are = __builtin_convertvector((bounds > bound) | ((bounds == bound) & (ranks > rank)), eight_bits);
    uint8_t bits;
    memcpy(&bits, &are, sizeof bits);
    return bits;
}

// The largest bound, with the highest rank that goes with it.
INLINE int64_t best_of_octet(const int32_t *bounds, const uint32_t *ranks) {
    int32_t most = -1;
    for (int lane = 0; lane < SWITCHYARD_OCTET_NODES; lane++) most = bounds[lane] > most ? bounds[lane] : most;
    uint32_t rank = 0;
    for (int lane = 0; lane < SWITCHYARD_OCTET_NODES; lane++) {
        uint32_t candidate = bounds[lane] == most ? ranks[lane] : 0;
        rank = candidate > rank ? candidate : rank;
    }
    return (int64_t)most << 32 | rank;
}

INLINE void score_octet(
    const struct switchyard_octet *octet, const struct switchyard_request *request, int32_t *bounds, int32_t is_most,
    int32_t balances) {
    struct switchyard_request r = *request;
    for (int i = 0; i < SWITCHYARD_OCTET_NODES; i++) {
        int32_t score = SCORE_NODE(octet, i);
        int32_t fits = (octet->free[0][i] >= r.free[0]) & (octet->free[1][i] >= r.free[1]);
        bounds[i] = fits ? score : -1;
    }
}

INLINE void look_at_square(
    const struct grid *grid, long square, int32_t bound, const struct switchyard_request *request,
    struct search *search, int32_t is_most, int32_t balances) {
    int32_t bounds[SWITCHYARD_OCTET_NODES];
    uint32_t highest = 0;
    for (int32_t number = grid->heads[square]; number >= 0; number = grid->links[number].next) {
        uint32_t rank = grid->links[number].rank;
        highest = rank > highest ? rank : highest;
        if (((int64_t)bound << 32 | rank) <= search->best) continue;
        const struct switchyard_octet *octet = grid->octets + number;
        score_octet(octet, request, bounds, is_most, balances);
        uint32_t left = better(bounds, octet->rank, search->best);
        if (left == 0) continue;
        if (search->found) {
            for (; left != 0; left &= left - 1) search->found[search->count++] = octet->node[__builtin_ctz(left)];
        } else {
            search->best = best_of_octet(bounds, octet->rank);
        }
    }
    grid->squares[square / SWITCHYARD_SQUARES].rank[square % SWITCHYARD_SQUARES] = highest;
}

// Looks at the squares in the order of their bounds until none can hold a better node than the best so far.
//
// The first is likely to rule most others out, so only those that are left then are put in order: by how far their bounds
// are below the largest, those that are very far together.
INLINE void search_squares(
    const struct grid *grid, const struct switchyard_request *request, struct search *search,
    int32_t is_most, int32_t balances) {
    enum { STEPS = 64 };
    struct switchyard_request r = *request;
    struct terms terms[SWITCHYARD_SIZES];
    for (long size = 0; size < grid->size_count; size++) terms[size] = terms_of(grid->sizes + size, &r, is_most);

    int32_t *bounds = grid->room, *next = grid->room + SWITCHYARD_SQUARES * grid->groups;
    int32_t most[SWITCHYARD_SQUARES] = {-1, -1, -1, -1, -1, -1, -1, -1};
    for (long group = 0; group < grid->groups; group++) {
        bound_squares(
            grid->squares + group, terms + grid->size_of[group], &r, bounds + SWITCHYARD_SQUARES * group, most, is_most,
            balances);
    }
    int32_t largest = -1;
    for (int i = 0; i < SWITCHYARD_SQUARES; i++) largest = most[i] > largest ? most[i] : largest;
    if (largest < (int32_t)(search->best >> 32) || largest < 0) return;
    long first = 0;
    while (bounds[first] != largest) first++;
    look_at_square(grid, first, largest, &r, search, is_most, balances);
    bounds[first] = -1;

    int32_t heads[STEPS];
    uint64_t steps = 0;
    for (long group = 0; group < grid->groups; group++) {
        const int32_t *of_group = bounds + SWITCHYARD_SQUARES * group;
        for (uint32_t left = better(of_group, grid->squares[group].rank, search->best); left != 0; left &= left - 1) {
            int32_t square = (int32_t)(SWITCHYARD_SQUARES * group + __builtin_ctz(left));
            int32_t step = largest - bounds[square];
            step = step < STEPS ? step : STEPS - 1;
            next[square] = steps >> step & 1 ? heads[step] : -1;
            heads[step] = square;
            steps |= (uint64_t)1 << step;
        }
    }
    for (; steps != 0; steps &= steps - 1) {
        int step = __builtin_ctzll(steps);
        for (int32_t square = heads[step]; square >= 0; square = next[square]) {
            uint32_t rank = grid->squares[square / SWITCHYARD_SQUARES].rank[square % SWITCHYARD_SQUARES];
            if (((int64_t)bounds[square] << 32 | rank) <= search->best) continue;
            look_at_square(grid, square, bounds[square], &r, search, is_most, balances);
        }
    }
}

INLINE void search_by_kind(
    const struct grid *grid, const struct switchyard_request *r, struct search *search) {
    if (r->balanced_weight == 0) {
        r->is_most ? search_squares(grid, r, search, 1, 0) : search_squares(grid, r, search, 0, 0);
    } else {
        r->is_most ? search_squares(grid, r, search, 1, 1) : search_squares(grid, r, search, 0, 1);
    }
}

BY_PROCESSOR
int64_t switchyard_best_of_squares(
    uint32_t *squares, long groups, const int32_t *size_of, const struct switchyard_size *sizes, long size_count,
    const int32_t *heads, const uint32_t *octets, const struct switchyard_link *links,
    const struct switchyard_request *request, int32_t *room) {
    struct grid grid = {(struct switchyard_squares *)squares, groups, size_of, sizes, size_count, heads,
                        (const struct switchyard_octet *)octets, links, room};
    struct search search = {-1, 0, 0};
    search_by_kind(&grid, request, &search);
    return search.best;
}

BY_PROCESSOR
long switchyard_better_than(
    uint32_t *squares, long groups, const int32_t *size_of, const struct switchyard_size *sizes, long size_count,
    const int32_t *heads, const uint32_t *octets, const struct switchyard_link *links,
    const struct switchyard_request *request, int32_t *room, int64_t beaten, int32_t *found) {
    struct grid grid = {(struct switchyard_squares *)squares, groups, size_of, sizes, size_count, heads,
                        (const struct switchyard_octet *)octets, links, room};
    struct search search = {beaten, found, 0};
    search_by_kind(&grid, request, &search);
    return search.count;
}
