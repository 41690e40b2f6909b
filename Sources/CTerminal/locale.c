#define _GNU_SOURCE
#include "CTerminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

int facechain_terminal_cell_width(uint32_t scalar) {
    return wcwidth((wchar_t)scalar);
}

// The locale that the environment asks for, whether it is installed or not (locale(7)).
static const char *wanted_locale(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return value;
    }
    return "C";
}

bool facechain_terminal_use_locale(void) {
    // Characters only: numbers keep their decimal point for the sequences that C code writes.
    if (!setlocale(LC_CTYPE, "")) {
        // Logins from elsewhere bring the names of locales that this machine lacks; the terminal is what they say.
        const char *wanted = wanted_locale();
        if (strcasestr(wanted, "utf-8") || strcasestr(wanted, "utf8")) setlocale(LC_CTYPE, "C.UTF-8");
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
