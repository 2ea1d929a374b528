/* Any bytes as a time zone file: refused, or a clock whose local times and moments of UTC agree by the stated rule. */
#include "core/base/must.h"
#include "core/market/zone.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first moment at which the clock shows local or more. */
static void check(const struct zone *z, int64_t local)
{
	int64_t utc = zone_utc_s(z, local);
	must(zone_local_s(z, utc) >= local && zone_local_s(z, utc - 1) < local);
	must(zone_utc_s(z, local - 1) <= utc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zone *z;
	if (zone_parse(data, size, &z))
		return 0;
	int64_t t = -2500000000;
	for (unsigned i = 0; i < 40 && t < 6000000000; i++) {
		int64_t next = zone_next_s(z, t);
		must(next > t);
		must(next == INT64_MAX || zone_offset_s(z, next - 1) == zone_offset_s(z, t));
		check(z, zone_local_s(z, t));
		check(z, zone_local_s(z, t) + 1800);
		t = next < t + 100000000 ? next : t + 100000000;
	}
	zone_free(z);
	return 0;
}
