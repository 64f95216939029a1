#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int switchyard_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int switchyard_set_pipe_size(int descriptor, int bytes) {
    return fcntl(descriptor, F_SETPIPE_SZ, bytes);
}

switchyard_start switchyard_spawn(
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

int switchyard_watch_end(int process) { return (int)syscall(434, process, 0u); }

int switchyard_has_ended(int process) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return errno != EINTR;
    return info.si_pid != 0;
}

int switchyard_reap(int process) {
    int status = 0;
    pid_t found;
    while ((found = waitpid(process, &status, 0)) < 0 && errno == EINTR) {}
    if (found < 0) return 0;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

char **switchyard_environment(void) { return environ; }

// Soft limits of this process; ~0 for none.
static unsigned long long switchyard_limit(int resource) {
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : ~0ull;
}
unsigned long long switchyard_descriptor_limit(void) { return switchyard_limit(RLIMIT_NOFILE); }
unsigned long long switchyard_process_limit(void) { return switchyard_limit(RLIMIT_NPROC); }
unsigned long long switchyard_memory_limit(void) { return switchyard_limit(RLIMIT_AS); }
