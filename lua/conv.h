/* conv - reads "near * 31.1034768 / usdcnh": what one leg's price is worth, in the unit that all legs share, and whether it is that unit.
 *
 * The value must be the leg's price times a constant times powers of references, because that is what the core can evaluate on
 * integers and explain: + and - are refused, so is a leg that stands twice, or below a division. A constant may say what it is: 31.1034768[g/ozt] (refused where there are
 * not so many), 1[CNH/CNY] (a stated rate), 1.13[1] (a pure number, such as a tax). Those that say nothing must together be the factor between units that is
 * missing, to a millionth. A price is in its instrument's px_unit, or, without one, in quote per base as assets. Pure; any thread; no allocation. */
#pragma once
#include "core/market/basis.h"
#include "core/market/unit.h"
#include <stddef.h>

#define CONV_POWER_MAX 8

struct conv_names {
	unsigned n_legs, n_refs;
	const char (*leg)[16], (*ref)[16];
};

struct conv {
	struct basis_conv value; /* all constants in k */
	double bare;		 /* product of those without a unit; 1: none */
	struct unit stated;	 /* product of the units in brackets */
};

/* What a leg is worth without a conversion: its price. */
struct conv conv_none(void);
/* The leg's index, or -ERR_PARSE with a text that says what to write. `text` need not be terminated. */
int conv_parse(const char *text, size_t len, const struct conv_names *names, struct conv *out);

/* What the names stand for, in the order of the names. */
struct conv_bound {
	const struct instrument *leg[LEG_MAX], *ref[REF_MAX];
	const struct assets *assets;
};
/* Do the values of all legs come out in one unit? conv: one for each leg. 0 and that unit as a text (UNIT_TEXT); or -ERR_CONFIG in words
 * that name what is left over and what to write, and *leg, whose conversion is to be mended. */
int conv_check(const struct conv *conv, const struct conv_names *names, const struct conv_bound *to,
	       unsigned *leg, char *unit);
