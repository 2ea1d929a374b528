/* Any bytes as an exchange's day and time, message after message: what is not refused lies no further ahead of our clock than the rule says, and seconds without fractions
 * never run backwards within themselves. The first byte chooses the exchange, then each message has a byte of length. */
#include "core/base/must.h"
#include "core/market/stamp.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_NS 1780000000000000000ll

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stamp_last last = { .n = 0 };
	struct stamp out;
	struct stamp_fields f = { .date = 0 };
	if (size < 6)
		return 0;
	const struct stamp_rule *r = stamp_rule_at(data[0] % 7);
	must(r != NULL);
	memcpy(&f.date, data + 1, 4);
	for (size_t at = 5; at < size;) {
		size_t n = data[at++] % 24;
		n = n < size - at ? n : size - at;
		int rc = stamp_read_time((const char *)data + at, n, &f);
		at += n;
		if (rc)
			continue;
		int64_t recv = NOW_NS + (int64_t)at * 700000000, before = last.utc_ns,
			second = last.second;
		must(stamp_utc(r, &f, recv, &last, &out) == 0);
		if (out.flags & STAMP_REFUSED) {
			must(last.utc_ns == before);
			continue;
		}
		must(out.utc_ns == last.utc_ns && out.utc_ns <= recv + r->believed_ns);
		must(((out.flags & STAMP_BACK) != 0) == (before && out.utc_ns < before));
		if (f.fraction_ns < 0 && before && last.second == second &&
		    !(out.flags & STAMP_CLAMPED))
			must(out.utc_ns / 1000000000 == second);
		f.date += data[at - 1] % 3 - 1;
	}
	return 0;
}
