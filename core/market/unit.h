/* unit - what a number is counted in: "CNY/g", "USD/ozt", "USc/lb", "100 ozt"; exact, so that grams of one market are ounces of the other to the last digit.
 *
 * A unit is a product of named parts with small powers, and a number before it. Masses, volumes and energies are related by exact factors; every currency
 * and every asset is a thing of its own (USD, USDT, USDC, CNY and CNH are five), and so are contract, pt (index point) and bu (a bushel weighs what its grain weighs: 60[lb/bu]).
 *   unit = [number] part { ("*" | "·" | "/" | " per ") part }      part = name ["^" 1..8] | "1"
 * Names: g kg t ozt (troy) oz (avoirdupois) lb ston lton tola; L m3 bbl gal; J kWh MWh GJ therm MMBtu; USc GBp (a hundredth of the currency); contract pt bu; anything
 * else in capitals and digits is a currency or an asset. Pure; any thread; no allocation. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIT_PARTS 16
#define UNIT_NAME  12
#define UNIT_TEXT  320 /* holds every unit that unit_format writes */
#define UNIT_POWER 32  /* largest power of a part, either way */

struct unit {
	int64_t num, den; /* of the number before it, in lowest terms, above zero */
	uint8_t n;
	struct unit_part {
		char name[UNIT_NAME];
		int8_t power; /* not 0 */
	} part[UNIT_PARTS]; /* as they were written: ozt stays ozt, so that errors speak the reader's words */
};

/* -ERR_PARSE in words that say what to write; -ERR_RANGE for numbers or powers that do not fit. `text` need not be terminated. */
int unit_parse(const char *text, size_t len, struct unit *out);
/* The unit of one such thing, whatever it is called: "BTC", "g". -ERR_RANGE for an empty or long name. */
int unit_named(const char *name, struct unit *out);
/* The pure number 1. */
struct unit unit_one(void);
/* *u *= by ^ power. -ERR_RANGE when it no longer fits. */
int unit_mul(struct unit *u, const struct unit *by, int power);
/* One `from` is *num / *den of `to`, exact and in lowest terms: "ozt" in "g" is 19439673 / 625000. -ERR_PARSE, -ERR_RANGE; -ERR_ARG when they do not measure
 * the same thing: the text says what is left over. */
int unit_ratio(const char *from, const char *to, int64_t *num, int64_t *den);
int unit_ratio_of(const struct unit *from, const struct unit *to, int64_t *num, int64_t *den);
/* Every part as what it measures (g, L, J, a currency), the factors in the number. `out` may be u. -ERR_RANGE. */
int unit_reduce(const struct unit *u, struct unit *out);
/* Do they measure the same thing, whatever the factor? */
bool unit_alike(const struct unit *a, const struct unit *b);
/* What a price of 1 is worth for one base unit, in the quote currency: px_unit "USc/lb" with base_unit "t" and quote "USD" is 22.0462...; 1/1 where px_unit is
 * empty (then a price is quote per base unit). base_unit empty: the base asset. Errors as unit_ratio. */
int unit_notional(const char *px_unit, const char *base_unit, const char *base, const char *quote,
		  int64_t *num, int64_t *den);
/* "USD·CNY/CNH/ozt"; "1" for a pure number. Reads back as the same unit. Returns the length; out holds UNIT_TEXT. */
size_t unit_format(const struct unit *u, char *out);
/* Is there a physical unit of that name, and another that measures the same thing: the i-th, NULL beyond the last. For those who look for the name of a factor. */
const char *unit_sibling(const char *name, unsigned i);
