#define _GNU_SOURCE
#include "CTerminal.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

int facechain_terminal_cell_width(uint32_t scalar) {
    return wcwidth((wchar_t)scalar);
}

bool facechain_terminal_use_locale(void) {
    // Characters only: numbers keep their decimal point for the sequences that C code writes.
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
