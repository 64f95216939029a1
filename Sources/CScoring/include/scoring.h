// Upper bounds of scores, for whole blocks of nodes at a time.
//
// Compiled for several generations of x86-64 and chosen by what the processor has; plain C elsewhere. All results are upper
// bounds in whole points: the caller works the true score out for the few nodes that matter, so that nothing depends on
// how a processor rounds.
#ifndef SWITCHYARD_CSCORING_H
#define SWITCHYARD_CSCORING_H

#include <stdint.h>

enum { SWITCHYARD_TILE_NODES = 64, SWITCHYARD_TILE_COLUMNS = 11, SWITCHYARD_BOUND_COLUMNS = 17 };
// What a node has that loses no worth, so that bounds are not below zero; more than the largest loss in steps.
enum { SWITCHYARD_WORTH = 1 << 20 };

// 64 nodes, column by column; each column is 64 words of 32 bits.
//
//  0, 1  free CPU and memory, rounded up; -infinity where no pod more may stand
//  2, 3  percent of CPU and memory that scoring counts as taken
//  4, 5  percent of CPU and memory requested, 0 to 100
//  6, 7  percent of the node's CPU and memory that one unit is
//  8     evenness of what is requested, 0 to 100, a whole number
//  9     rank among equals
// 10     how many average pods more the free CPU holds than the free memory does
struct switchyard_tile {
    float free[2][SWITCHYARD_TILE_NODES];
    float taken[2][SWITCHYARD_TILE_NODES];
    float used[2][SWITCHYARD_TILE_NODES];
    float unit[2][SWITCHYARD_TILE_NODES];
    int32_t evenness[SWITCHYARD_TILE_NODES];
    uint32_t rank[SWITCHYARD_TILE_NODES];
    float skew[SWITCHYARD_TILE_NODES];
};

// Eight nodes, column by column, with the columns of a tile that they need, and their numbers. A lane without a node, or
// whose node holds no pod more, has NaN free.
enum { SWITCHYARD_OCTET_NODES = 8, SWITCHYARD_OCTET_COLUMNS = 11 };
struct switchyard_octet {
    float free[2][SWITCHYARD_OCTET_NODES];
    float taken[2][SWITCHYARD_OCTET_NODES];
    float used[2][SWITCHYARD_OCTET_NODES];
    float unit[2][SWITCHYARD_OCTET_NODES];
    int32_t evenness[SWITCHYARD_OCTET_NODES];
    uint32_t rank[SWITCHYARD_OCTET_NODES];
    int32_t node[SWITCHYARD_OCTET_NODES];
};

// Eight squares, column by column: nodes of one size of which about the same is taken. A lane without a square has NaN free.
//
// free        no node of it has more CPU, and memory, free
// taken       no node of it has less of CPU, and of memory, taken, in percent; more, where full nodes are preferred
// difference  how far, in percent, what is requested of CPU is ahead of memory at least and at most
// evenness    no node of it is less even
// rank        no node of it has a higher rank
enum { SWITCHYARD_SQUARES = 8, SWITCHYARD_SQUARE_COLUMNS = 8 };
struct switchyard_squares {
    float free[2][SWITCHYARD_SQUARES];
    float taken[2][SWITCHYARD_SQUARES];
    float difference[2][SWITCHYARD_SQUARES];
    int32_t evenness[SWITCHYARD_SQUARES];
    uint32_t rank[SWITCHYARD_SQUARES];
};

// What percentage of a node of some size one unit of CPU, and of memory, is at least and at most.
enum { SWITCHYARD_SIZES = 64 };
struct switchyard_size {
    float least[2];
    float most[2];
};

// The octets of a square stand in a list.
struct switchyard_link {
    int32_t next;   // -1 for the last
    uint32_t rank;  // no node of the octet has a higher rank
};

// What is asked for and how it is scored.
struct switchyard_request {
    float free[2];      // CPU and memory that must be free, rounded down
    float scored[2];    // what NodeResourcesFit adds to what is taken
    float balanced[2];  // what BalancedAllocation adds to what is requested
    int32_t fit_weight;
    int32_t balanced_weight;
    int32_t is_most;    // whether NodeResourcesFit prefers full nodes
    int32_t rest;       // the most that other plug-ins add; for bounds of blocks alone
    int32_t is_worth;   // whether the score is the loss of worth alone
    float worth[2];     // CPU and memory as shares of the average pod
    float steps;        // steps in which losses of one average pod are told apart
};

// The node of a tile with the highest upper bound: (bound << 32) | rank, or -1 where no permitted node has both room and a
// bound of at least `least`. `bounds` receives the bound of every node, -1 without room.
int64_t switchyard_best_of_tile(
    const uint32_t *tile, const uint8_t *permitted, const struct switchyard_request *request, int32_t least,
    int32_t *bounds);

// Sums a tile up: writes the bounds of block `block` into `columns`, SWITCHYARD_BOUND_COLUMNS columns of `stride` floats.
//
//  0, 1    most CPU and memory free
//  2, 3    largest sum of the percentages of CPU and memory left, 0 to 100 each, over the nodes of which more CPU than memory
//          is requested, and over the others; -1 for no such node
//  4, 5    largest sum of the percentages taken, likewise
//  6, 7    largest percentage of CPU and memory taken
//  8, 9    smallest percentage that one unit of CPU and of memory is
//  10, 11  largest
//  12, 13  how far CPU is ahead of memory at most, and memory of CPU
//  14      1 where some node of the block lacks CPU or memory altogether, for which no bound holds
//  15, 16  largest skew, and largest of the opposite sign
void switchyard_sum_up(const uint32_t *tile, int32_t nodes, int32_t lacks, float *columns, long stride, long block);

// The upper bound of every block, -1 where none of its nodes has room; returns the first block with the highest, or -1.
long switchyard_bound_blocks(
    const float *columns, long stride, long count, const struct switchyard_request *request, int32_t *bounds);

// The node with the highest upper bound, and among those the highest rank: (bound << 32) | rank, or -1 where none
// has room.
//
// squares, groups  the squares, and how many eights of them there are; their ranks are made exact where the search goes by
// size_of          by eight of squares: their size
// sizes            what a unit is; `size_count` of them, at most SWITCHYARD_SIZES
// heads            by square: its first octet
// octets, links    the nodes
// room             for 16 numbers for each eight of squares
int64_t switchyard_best_of_squares(
    uint32_t *squares, long groups, const int32_t *size_of, const struct switchyard_size *sizes, long size_count,
    const int32_t *heads, const uint32_t *octets, const struct switchyard_link *links,
    const struct switchyard_request *request, int32_t *room);

// Writes the nodes that have room and whose bound << 32 | rank is larger than `beaten` (-1 or more) into `found`, which has room
// for all; returns how many. The rest as above.
long switchyard_better_than(
    uint32_t *squares, long groups, const int32_t *size_of, const struct switchyard_size *sizes, long size_count,
    const int32_t *heads, const uint32_t *octets, const struct switchyard_link *links,
    const struct switchyard_request *request, int32_t *room, int64_t beaten, int32_t *found);

// The largest of some numbers, -1 of none.
int64_t switchyard_largest(const int64_t *values, long count);

#endif
