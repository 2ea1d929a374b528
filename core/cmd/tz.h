/* tz - the clock that a verb tells times by, and reads them by: UTC, unless whoever asks lives by another.
 *
 * One for the process, set before anything is told. Main thread. Receipts themselves are in UTC, always. */
#pragma once
#include <stdint.h>

#define TZ_TIME 40

/* "UTC", "+08:00" (also +8, -0530), "local" (this machine's: $TZ, else /etc/localtime), or a zone as "Asia/Shanghai". NULL changes nothing. -ERR_CONFIG, -ERR_NOTFOUND, -ERR_IO, -ERR_PARSE. */
int tz_set(const char *name);
/* What stands over columns of times: "UTC", "+08:00", "Asia/Shanghai". */
const char *tz_label(void);
/* "2024-08-08T23:54:00.123456Z"; of another clock than UTC its offset in the place of the Z: "+08:00". */
void tz_time(int64_t utc_ns, char out[TZ_TIME]);
/* What a wall clock showed: the moment, in seconds. Of a time that comes twice the first. */
int64_t tz_utc_s(int64_t local_s);
/* "+08:00", "+8", "-0530" as seconds east of UTC; n bytes. -ERR_PARSE without a text. */
int tz_offset(const char *text, int32_t *offset_s);
