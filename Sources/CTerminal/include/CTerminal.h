// What must be done inside signal handlers, and so in C: notes to the main thread, and a terminal put back
// when the process dies.
#ifndef CTERMINAL_H
#define CTERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct termios;

/// How the terminal is put back: `bytes` are written to `descriptor`, `mode` is set, and the two descriptors become
/// standard output and error again (-1: they are not touched). `report` is written after that, in crashes only. Of
/// both texts at most 1024 bytes are kept.
typedef struct {
    int descriptor;
    int output_descriptor;
    int error_descriptor;
    const struct termios *mode;
    const uint8_t *bytes;
    size_t count;
    const uint8_t *report;
    size_t report_count;
} facechain_terminal_restoration;

/// From here on the terminal is put back when the process crashes, calls exit(), or gets a signal to end two
/// seconds after one that it has not obeyed. May be called again.
void facechain_terminal_arm(const facechain_terminal_restoration *how);

/// Nothing is put back any more.
void facechain_terminal_disarm(void);

/// Installs handlers for SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP and SIGINT, and for those of crashes.
/// Each of the former becomes one byte, its number, to read from the result. -1 when there are no descriptors.
/// The handlers of crashes call those that were there before, such as the Swift runtime's, once the terminal is
/// readable.
int facechain_terminal_install_handlers(void);

/// Brings back the handlers that were there, and closes the descriptor.
void facechain_terminal_remove_handlers(void);

/// Stops the process group as Ctrl-Z does; returns when the process goes on. Nothing happens in a process
/// group that no shell watches.
void facechain_terminal_stop(void);

/// Gives the calling thread a stack for signal handlers, without which a stack overflow ends the process
/// before any handler runs. Each thread we start calls it first; its memory stays with the thread. A thread that
/// has one keeps it.
bool facechain_terminal_add_signal_stack(void);

/// Never returns if another thread is crashing: the runtime's report interrupts system calls, and the main
/// thread must not go on then.
void facechain_terminal_wait_if_crashing(void);

/// Ends the process by a signal's default action, so that its parent sees what ended it.
void facechain_terminal_die(int signal);

/// A descriptor that becomes readable when 8 bytes are written (eventfd). -1 when there are none.
int facechain_terminal_open_event(void);

/// Cells that the C library's locale gives a character; -1 if it cannot be shown.
int facechain_terminal_cell_width(uint32_t scalar);

/// Makes the environment's locale the one for characters, and says whether that is UTF-8.
bool facechain_terminal_use_locale(void);

#endif
