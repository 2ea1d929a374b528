#include "core/base/span.h"
#include <inttypes.h>
#include <stdio.h>

/* Units below a minute, and those from there on. */
static const struct unit {
	const char *name;
	uint64_t ns;
} fine[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } }, coarse[] = {
	{ "s", 1000000000 }, { "min", 60000000000 }, { "h", 3600000000000 }, { "d", 86400000000000 }
};
enum { n_fine = sizeof fine / sizeof *fine, n_coarse = sizeof coarse / sizeof *coarse };

static int three_digits(const char *sign, uint64_t ns, char *out)
{
	unsigned u = 0;
	while (u + 1 < n_fine && ns >= fine[u + 1].ns)
		u++;
	uint64_t whole = ns / fine[u].ns, milli = u ? ns % fine[u].ns / fine[u - 1].ns : 0;
	unsigned decimals = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
	unsigned part = (unsigned)milli / (decimals == 2 ? 10 : decimals == 1 ? 100 : 1000);
	while (decimals && part % 10 == 0) {
		part /= 10;
		decimals--;
	}
	if (!decimals)
		return snprintf(out, SPAN_BYTES, "%s%" PRIu64 " %s", sign, whole, fine[u].name);
	return snprintf(out, SPAN_BYTES, "%s%" PRIu64 ".%0*u %s", sign, whole, (int)decimals, part,
			fine[u].name);
}

size_t span_format(int64_t ns, char out[SPAN_BYTES])
{
	if (ns == INT64_MAX)
		return (size_t)snprintf(out, SPAN_BYTES, "not known");
	const char *sign = ns < 0 ? "-" : "";
	uint64_t left = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	if (left < coarse[1].ns)
		return (size_t)three_digits(sign, left, out);
	unsigned u = 1;
	while (u + 1 < n_coarse && left >= coarse[u + 1].ns)
		u++;
	uint64_t rest = left % coarse[u].ns / coarse[u - 1].ns;
	if (!rest)
		return (size_t)snprintf(out, SPAN_BYTES, "%s%" PRIu64 " %s", sign,
					left / coarse[u].ns, coarse[u].name);
	return (size_t)snprintf(out, SPAN_BYTES, "%s%" PRIu64 " %s %" PRIu64 " %s", sign,
				left / coarse[u].ns, coarse[u].name, rest, coarse[u - 1].name);
}
