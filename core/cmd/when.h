/* when - moments as people write them on a command line. No state but the clock of tz.h. */
#pragma once
#include <stdint.h>

/* "2024-08-08", "2024-08-08T23:54:00", with fractions of a second if one likes, by the clock of tz.h unless a Z or an offset (+08:00) stands behind it; nanoseconds
 * since 1970; or a distance back from `from_ns` as "-5m" (ns us ms s m h d). -ERR_PARSE, -ERR_RANGE. */
int when_parse(const char *text, int64_t from_ns, int64_t *utc_ns);
