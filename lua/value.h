/* value - how quantities are written in a configuration: exact decimals, times, rates, sizes, fractions, dates, addresses.
 *
 * Nothing is rounded: what does not fit is refused. All return 0 or -ERR_PARSE or -ERR_RANGE with a text of the form "what; why;
 * what to do" that reads on after a name. Text is not terminated. Any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_url;

/* "0.001", "-12", "1e-8" -> integer at dp decimals. */
int value_decimal(const char *s, size_t n, unsigned dp, int64_t *out);
/* "600ms", "1.5s", "0" -> ns. Units ns us ms s min h d. */
int value_duration(const char *s, size_t n, int64_t *ns);
/* "10bp", "500ppm", "0.1%", "-2bp", "0" -> part of one at dp decimals. */
int value_rate(const char *s, size_t n, unsigned dp, int64_t *out);
/* "64MiB", "4KiB", "1GiB", "512B", "4096" -> bytes. */
int value_bytes(const char *s, size_t n, int64_t *out);
/* "2", "0.001", "1/31.1034768" -> positive fraction in lowest terms. */
int value_ratio(const char *s, size_t n, int64_t *num, int64_t *den);
/* "2026-12-25T08:00:00Z" -> ns since 1970. */
int value_time(const char *s, size_t n, int64_t *utc_ns);
/* "21:00", "08:59:30" -> seconds after midnight; up to "48:00", which is two days later. */
int value_clock(const char *s, size_t n, int64_t *second);
/* "2026-10-01" -> 20261001. */
int value_date(const char *s, size_t n, int64_t *date);
/* "mon-fri", "sun-thu", "mon,wed,fri", "daily" -> bits, Monday 1 .. Sunday 64. */
int value_days(const char *s, size_t n, int64_t *bits);
/* "wss://host[:port][/path]"; schemes ends with NULL. Plaintext schemes are not refused here. */
int value_url(const char *s, size_t n, const char *const *schemes, struct config_url *out);
/* True for localhost, 127.0.0.0/8 and ::1. */
bool value_is_loopback(const char *host);
