/* White balance as a matrix. */
#pragma once

/* What makes the light of a black body of the temperature that of 6500 K, and then what lies `duv`
 * above that, towards green in the CIE 1960 diagram; for linear light of BT.709's primaries. (Off a
 * warm black body by as much, there would be no blue.) At 6500 K and 0 it is exactly the identity.
 *
 * The locus: M. Krystek, "An algorithm to calculate correlated colour temperature", Color Research
 * and Application 10(1), 1985, for 1000 to 15000 K. The adaptation: the linear transform of CAT16,
 * C. Li et al., "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS", Color Research and
 * Application 42(6), 2017, with complete adaptation. */
void hipfx_white_matrix(double temperature_k, double duv, double out[3][3]);
