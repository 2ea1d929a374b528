/* zone - local clocks: what the wall clock of an exchange shows at a moment of UTC, and the other way, daylight saving included.
 *
 * Read from the system's TZif files (RFC 8536, versions 1 to 4), never through the zone of the process. Past the end of a file's table its
 * POSIX footer counts. Read-only once opened; any thread. Seconds since 1970; moments between the years 1 and 9999.
 *
 * A local time that comes twice (clocks go back) means its first coming; one that never comes (clocks go forward) means the moment of
 * the jump. Both are one rule: the first moment at which the local clock shows that time or a later one. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_NAME   48
#define ZONE_FOLDER "/usr/share/zoneinfo"

struct zone;

/* "Asia/Shanghai": up to 47 letters, digits and _ + - in parts separated by single slashes; nothing that could leave the folder. */
bool zone_name_ok(const char *name);
/* folder NULL: what the environment's TZDIR says, else ZONE_FOLDER. -ERR_CONFIG: no such name; -ERR_NOTFOUND, -ERR_IO, -ERR_PARSE, -ERR_NOMEM: the file. In words. */
int zone_open(const char *folder, const char *name, struct zone **out);
/* The bytes of a TZif file. -ERR_PARSE: they are none, or count leap seconds; -ERR_NOMEM. */
int zone_parse(const void *bytes, size_t n, struct zone **out);
void zone_free(struct zone *z);

/* Local time minus UTC; positive east of Greenwich. */
int32_t zone_offset_s(const struct zone *z, int64_t utc_s);
/* When the offset may change next, after utc_s; INT64_MAX: never. */
int64_t zone_next_s(const struct zone *z, int64_t utc_s);
/* What the local clock shows, as if it were UTC. */
int64_t zone_local_s(const struct zone *z, int64_t utc_s);
/* The first moment at which the local clock shows local_s or later. Never falls as local_s rises. */
int64_t zone_utc_s(const struct zone *z, int64_t local_s);
