#include "core/base/date.h"
#include "core/base/err.h"
#include <stdio.h>

/* Years are counted from March, so that the day that leaps is the last one; 400 of them repeat. */
#define ERA_YEARS 400
#define ERA_DAYS  146097
#define EPOCH	  719468 /* days from 0000-03-01 to 1970-01-01 */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), era = floor_div(y, ERA_YEARS),
		in_era = y - era * ERA_YEARS;
	int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + of_year - EPOCH;
}

int64_t date_days(int32_t date)
{
	return days_of(date / 10000, date / 100 % 100, date % 100);
}

int32_t date_of_days(int64_t days)
{
	int64_t z = days + EPOCH, era = floor_div(z, ERA_DAYS), of_era = z - era * ERA_DAYS;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t from_march = (5 * of_year + 2) / 153;
	int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
	int64_t day = of_year - (153 * from_march + 2) / 5 + 1;
	return (int32_t)((year + era * ERA_YEARS + (month <= 2)) * 10000 + month * 100 + day);
}

int64_t date_year_days(int64_t year)
{
	return days_of(year, 1, 1);
}

bool date_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool date_ok(int64_t date)
{
	static const uint8_t length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t year = date / 10000, month = date / 100 % 100, day = date % 100;
	if (year < 1 || year > 9999 || month < 1 || month > 12)
		return false;
	return day >= 1 && day <= length[month - 1] + (month == 2 && date_leap(year));
}

unsigned date_weekday(int64_t days)
{
	return (unsigned)(days + 3 - 7 * floor_div(days + 3, 7)); /* 1970-01-01 was a Thursday */
}

int64_t date_days_of_s(int64_t s)
{
	return floor_div(s, DATE_DAY_S);
}

int date_parse(const char *s, size_t n, int32_t *date)
{
	int64_t v = 0;
	bool dashes = n == 10 && s[4] == '-' && s[7] == '-', ok = n == 8 || dashes;
	for (size_t i = 0; ok && i < n; i++) {
		if (dashes && (i == 4 || i == 7))
			continue;
		ok = s[i] >= '0' && s[i] <= '9';
		v = v * 10 + (s[i] - '0');
	}
	if (!ok || !date_ok(v))
		return err_set(
			ERR_PARSE,
			"is \"%.*s\", which is no day of the calendar; it could not be looked "
			"up; write one such as \"2026-10-01\"",
			(int)(n < 40 ? n : 40), s);
	*date = (int32_t)v;
	return 0;
}

char *date_format(int32_t date, char *out)
{
	snprintf(out, 12, "%04u-%02u-%02u", (unsigned)date / 10000 % 10000,
		 (unsigned)date / 100 % 100, (unsigned)date % 100);
	return out;
}
