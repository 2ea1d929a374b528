/* date - days of the (proleptic Gregorian) calendar: as a count since 1970-01-01, and as the number 20261122 that people and exchanges write.
 *
 * Pure functions, any thread. Years 1 to 9999; beyond them dates are not promised. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_DAY_S 86400

/* Days since 1970-01-01 of a date that exists (date_ok). */
int64_t date_days(int32_t date);
int32_t date_of_days(int64_t days);
/* The days before the first of January of that year. */
int64_t date_year_days(int64_t year);
bool date_leap(int64_t year);
/* True for a day that exists, 20240229 but not 20230229; of years 1 to 9999. */
bool date_ok(int64_t date);
/* 0 Monday .. 6 Sunday. */
unsigned date_weekday(int64_t days);
/* Whole days in seconds since 1970, rounded down: the 31st of December 1969 is day -1. */
int64_t date_days_of_s(int64_t s);
/* "2026-11-22" or "20261122" of n bytes. -ERR_PARSE in words: another form, or a day that does not exist. */
int date_parse(const char *s, size_t n, int32_t *date);
/* "2026-11-22"; out must hold 12 bytes. Returns out. */
char *date_format(int32_t date, char *out);
