// ncurses with wide characters, and what Swift cannot import of it: macros and global variables.
#define NCURSES_WIDECHAR 1
#include <ncurses.h>

// From term.h, whose macros for capabilities would hide names of ours.
extern char *tigetstr(const char *capability);

static const attr_t facechain_bold = A_BOLD;
static const attr_t facechain_dim = A_DIM;
static const attr_t facechain_italic = A_ITALIC;
static const attr_t facechain_underline = A_UNDERLINE;
static const attr_t facechain_reverse = A_REVERSE;
static const attr_t facechain_invisible = A_INVIS;

static inline WINDOW *facechain_screen_window(void) { return stdscr; }
static inline WINDOW *facechain_current_window(void) { return curscr; }
static inline int facechain_color_count(void) { return COLORS; }

/// Draws a character with its accents; `text` ends with 0.
static inline int facechain_put(
    int row, int column, const wchar_t *text, attr_t attributes, int color_pair) {
    cchar_t cell;
    // Pairs beyond a short go where X/Open has left room (curs_getcchar(3)).
    if (setcchar(&cell, text, attributes, (short)(color_pair > 32767 ? 0 : color_pair), &color_pair) != OK)
        return ERR;
    return mvwadd_wch(stdscr, row, column, &cell);
}
