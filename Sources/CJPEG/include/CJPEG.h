// libjpeg-turbo behind calls that return instead of jumping or leaving the process.
//
// libjpeg's own error handler calls exit(). Every function here catches errors, keeps libjpeg's sentence, and
// returns false. Warnings (truncated or damaged data, which libjpeg would paint grey) count as errors, except
// stray bytes between segments: several camera makers leave them and no pixel is lost.
#ifndef CJPEG_H
#define CJPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct facechain_jpeg_reader facechain_jpeg_reader;

/// `bytes` must outlive the reader. NULL when memory is short.
facechain_jpeg_reader *facechain_jpeg_reader_create(const uint8_t *bytes, size_t count);

/// Reads everything before the pixels. Allocates nothing of the picture's size.
bool facechain_jpeg_reader_read_header(facechain_jpeg_reader *reader, uint32_t *width, uint32_t *height);

/// The first APP1 segment that holds EXIF, with its "Exif\0\0". NULL when there is none. Valid until the pixels
/// are read.
const uint8_t *facechain_jpeg_reader_exif(const facechain_jpeg_reader *reader, size_t *count);

/// Decodes to RGB into `pixels`, which holds width * height * 3 bytes.
bool facechain_jpeg_reader_read_pixels(facechain_jpeg_reader *reader, uint8_t *pixels);

const char *facechain_jpeg_reader_message(const facechain_jpeg_reader *reader);
void facechain_jpeg_reader_destroy(facechain_jpeg_reader *reader);

typedef struct {
    const uint8_t *bytes;
    size_t count;  // at most 65533
} facechain_jpeg_segment;

/// Encodes RGB, 4:4:4, with `segments` as APP1. The bytes depend on the arguments only. On success `*bytes` is
/// to be released with free(); on failure `message` (256 bytes) says why.
bool facechain_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int quality, const facechain_jpeg_segment *segments,
    size_t segment_count, uint8_t **bytes, size_t *count, char *message);

#endif
