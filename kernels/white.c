#include "kernels/white.h"

#include <math.h>
#include <string.h>

#define NEUTRAL_K 6500.0

struct uv {
    double u, v; /* CIE 1960 */
};

static struct uv black_body(double t)
{
    return (struct uv){
        .u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) /
             (1 + 8.42420235e-4 * t + 7.08145163e-7 * t * t),
        .v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) /
             (1 - 2.89741816e-5 * t + 1.61456053e-7 * t * t),
    };
}

/* Across the locus, towards green. */
static struct uv off_locus(double t, double duv)
{
    const struct uv at = black_body(t), warmer = black_body(t - 1), colder = black_body(t + 1);
    const double du = warmer.u - colder.u, dv = warmer.v - colder.v, length = hypot(du, dv);
    return (struct uv){at.u - duv * dv / length, at.v + duv * du / length};
}

/* XYZ with Y = 1. */
static void white_of(struct uv white, double xyz[3])
{
    const double x = 3 * white.u, y = 2 * white.v, sum = 2 * white.u - 8 * white.v + 4;
    xyz[0] = x / y;
    xyz[1] = 1;
    xyz[2] = (sum - x - y) / y;
}

static void multiply(const double a[3][3], const double b[3][3], double out[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

static void apply(const double m[3][3], const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
}

static void invert(const double m[3][3], double out[3][3])
{
    double determinant = 0;
    for (int i = 0; i < 3; i++) {
        const int a = (i + 1) % 3, b = (i + 2) % 3;
        for (int j = 0; j < 3; j++) {
            const int c = (j + 1) % 3, d = (j + 2) % 3;
            out[j][i] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
        }
        determinant += m[0][i] * (m[1][(i + 1) % 3] * m[2][(i + 2) % 3] -
                                  m[1][(i + 2) % 3] * m[2][(i + 1) % 3]);
    }
    for (int i = 0; i < 9; i++)
        out[i / 3][i % 3] /= determinant;
}

/* BT.709's linear RGB to XYZ, and XYZ to CAT16's cone responses. */
static const double xyz_of_rgb[3][3] = {
    {0.4123907992659593, 0.3575843393838780, 0.1804807884018343},
    {0.2126390058715103, 0.7151686787677559, 0.0721923153607337},
    {0.0193308187155918, 0.1191947797946260, 0.9505321522496607},
};
static const double cones_of_xyz[3][3] = {
    {0.401288, 0.650173, -0.051461},
    {-0.250268, 1.204414, 0.045854},
    {-0.002079, 0.048952, 0.953127},
};

static void cones_of(struct uv white, double cones[3])
{
    double xyz[3];
    white_of(white, xyz);
    apply(cones_of_xyz, xyz, cones);
}

void hipfx_white_matrix(double temperature_k, double duv, double out[3][3])
{
    const double identity[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    double from[3], tinted[3], to[3];
    double cones_of_rgb[3][3], rgb_of_cones[3][3], scaled[3][3];
    if (temperature_k == NEUTRAL_K && duv == 0) {
        memcpy(out, identity, sizeof(identity));
        return;
    }
    cones_of(black_body(temperature_k), from);
    cones_of(off_locus(NEUTRAL_K, duv), tinted);
    cones_of(black_body(NEUTRAL_K), to);
    multiply(cones_of_xyz, xyz_of_rgb, cones_of_rgb);
    invert(cones_of_rgb, rgb_of_cones);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            scaled[i][j] = cones_of_rgb[i][j] * (to[i] / from[i]) * (to[i] / tinted[i]);
    multiply(rgb_of_cones, scaled, out);
}
