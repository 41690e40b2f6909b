#ifndef CJPEG_ERRORS_H
#define CJPEG_ERRORS_H

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

enum { FACECHAIN_JPEG_MESSAGE_CAPACITY = 256 };

// libjpeg finds this through cinfo->err, so `base` comes first.
typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf jump;
    char message[FACECHAIN_JPEG_MESSAGE_CAPACITY];
} facechain_jpeg_errors;

struct jpeg_error_mgr *facechain_jpeg_catch_errors(facechain_jpeg_errors *errors);

/// Leaves through `errors->jump` with a sentence of our own.
void facechain_jpeg_fail(j_common_ptr info, const char *message);

#endif
