/* A libobs filter that draws its source into a texture and draws that: the two full-screen passes
 * that no filter gets around, and nothing else. */
#pragma once

#define BENCH_TWO_PASSES_ID "hipfx_bench_two_passes"

/* Once after each start of libobs. */
void bench_two_passes_register(void);
