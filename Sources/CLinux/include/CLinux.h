// What the project needs of Linux that Swift's Glibc module leaves out.
//
// No system header is included here: what another module has of one would have to agree with it to the last macro.
#ifndef SWITCHYARD_CLINUX_H
#define SWITCHYARD_CLINUX_H

// A pipe whose ends do not survive an exec, set in one step: another thread may fork at any moment.
int switchyard_pipe(int ends[2]);

// Asks for a buffer of so many bytes; the size that a pipe has then, or -1.
int switchyard_set_pipe_size(int descriptor, int bytes);

// How the start of a process went: the process, or the step that failed with its errno.
enum { SWITCHYARD_STEP_NONE = 0, SWITCHYARD_STEP_FORK = 1, SWITCHYARD_STEP_FOLDER = 2, SWITCHYARD_STEP_PROGRAM = 3 };
typedef struct {
    int process;
    int step;
    int error;
} switchyard_start;

// Starts a program as the leader of a process group of its own, with three descriptors and no others.
//
// A relative path counts from `folder`. With `ends_with_us` the kernel kills it when the thread that called this has
// gone; without, it gets a session of its own. The child shares our memory until the exec, so that its errno is seen here
// and nothing is copied.
switchyard_start switchyard_spawn(
    const char *program, char *const *arguments, char *const *environment, const char *folder, const int *descriptors,
    int ends_with_us);

// A descriptor that is readable once the process has ended, or -1. (pidfd_open)
int switchyard_watch_end(int process);

// Whether the process has ended. It stays a zombie, so that its number and its group's are not given to others.
int switchyard_has_ended(int process);

// Lets a process go that has ended: its exit status, or minus the signal that ended it.
int switchyard_reap(int process);

// The variables of this process.
char **switchyard_environment(void);

// Soft limits of this process; ~0 for none.
unsigned long long switchyard_descriptor_limit(void);
unsigned long long switchyard_process_limit(void);
unsigned long long switchyard_memory_limit(void);

#endif
