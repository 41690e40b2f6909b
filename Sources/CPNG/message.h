#ifndef CPNG_MESSAGE_H
#define CPNG_MESSAGE_H

#include <stdio.h>

enum { FACECHAIN_PNG_MESSAGE_CAPACITY = 256 };

static inline void facechain_png_copy_message(char *message, const char *text) {
    snprintf(message, FACECHAIN_PNG_MESSAGE_CAPACITY, "%s", text);
}

#endif
