/* conv - reads "near * 31.1034768 / usdcnh": what one leg's price is worth, in the unit that both legs share.
 *
 * The value must be the leg's price times a constant times powers of references, because that is what the core can evaluate on
 * integers and explain: + and - are refused, so is a leg that stands twice, or below a division. Pure; any thread; no allocation. */
#pragma once
#include "core/market/basis.h"
#include <stddef.h>

#define CONV_POWER_MAX 8

struct conv_names {
	unsigned n_legs, n_refs;
	const char (*leg)[16], (*ref)[16];
};

/* The leg's index, or -ERR_PARSE with a text that says what to write. `text` need not be terminated. */
int conv_parse(const char *text, size_t len, const struct conv_names *names,
	       struct basis_conv *out);
