#include "CJPEG.h"

#include <stdlib.h>
#include <string.h>

#include "errors.h"

// A progressive file may repeat scans without end; encoders in use write about ten.
enum { SCAN_LIMIT = 100, APP1 = JPEG_APP0 + 1 };

struct facechain_jpeg_reader {
    struct jpeg_decompress_struct info;
    facechain_jpeg_errors errors;
    struct jpeg_progress_mgr progress;
    const uint8_t *bytes;
    size_t count;
    uint8_t *cmyk_row;
};

static void limit_scans(j_common_ptr info) {
    if (((j_decompress_ptr)info)->input_scan_number > SCAN_LIMIT) {
        facechain_jpeg_fail(info, "it has more than 100 scans");
    }
}

facechain_jpeg_reader *facechain_jpeg_reader_create(const uint8_t *bytes, size_t count) {
    facechain_jpeg_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return NULL;
    }
    reader->bytes = bytes;
    reader->count = count;
    reader->info.err = facechain_jpeg_catch_errors(&reader->errors);
    if (setjmp(reader->errors.jump)) {
        facechain_jpeg_reader_destroy(reader);
        return NULL;
    }
    jpeg_create_decompress(&reader->info);
    reader->progress.progress_monitor = limit_scans;
    reader->info.progress = &reader->progress;
    return reader;
}

bool facechain_jpeg_reader_read_header(facechain_jpeg_reader *reader, uint32_t *width, uint32_t *height) {
    if (setjmp(reader->errors.jump)) {
        return false;
    }
    jpeg_mem_src(&reader->info, reader->bytes, reader->count);
    jpeg_save_markers(&reader->info, APP1, 0xFFFF);
    jpeg_read_header(&reader->info, TRUE);
    *width = reader->info.image_width;
    *height = reader->info.image_height;
    return true;
}

const uint8_t *facechain_jpeg_reader_exif(const facechain_jpeg_reader *reader, size_t *count) {
    for (jpeg_saved_marker_ptr marker = reader->info.marker_list; marker != NULL; marker = marker->next) {
        if (marker->marker == APP1 && marker->data_length >= 6 && memcmp(marker->data, "Exif\0\0", 6) == 0) {
            *count = marker->data_length;
            return marker->data;
        }
    }
    *count = 0;
    return NULL;
}

// Four-component files follow Adobe's convention: they hold 255 minus the amount of ink.
static void convert_inverted_cmyk(const uint8_t *cmyk, uint8_t *rgb, uint32_t width) {
    for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        for (int channel = 0; channel < 3; channel++) {
            rgb[channel] = (uint8_t)((cmyk[channel] * cmyk[3] + 127) / 255);
        }
    }
}

bool facechain_jpeg_reader_read_pixels(facechain_jpeg_reader *reader, uint8_t *pixels) {
    j_decompress_ptr info = &reader->info;
    if (setjmp(reader->errors.jump)) {
        return false;
    }
    bool is_cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
    info->out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(info);
    if (is_cmyk) {
        reader->cmyk_row = malloc((size_t)info->output_width * 4);
        if (reader->cmyk_row == NULL) {
            facechain_jpeg_fail((j_common_ptr)info, "out of memory");
        }
    }
    while (info->output_scanline < info->output_height) {
        uint8_t *row = pixels + (size_t)info->output_scanline * info->output_width * 3;
        JSAMPROW destination = is_cmyk ? reader->cmyk_row : row;
        jpeg_read_scanlines(info, &destination, 1);
        if (is_cmyk) {
            convert_inverted_cmyk(reader->cmyk_row, row, info->output_width);
        }
    }
    jpeg_finish_decompress(info);
    return true;
}

const char *facechain_jpeg_reader_message(const facechain_jpeg_reader *reader) { return reader->errors.message; }

void facechain_jpeg_reader_destroy(facechain_jpeg_reader *reader) {
    jpeg_destroy_decompress(&reader->info);
    free(reader->cmyk_row);
    free(reader);
}
