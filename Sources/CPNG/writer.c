#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

// Grows as libpng writes. Lives in memory that longjmp leaves alone.
typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
    png_text *texts;
    char *message;
} output;

static void keep_message(png_structp png, png_const_charp text) {
    output *out = png_get_error_ptr(png);
    facechain_png_copy_message(out->message, text);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void append(png_structp png, png_bytep bytes, size_t count) {
    output *out = png_get_io_ptr(png);
    if (count > out->capacity - out->count) {
        size_t capacity = (out->count + count) * 2;
        uint8_t *grown = realloc(out->bytes, capacity);
        if (grown == NULL) {
            png_error(png, "out of memory");
        }
        out->bytes = grown;
        out->capacity = capacity;
    }
    memcpy(out->bytes + out->count, bytes, count);
    out->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void set_texts(png_structp png, png_infop info, output *out, const facechain_png_text *texts, size_t count) {
    if (count == 0) {
        return;
    }
    out->texts = calloc(count, sizeof *out->texts);
    if (out->texts == NULL) {
        png_error(png, "out of memory");
    }
    for (size_t index = 0; index < count; index++) {
        png_text *text = &out->texts[index];
        text->key = (png_charp)texts[index].keyword;
        text->text = (png_charp)texts[index].text;
        if (texts[index].is_utf8) {
            text->compression = PNG_ITXT_COMPRESSION_NONE;
            text->itxt_length = texts[index].text_length;
        } else {
            text->compression = PNG_TEXT_COMPRESSION_NONE;
            text->text_length = texts[index].text_length;
        }
    }
    png_set_text(png, info, out->texts, (int)count);
}

static bool write_all(
    png_structp png, png_infop info, output *out, const uint8_t *pixels, facechain_png_size size,
    const facechain_png_text *texts, size_t text_count) {
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    png_set_write_fn(png, out, append, flush_nothing);
    int color_type = size.channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB;
    png_set_IHDR(
        png, info, size.width, size.height, 8, color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 6);
    png_set_filter(png, PNG_FILTER_TYPE_DEFAULT, PNG_ALL_FILTERS);
    set_texts(png, info, out, texts, text_count);
    png_write_info(png, info);
    size_t row_bytes = (size_t)size.width * size.channels;
    for (uint32_t y = 0; y < size.height; y++) {
        png_write_row(png, pixels + y * row_bytes);
    }
    png_write_end(png, info);
    return true;
}

bool facechain_png_encode(
    const uint8_t *pixels, facechain_png_size size, const facechain_png_text *texts, size_t text_count,
    uint8_t **bytes, size_t *count, char *message) {
    output out = {.message = message};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &out, keep_message, ignore_warning);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        facechain_png_copy_message(message, "out of memory");
        return false;
    }
    bool written = write_all(png, info, &out, pixels, size, texts, text_count);
    png_destroy_write_struct(&png, &info);
    free(out.texts);
    if (!written) {
        free(out.bytes);
        return false;
    }
    *bytes = out.bytes;
    *count = out.count;
    return true;
}
