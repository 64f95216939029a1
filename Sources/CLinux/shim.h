// What the project needs of Linux that Swift's Glibc module leaves out.
#ifndef SWITCHYARD_CLINUX_H
#define SWITCHYARD_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

// F_SETPIPE_SZ and pipe2 are visible only with _GNU_SOURCE, which a module built earlier may not have had.
#define SWITCHYARD_F_SETPIPE_SZ 1031
extern int pipe2(int ends[2], int flags);

// A pipe whose ends do not survive an exec, set in one step: another thread may fork at any moment.
static inline int switchyard_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

static inline int switchyard_set_pipe_size(int descriptor, int bytes) {
    return fcntl(descriptor, SWITCHYARD_F_SETPIPE_SZ, bytes);
}

static inline int switchyard_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

#endif
