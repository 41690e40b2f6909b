// libpng behind calls that return instead of jumping.
//
// libpng reports errors with longjmp, which Swift cannot cross. Every function here catches the jump, keeps
// libpng's sentence for `facechain_png_reader_message`, and returns false. No function frees or keeps memory
// of its caller.
#ifndef CPNG_H
#define CPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct facechain_png_reader facechain_png_reader;

typedef struct {
    uint32_t width;
    uint32_t height;
    uint32_t channels;  // after decoding: 3 = RGB, 4 = RGBA
} facechain_png_size;

typedef struct {
    const char *keyword;  // Latin-1; when writing, both end with NUL
    const char *text;
    size_t text_length;
    bool is_utf8;  // iTXt; else Latin-1 (tEXt, zTXt)
} facechain_png_text;

/// `bytes` must outlive the reader. NULL when memory is short.
facechain_png_reader *facechain_png_reader_create(const uint8_t *bytes, size_t count, uint32_t side_limit);

/// Reads all chunks before the pixels. Allocates nothing of the picture's size.
bool facechain_png_reader_read_header(facechain_png_reader *reader, facechain_png_size *size);

/// Decodes into `pixels`, which holds width * height * channels bytes, then reads the chunks behind the pixels.
bool facechain_png_reader_read_pixels(facechain_png_reader *reader, uint8_t *pixels);

/// The text chunks seen so far.
size_t facechain_png_reader_text_count(const facechain_png_reader *reader);
facechain_png_text facechain_png_reader_text(const facechain_png_reader *reader, size_t index);

/// The eXIf chunk: a TIFF block. NULL when there is none.
const uint8_t *facechain_png_reader_exif(const facechain_png_reader *reader, size_t *count);

const char *facechain_png_reader_message(const facechain_png_reader *reader);
void facechain_png_reader_destroy(facechain_png_reader *reader);

/// Encodes 8-bit RGB or RGBA. The bytes depend on the arguments only. On success `*bytes` is to be released
/// with free(); on failure `message` (256 bytes) says why.
bool facechain_png_encode(
    const uint8_t *pixels, facechain_png_size size, const facechain_png_text *texts, size_t text_count,
    uint8_t **bytes, size_t *count, char *message);

#endif
