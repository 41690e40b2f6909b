#include "errors.h"

#include <stdbool.h>

#include <jerror.h>

_Static_assert(FACECHAIN_JPEG_MESSAGE_CAPACITY >= JMSG_LENGTH_MAX, "format_message writes JMSG_LENGTH_MAX bytes");

static void jump(j_common_ptr info) {
    facechain_jpeg_errors *errors = (facechain_jpeg_errors *)info->err;
    errors->base.format_message(info, errors->message);
    longjmp(errors->jump, 1);
}

static void treat_warning_as_error(j_common_ptr info, int level) {
    bool is_warning = level < 0;
    if (is_warning && info->err->msg_code != JWRN_EXTRANEOUS_DATA) {
        jump(info);
    }
}

static void print_nothing(j_common_ptr info) { (void)info; }

struct jpeg_error_mgr *facechain_jpeg_catch_errors(facechain_jpeg_errors *errors) {
    jpeg_std_error(&errors->base);
    errors->base.error_exit = jump;
    errors->base.emit_message = treat_warning_as_error;
    errors->base.output_message = print_nothing;
    errors->message[0] = '\0';
    return &errors->base;
}

void facechain_jpeg_fail(j_common_ptr info, const char *message) {
    facechain_jpeg_errors *errors = (facechain_jpeg_errors *)info->err;
    snprintf(errors->message, sizeof errors->message, "%s", message);
    longjmp(errors->jump, 1);
}
