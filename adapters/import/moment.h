/* moment - a stamp as files write it, as nanoseconds since 1970: a number in some unit, or a date.
 *
 * Dates without a zone are UTC: a zone is never guessed. Pure functions. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum moment_unit { MOMENT_NS, MOMENT_US, MOMENT_MS, MOMENT_S, MOMENT_DATE, moment_unit_max };
const char *moment_unit_name(enum moment_unit u);
int64_t moment_grain_ns(enum moment_unit u); /* the unit's own size; of dates 0: it depends */
/* What a text of years 2001 to 2286 must be: by its length and signs. moment_unit_max: neither. */
enum moment_unit moment_unit_of(const char *p, size_t n);
/* 0 or -ERR_PARSE, -ERR_RANGE, without err_set. u may be moment_unit_max: to be seen from the text. Decimals beyond a nanosecond are cut.
 * Dates: 2024-08-08T23:54:00.123Z, 2024-08-08 23:54:00+08:00, 20240808 235400123, 2024.08.08 23:54; years 1970 to 2261. */
int moment_parse(const char *p, size_t n, enum moment_unit u, int64_t *ns);
/* The time alone, of files that write the day into a column of its own: 23:54:00.123. */
int moment_time_of_day(const char *p, size_t n, int64_t *ns);
