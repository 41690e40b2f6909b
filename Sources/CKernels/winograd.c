// Winograd's convolution F(4x4, 3x3): 4x4 outputs of a 3x3 kernel from a 6x6 tile with 36 multiplications instead of 144.
//
//     Y = A^T [(G g G^T) * (B^T d B)] A        (Lavin and Gray, arXiv 1509.09308, equation 8)
//
// with d a tile of the image, g the kernel and * element by element; summed over channels, the products of one element
// form a matrix product. The interpolation points are 0, ±√2/2, ±√2 and infinity, whose rounding errors are about ten
// times smaller than those of the usual 0, ±1, ±2 (after Barabasz et al., arXiv 1803.10986).
#include "winograd.h"
#include "CKernels.h"

static const double root2 = 1.41421356237309504880;

#define B_TRANSPOSED                                                                       \
    {                                                                                      \
        {1, 0, -2.5, 0, 1, 0}, {0, -root2, -2, root2 / 2, 1, 0}, {0, root2, -2, -root2 / 2, 1, 0}, \
        {0, -root2 / 2, -0.5, root2, 1, 0}, {0, root2 / 2, -0.5, -root2, 1, 0}, {0, 1, 0, -2.5, 0, 1}, \
    }

#define G                                                                                  \
    {                                                                                      \
        {1, 0, 0}, {-2.0 / 3, -root2 / 3, -1.0 / 3}, {-2.0 / 3, root2 / 3, -1.0 / 3},      \
        {1.0 / 6, root2 / 6, 1.0 / 3}, {1.0 / 6, -root2 / 6, 1.0 / 3}, {0, 0, 1},          \
    }

#define A_TRANSPOSED                                                                       \
    {                                                                                      \
        {1, 1, 1, 1, 1, 0}, {0, root2 / 2, -root2 / 2, root2, -root2, 0}, {0, 0.5, 0.5, 2, 2, 0}, \
        {0, root2 / 4, -root2 / 4, 2 * root2, -2 * root2, 1},                              \
    }

void ck_scalar_winograd_input(
    const float *const *pixels, float *planes, size_t plane_stride, size_t channels) {
    const double matrix[6][6] = B_TRANSPOSED;
    for (size_t c = 0; c < channels; c++) {
        double half[6][6] = {0};
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 6; j++)
                for (int k = 0; k < 6; k++) half[i][j] += matrix[i][k] * pixels[6 * k + j][c];
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 6; j++) {
                double sum = 0;
                for (int k = 0; k < 6; k++) sum += half[i][k] * matrix[j][k];
                planes[(size_t)(6 * i + j) * plane_stride + c] = (float)sum;
            }
    }
}

void ck_scalar_winograd_output(
    const float *planes, size_t plane_stride, const float *bias, float *const *pixels, size_t channels) {
    const double matrix[4][6] = A_TRANSPOSED;
    for (size_t c = 0; c < channels; c++) {
        double half[4][6] = {0};
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 6; j++)
                for (int k = 0; k < 6; k++) half[i][j] += matrix[i][k] * planes[(size_t)(6 * k + j) * plane_stride + c];
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                double sum = bias[c];
                for (int k = 0; k < 6; k++) sum += half[i][k] * matrix[j][k];
                pixels[4 * i + j][c] = (float)sum;
            }
    }
}

void ck_winograd_weights(
    const float *rows, size_t outputs, size_t inputs, size_t first_output, size_t last_output, float *planes) {
    const double matrix[6][3] = G;
    size_t plane_stride = (outputs + 15) / 16 * 16 * inputs;
    for (size_t output = first_output; output < last_output; output++) {
        const float *kernel = rows + output * 9 * inputs;
        float *column = planes + output / 16 * 16 * inputs + output % 16;
        for (size_t c = 0; c < inputs; c++) {
            double half[6][3] = {0};
            for (int i = 0; i < 6; i++)
                for (int j = 0; j < 3; j++)
                    for (int k = 0; k < 3; k++) half[i][j] += matrix[i][k] * kernel[(size_t)(3 * k + j) * inputs + c];
            for (int i = 0; i < 6; i++)
                for (int j = 0; j < 6; j++) {
                    double sum = 0;
                    for (int k = 0; k < 3; k++) sum += half[i][k] * matrix[j][k];
                    column[(size_t)(6 * i + j) * plane_stride + 16 * c] = (float)sum;
                }
        }
    }
}
