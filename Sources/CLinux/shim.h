// What the project needs of Linux that Swift's Glibc module leaves out.
#ifndef SWITCHYARD_CLINUX_H
#define SWITCHYARD_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// F_SETPIPE_SZ and pipe2 are visible only with _GNU_SOURCE, which a module built earlier may not have had.
#define SWITCHYARD_F_SETPIPE_SZ 1031
extern int pipe2(int ends[2], int flags);

// A pipe whose ends do not survive an exec, set in one step: another thread may fork at any moment.
static inline int switchyard_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

static inline int switchyard_set_pipe_size(int descriptor, int bytes) {
    return fcntl(descriptor, SWITCHYARD_F_SETPIPE_SZ, bytes);
}

// How the start of a process went: the process, or the step that failed with its errno.
enum { SWITCHYARD_STEP_NONE = 0, SWITCHYARD_STEP_FORK = 1, SWITCHYARD_STEP_FOLDER = 2, SWITCHYARD_STEP_PROGRAM = 3 };
typedef struct {
    pid_t process;
    int step;
    int error;
} switchyard_start;

// Starts a program as the leader of a process group of its own, with three descriptors and no others.
//
// A relative path counts from `folder`. With `ends_with_us` the kernel kills it when the thread that called this has
// gone; without, it gets a session of its own. The child shares our memory until the exec, so that its errno is seen here
// and nothing is copied.
__attribute__((noinline)) static switchyard_start switchyard_spawn(
    const char *program, char *const *arguments, char *const *environment, const char *folder, const int *descriptors,
    int ends_with_us) {
    sigset_t all, before, none;
    sigfillset(&all);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    volatile int step = SWITCHYARD_STEP_NONE, error = 0;
    const pid_t us = getpid();
    const pid_t child = vfork();
    if (child == 0) {
        struct sigaction standard;
        memset(&standard, 0, sizeof standard);
        standard.sa_handler = SIG_DFL;
        for (int number = 1; number < 65; number++) sigaction(number, &standard, 0);
        if (ends_with_us) {
            setpgid(0, 0);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != us) _exit(127);
        } else {
            setsid();
        }
        step = SWITCHYARD_STEP_FOLDER;
        if (folder == 0 || chdir(folder) == 0) {
            step = SWITCHYARD_STEP_PROGRAM;
            int moved[3], stands = 1;
            // Out of the way first: a descriptor of ours may have the number of a standard one.
            for (int i = 0; i < 3; i++) if ((moved[i] = fcntl(descriptors[i], F_DUPFD, 3)) < 0) stands = 0;
            for (int i = 0; i < 3 && stands; i++) if (dup2(moved[i], i) < 0) stands = 0;
            if (stands) {
                // What others opened without care stays here: close_range(3, …, CLOSE_RANGE_CLOEXEC).
                syscall(436, 3u, ~0u, 4u);
                sigprocmask(SIG_SETMASK, &none, 0);
                execve(program, arguments, environment);
            }
        }
        error = errno;
        _exit(127);
    }
    const int forked = errno;
    switchyard_start result = {child, SWITCHYARD_STEP_NONE, 0};
    if (child < 0) {
        result.step = SWITCHYARD_STEP_FORK;
        result.error = forked;
    } else if (error != 0) {
        while (waitpid(child, 0, 0) < 0 && errno == EINTR) {}
        result.process = -1;
        result.step = step;
        result.error = error;
    }
    pthread_sigmask(SIG_SETMASK, &before, 0);
    return result;
}

// A descriptor that is readable once the process has ended, or -1. (pidfd_open)
static inline int switchyard_watch_end(pid_t process) { return (int)syscall(434, process, 0u); }

// Whether the process has ended. It stays a zombie, so that its number and its group's are not given to others.
static inline int switchyard_has_ended(pid_t process) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return errno != EINTR;
    return info.si_pid != 0;
}

// Lets a process go that has ended: its exit status, or minus the signal that ended it.
static inline int switchyard_reap(pid_t process) {
    int status = 0;
    pid_t found;
    while ((found = waitpid(process, &status, 0)) < 0 && errno == EINTR) {}
    if (found < 0) return 0;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// The variables of this process.
extern char **environ;
static inline char **switchyard_environment(void) { return environ; }

// Soft limits of this process; ~0 for none.
static inline unsigned long long switchyard_limit(int resource) {
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : ~0ull;
}
static inline unsigned long long switchyard_descriptor_limit(void) { return switchyard_limit(RLIMIT_NOFILE); }
static inline unsigned long long switchyard_process_limit(void) { return switchyard_limit(RLIMIT_NPROC); }
static inline unsigned long long switchyard_memory_limit(void) { return switchyard_limit(RLIMIT_AS); }

#endif
