/* Any text as a unit: refused in words, or a unit in lowest terms that writes itself, reads back as itself, and is one of itself. */
#include "core/base/err.h"
#include "core/base/frac.h"
#include "core/base/must.h"
#include "core/market/unit.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct unit u, again, reduced;
	char text[UNIT_TEXT];
	int64_t num, den;
	int rc = unit_parse((const char *)bytes, len, &u);
	if (rc) {
		must((rc == -ERR_PARSE || rc == -ERR_RANGE) && err_text()[0]);
		return 0;
	}
	must(u.num > 0 && u.den > 0 && frac_gcd(u.num, u.den) == 1 && u.n <= UNIT_PARTS);
	for (unsigned i = 0; i < u.n; i++) {
		must(u.part[i].power && memchr(u.part[i].name, 0, UNIT_NAME));
		for (unsigned k = 0; k < i; k++)
			must(strcmp(u.part[i].name, u.part[k].name) != 0);
	}
	must(unit_alike(&u, &u));
	rc = unit_ratio_of(&u, &u, &num, &den);
	must(rc == -ERR_RANGE || (rc == 0 && num == 1 && den == 1));
	must(unit_format(&u, text) == strlen(text));
	if (strlen(text) == UNIT_TEXT - 1) /* cut */
		return 0;
	must(unit_parse(text, strlen(text), &again) == 0 && unit_alike(&u, &again));
	if (unit_reduce(&u, &reduced) == 0)
		must(unit_alike(&u, &reduced));
	return 0;
}
