/* Any bytes as a stamp: never read beyond, and what is accepted is a moment from 1970 on. */
#include "adapters/import/moment.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *p = (const char *)bytes;
	int64_t ns;
	for (unsigned u = 0; u < moment_unit_max; u++)
		if (moment_parse(p, len, (enum moment_unit)u, &ns) == 0 && u != MOMENT_DATE &&
		    ns < 0)
			abort();
	if (moment_time_of_day(p, len, &ns) == 0 && (ns < 0 || ns > INT64_C(86401000000000)))
		abort();
	return moment_unit_of(p, len) > moment_unit_max;
}
