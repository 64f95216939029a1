// A hint to the processor for which Swift has no word.
#ifndef SWITCHYARD_CPREFETCH_H
#define SWITCHYARD_CPREFETCH_H

// Begins to bring the cache line of an address near. Nothing is read: no address is wrong.
static inline void switchyard_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
