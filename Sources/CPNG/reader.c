#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

struct facechain_png_reader {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t count;
    size_t offset;
    facechain_png_size size;
    char message[FACECHAIN_PNG_MESSAGE_CAPACITY];
};

static void keep_message(png_structp png, png_const_charp text) {
    facechain_png_reader *reader = png_get_error_ptr(png);
    facechain_png_copy_message(reader->message, text);
    png_longjmp(png, 1);
}

// libpng warns about ancillary chunks it drops; critical damage arrives as an error.
static void ignore_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void read_bytes(png_structp png, png_bytep destination, size_t count) {
    facechain_png_reader *reader = png_get_io_ptr(png);
    if (count > reader->count - reader->offset) {
        png_error(png, "the file ends too early");
    }
    memcpy(destination, reader->bytes + reader->offset, count);
    reader->offset += count;
}

// Chunks that change nothing we use. Colour profiles are dropped because an ICC profile may inflate to
// thousands of times its size.
static void skip_unused_chunks(png_structp png) {
    static const png_byte unused[] = "bKGD\0cHRM\0gAMA\0hIST\0iCCP\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tIME\0oFFs";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unused, sizeof unused / 5);
}

facechain_png_reader *facechain_png_reader_create(const uint8_t *bytes, size_t count, uint32_t side_limit) {
    facechain_png_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return NULL;
    }
    reader->bytes = bytes;
    reader->count = count;
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, keep_message, ignore_warning);
    if (reader->png == NULL) {
        free(reader);
        return NULL;
    }
    reader->info = png_create_info_struct(reader->png);
    if (reader->info == NULL || setjmp(png_jmpbuf(reader->png))) {
        facechain_png_reader_destroy(reader);
        return NULL;
    }
    png_set_read_fn(reader->png, reader, read_bytes);
    png_set_user_limits(reader->png, side_limit, side_limit);
    png_set_chunk_cache_max(reader->png, 64);
    png_set_chunk_malloc_max(reader->png, 8000000);
    skip_unused_chunks(reader->png);
    return reader;
}

bool facechain_png_reader_read_header(facechain_png_reader *reader, facechain_png_size *size) {
    png_structp png = reader->png;
    png_infop info = reader->info;
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    png_read_info(png, info);
    png_set_expand(png);  // palettes, 1, 2 and 4 bits, tRNS -> 8-bit channels
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    bool has_alpha = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
    reader->size.width = png_get_image_width(png, info);
    reader->size.height = png_get_image_height(png, info);
    reader->size.channels = has_alpha ? 4 : 3;
    *size = reader->size;
    return true;
}

bool facechain_png_reader_read_pixels(facechain_png_reader *reader, uint8_t *pixels) {
    png_structp png = reader->png;
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    size_t row_bytes = (size_t)reader->size.width * reader->size.channels;
    if (png_get_rowbytes(png, reader->info) != row_bytes) {
        png_error(png, "the rows have an unexpected length");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < reader->size.height; y++) {
            png_read_row(png, pixels + y * row_bytes, NULL);
        }
    }
    png_read_end(png, reader->info);
    return true;
}

size_t facechain_png_reader_text_count(const facechain_png_reader *reader) {
    png_textp texts = NULL;
    int count = 0;
    png_get_text(reader->png, reader->info, &texts, &count);
    return count > 0 ? (size_t)count : 0;
}

facechain_png_text facechain_png_reader_text(const facechain_png_reader *reader, size_t index) {
    png_textp texts = NULL;
    png_get_text(reader->png, reader->info, &texts, NULL);
    png_text text = texts[index];
    bool is_utf8 = text.compression >= PNG_ITXT_COMPRESSION_NONE;
    facechain_png_text result = {text.key, text.text, is_utf8 ? text.itxt_length : text.text_length, is_utf8};
    return result;
}

const uint8_t *facechain_png_reader_exif(const facechain_png_reader *reader, size_t *count) {
    png_bytep exif = NULL;
    png_uint_32 exif_count = 0;
    png_get_eXIf_1(reader->png, reader->info, &exif_count, &exif);
    *count = exif == NULL ? 0 : exif_count;
    return exif;
}

const char *facechain_png_reader_message(const facechain_png_reader *reader) { return reader->message; }

void facechain_png_reader_destroy(facechain_png_reader *reader) {
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader);
}
