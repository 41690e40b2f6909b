#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { text_size = 1024 };

// What puts the terminal back. There are two, so that a handler never sees a half-written one.
typedef struct {
    facechain_terminal_restoration how;
    struct termios mode;
    uint8_t bytes[text_size];
    uint8_t report[text_size];
} restoration;

static restoration restorations[2];
static _Atomic(restoration *) current_restoration;
static atomic_bool is_crashing;
static _Atomic(time_t) first_signal_to_end;  // 0: none yet

static const int noted_signals[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT};
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT, SIGSYS};
enum {
    noted_count = sizeof noted_signals / sizeof noted_signals[0],
    crash_count = sizeof crash_signals / sizeof crash_signals[0]
};
static struct sigaction previous_noted[noted_count];
static struct sigaction previous_crash[crash_count];
static struct sigaction previous_pipe_action;
static int note_pipe[2] = {-1, -1};

static void write_all(int descriptor, const uint8_t *bytes, size_t count) {
    size_t written = 0;
    for (int attempt = 0; written < count && attempt < 1000; attempt++) {
        ssize_t step = write(descriptor, bytes + written, count - written);
        if (step > 0) written += (size_t)step;
        else if (errno == EAGAIN) usleep(1000);
        else if (errno != EINTR) break;
    }
}

static void restore_terminal(bool is_crash) {
    // Taken away first: a crash within must not come here again.
    restoration *current = atomic_exchange(&current_restoration, NULL);
    if (!current) return;
    const facechain_terminal_restoration *how = &current->how;
    // In the background, touching the terminal would stop the process.
    if (tcgetpgrp(how->descriptor) == getpgrp()) {
        write_all(how->descriptor, how->bytes, how->count);
        // At once: a terminal that takes no bytes must not keep the process from ending.
        tcsetattr(how->descriptor, TCSANOW, how->mode);
        if (is_crash) write_all(how->descriptor, how->report, how->report_count);
    }
    // The Swift runtime's report of a crash fills screens: where a file takes it, a line says which.
    if (is_crash && how->report_count > 0) return;
    if (how->output_descriptor >= 0) dup2(how->output_descriptor, STDOUT_FILENO);
    if (how->error_descriptor >= 0) dup2(how->error_descriptor, STDERR_FILENO);
}

static void restore_at_exit(void) {
    restore_terminal(false);
}

void facechain_terminal_arm(const facechain_terminal_restoration *how) {
    static bool is_registered;
    if (!is_registered) is_registered = atexit(restore_at_exit) == 0;
    restoration *next = atomic_load(&current_restoration) == &restorations[0] ? &restorations[1] : &restorations[0];
    next->how = *how;
    next->mode = *how->mode;
    next->how.mode = &next->mode;
    next->how.count = how->count < text_size ? how->count : text_size;
    next->how.report_count = how->report_count < text_size ? how->report_count : text_size;
    memcpy(next->bytes, how->bytes, next->how.count);
    memcpy(next->report, how->report, next->how.report_count);
    next->how.bytes = next->bytes;
    next->how.report = next->report;
    atomic_store(&current_restoration, next);
}

void facechain_terminal_disarm(void) {
    atomic_store(&current_restoration, NULL);
}

void facechain_terminal_die(int signal_number) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal_number, &action, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal_number);
}

// Whether a signal to end came before, and was not obeyed. Shells send SIGHUP several times in a row.
static bool is_overdue(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    time_t first = 0;
    if (atomic_compare_exchange_strong(&first_signal_to_end, &first, now.tv_sec + 1)) return false;
    return now.tv_sec + 1 - first >= 2;
}

static void note_signal(int signal_number) {
    int saved_error = errno;
    bool ends = signal_number == SIGTERM || signal_number == SIGHUP || signal_number == SIGINT;
    if (ends && is_overdue()) {
        restore_terminal(false);
        facechain_terminal_die(signal_number);
    }
    uint8_t number = (uint8_t)signal_number;
    // When the pipe is full, the main thread has enough to read.
    if (write(note_pipe[1], &number, 1) < 0) {}
    errno = saved_error;
}

static void handle_crash(int signal_number, siginfo_t *info, void *context) {
    // A second crashing thread waits for the first to end the process.
    if (atomic_exchange(&is_crashing, true)) {
        for (;;) pause();
    }
    restore_terminal(true);
    // The Swift runtime's report offers to wait for a key if standard input is a terminal.
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0) dup2(null, STDIN_FILENO);
    for (int i = 0; i < crash_count; i++) {
        if (crash_signals[i] != signal_number) continue;
        struct sigaction *previous = &previous_crash[i];
        if (previous->sa_flags & SA_SIGINFO) {
            previous->sa_sigaction(signal_number, info, context);
        } else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) {
            previous->sa_handler(signal_number);
        }
    }
    facechain_terminal_die(signal_number);
}

int facechain_terminal_install_handlers(void) {
    if (pipe2(note_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    // Without its report of crashes, the Swift runtime gives the main thread none.
    facechain_terminal_add_signal_stack();
    atomic_store(&first_signal_to_end, 0);
    struct sigaction note = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    sigemptyset(&note.sa_mask);
    for (int i = 0; i < noted_count; i++) {
        sigaction(noted_signals[i], NULL, &previous_noted[i]);
        // What the parent wants ignored, as nohup does, stays so.
        bool is_ignored = previous_noted[i].sa_handler == SIG_IGN;
        bool ends = noted_signals[i] == SIGHUP || noted_signals[i] == SIGINT || noted_signals[i] == SIGTERM;
        if (!(is_ignored && ends)) sigaction(noted_signals[i], &note, NULL);
    }
    struct sigaction crash = {.sa_sigaction = handle_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&crash.sa_mask);
    for (int i = 0; i < crash_count; i++) sigaction(crash_signals[i], &crash, &previous_crash[i]);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, &previous_pipe_action);
    return note_pipe[0];
}

void facechain_terminal_remove_handlers(void) {
    for (int i = 0; i < noted_count; i++) sigaction(noted_signals[i], &previous_noted[i], NULL);
    for (int i = 0; i < crash_count; i++) sigaction(crash_signals[i], &previous_crash[i], NULL);
    sigaction(SIGPIPE, &previous_pipe_action, NULL);
    close(note_pipe[0]);
    close(note_pipe[1]);
    note_pipe[0] = note_pipe[1] = -1;
}

void facechain_terminal_stop(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL}, previous;
    sigaction(SIGTSTP, &standard, &previous);
    kill(0, SIGTSTP);
    // Another thread may be the one that takes the signal, a moment later.
    usleep(20000);
    sigaction(SIGTSTP, &previous, NULL);
}

bool facechain_terminal_add_signal_stack(void) {
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE)) return true;
    size_t size = 64 * 1024;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    stack_t stack = {.ss_sp = memory, .ss_size = size};
    return sigaltstack(&stack, NULL) == 0;
}

void facechain_terminal_wait_if_crashing(void) {
    while (atomic_load(&is_crashing)) pause();
}

int facechain_terminal_open_event(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}
