#include "CJPEG.h"

#include "errors.h"

// Lives in memory that longjmp leaves alone.
typedef struct {
    struct jpeg_compress_struct info;
    facechain_jpeg_errors errors;
    uint8_t *bytes;
    unsigned long count;
} writer;

static void set_chroma_to_full_resolution(j_compress_ptr info) {
    for (int component = 0; component < info->num_components; component++) {
        info->comp_info[component].h_samp_factor = 1;
        info->comp_info[component].v_samp_factor = 1;
    }
}

static bool write_all(
    writer *state, const uint8_t *pixels, uint32_t width, uint32_t height, int quality,
    const facechain_jpeg_segment *segments, size_t segment_count) {
    j_compress_ptr info = &state->info;
    if (setjmp(state->errors.jump)) {
        return false;
    }
    jpeg_create_compress(info);
    jpeg_mem_dest(info, &state->bytes, &state->count);
    info->image_width = width;
    info->image_height = height;
    info->input_components = 3;
    info->in_color_space = JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, quality, TRUE);
    info->optimize_coding = TRUE;
    set_chroma_to_full_resolution(info);
    jpeg_start_compress(info, TRUE);
    for (size_t index = 0; index < segment_count; index++) {
        jpeg_write_marker(info, JPEG_APP0 + 1, segments[index].bytes, (unsigned)segments[index].count);
    }
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = (JSAMPROW)pixels + (size_t)info->next_scanline * width * 3;
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
    return true;
}

bool facechain_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int quality, const facechain_jpeg_segment *segments,
    size_t segment_count, uint8_t **bytes, size_t *count, char *message) {
    writer state = {.bytes = NULL};
    state.info.err = facechain_jpeg_catch_errors(&state.errors);
    bool written = write_all(&state, pixels, width, height, quality, segments, segment_count);
    jpeg_destroy_compress(&state.info);
    if (!written) {
        // The buffer is not freed: while it grows, libjpeg moves it without updating `state.bytes`.
        snprintf(message, FACECHAIN_JPEG_MESSAGE_CAPACITY, "%s", state.errors.message);
        return false;
    }
    *bytes = state.bytes;
    *count = state.count;
    return true;
}
