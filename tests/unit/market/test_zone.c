/* Proves that local clocks agree with the C library's over every zone of this machine and seventy years, that hours which come twice or never follow the stated rule,
 * and that names and files which are none are refused. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/market/zone.h"
#include "core/market/zone_rule.h"
#include "tests/unit/suite.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FROM_S	631152000ll  /* 1990 */
#define UNTIL_S 2840140800ll /* 2060 */

static int64_t at(int32_t date, int hour, int minute)
{
	return date_days(date) * DATE_DAY_S + hour * 3600 + minute * 60;
}

static struct zone *need(const char *name)
{
	struct zone *z;
	ck_assert_msg(zone_open(NULL, name, &z) == 0, "%s", err_text());
	return z;
}

static unsigned zones, moments;

static void compare(const struct zone *z, const char *name, int64_t utc_s)
{
	time_t t = utc_s;
	struct tm tm;
	localtime_r(&t, &tm);
	EXPECT_MSG(zone_offset_s(z, utc_s) == tm.tm_gmtoff, "%s at %lld: %d, not %ld", name,
		   (long long)utc_s, zone_offset_s(z, utc_s), tm.tm_gmtoff);
	moments++;
}

/* In a process of its own, since Check forks for each test: TZ is the process's. */
static void hold_against_libc(const char *name)
{
	char tz[ZONE_NAME + 2];
	struct zone *z = need(name);
	snprintf(tz, sizeof(tz), ":%s", name);
	setenv("TZ", tz, 1);
	tzset();
	for (int64_t t = FROM_S; t < UNTIL_S; t += 1800007)
		compare(z, name, t);
	/* Around every change, theirs and ours. */
	for (int64_t t = zone_next_s(z, FROM_S); t < UNTIL_S; t = zone_next_s(z, t)) {
		compare(z, name, t - 1);
		compare(z, name, t);
		int64_t local = zone_local_s(z, t);
		EXPECT(zone_utc_s(z, local) <= t && zone_utc_s(z, local - 1) <= t);
	}
	zone_free(z);
	zones++;
}

static void walk(const char *under, unsigned depth)
{
	char path[512], name[ZONE_NAME];
	snprintf(path, sizeof(path), "%s/%s", ZONE_FOLDER, under);
	DIR *d = opendir(path);
	ck_assert_msg(d != NULL, "%s", path);
	for (struct dirent *e; (e = readdir(d));) {
		struct stat st;
		int n = snprintf(name, sizeof(name), "%s%s%s", under, *under ? "/" : "", e->d_name);
		if (n >= (int)sizeof(name) || !zone_name_ok(name) || !strcmp(name, "right") ||
		    !strcmp(name, "posix"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", ZONE_FOLDER, name);
		ck_assert_int_eq(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode) && depth < 3)
			walk(name, depth + 1);
		FILE *f = S_ISREG(st.st_mode) ? fopen(path, "r") : NULL;
		char magic[4] = "";
		if (f && fread(magic, 1, 4, f) == 4 && !memcmp(magic, "TZif", 4))
			hold_against_libc(name);
		if (f)
			fclose(f);
	}
	closedir(d);
}

START_TEST(test_against_libc)
{
	walk("", 0);
	ck_assert_uint_gt(zones, 300);
	ck_assert_uint_gt(moments, 300 * 1000);
}
END_TEST

START_TEST(test_hours_that_come_twice_or_never)
{
	struct zone *z = need("America/New_York");
	/* 2026-03-08: 02:00 is 03:00. What lies between means the jump. */
	const int64_t jump = at(20260308, 7, 0);
	ck_assert_int_eq(zone_utc_s(z, at(20260308, 1, 59)), jump - 60);
	ck_assert_int_eq(zone_utc_s(z, at(20260308, 2, 0)), jump);
	ck_assert_int_eq(zone_utc_s(z, at(20260308, 2, 30)), jump);
	ck_assert_int_eq(zone_utc_s(z, at(20260308, 3, 0)), jump);
	ck_assert_int_eq(zone_utc_s(z, at(20260308, 3, 1)), jump + 60);
	/* 2026-11-01: 02:00 is 01:00 again. What comes twice means its first coming. */
	ck_assert_int_eq(zone_utc_s(z, at(20261101, 1, 0)), at(20261101, 5, 0));
	ck_assert_int_eq(zone_utc_s(z, at(20261101, 1, 59)), at(20261101, 5, 59));
	ck_assert_int_eq(zone_utc_s(z, at(20261101, 2, 0)), at(20261101, 7, 0));
	/* Far beyond the file's table: the footer. */
	ck_assert_int_eq(zone_offset_s(z, at(22500701, 12, 0)), -4 * 3600);
	ck_assert_int_eq(zone_offset_s(z, at(22500101, 12, 0)), -5 * 3600);
	zone_free(z);
	z = need("Asia/Shanghai");
	for (int32_t year = 1992; year < 2200; year++) {
		ck_assert_int_eq(zone_offset_s(z, at(year * 10000 + 701, 0, 0)), 8 * 3600);
		ck_assert_int_eq(zone_utc_s(z, at(year * 10000 + 701, 8, 0)),
				 at(year * 10000 + 701, 0, 0));
	}
	zone_free(z);
}
END_TEST

/* The first moment that shows it or more, searched second by second around every change of ten years. */
START_TEST(test_local_to_utc_is_the_first_moment)
{
	static const char *const names[] = { "Europe/London", "America/Chicago",
					     "Australia/Lord_Howe", "Africa/Casablanca" };
	for (size_t k = 0; k < 4; k++) {
		struct zone *z = need(names[k]);
		for (int64_t t = zone_next_s(z, at(20200101, 0, 0)); t < at(20300101, 0, 0);
		     t = zone_next_s(z, t))
			for (int64_t local = zone_local_s(z, t) - 9000;
			     local < zone_local_s(z, t) + 9000; local += 300) {
				int64_t utc = t - 39900;
				while (zone_local_s(z, utc) < local)
					utc += 300;
				EXPECT(zone_utc_s(z, local) == utc);
			}
		zone_free(z);
	}
}
END_TEST

START_TEST(test_names)
{
	static const char *const bad[] = {
		"",	   "/etc/passwd",
		"../x",	   "a/../b",
		"a//b",	   "a/",
		".",	   "a/.b",
		"a b",	   "a\\b",
		"a\nb",	   "-a",
		"Asia/+x", "%s",
		"a.tab",   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};
	struct zone *z = (void *)1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!zone_name_ok(bad[i]), "%s", bad[i]);
		ck_assert_int_eq(zone_open(NULL, bad[i], &z), -ERR_CONFIG);
		ck_assert_ptr_null(z);
	}
	ck_assert(zone_name_ok("America/Argentina/Buenos_Aires") && zone_name_ok("Etc/GMT+8") &&
		  zone_name_ok("EST5EDT"));
	ck_assert_int_eq(zone_open(NULL, "Asia/Shanghia", &z), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "tzdata"));
	ck_assert_int_eq(zone_open("/proc", "version", &z), -ERR_PARSE);
	ck_assert_int_eq(zone_open("/nowhere", "UTC", &z), -ERR_NOTFOUND);
	setenv("TZDIR", "/nowhere", 1);
	ck_assert_int_eq(zone_open(NULL, "UTC", &z), -ERR_NOTFOUND);
}
END_TEST

/* A file of version 1: two types, one change, no footer; then cut at every byte, and with each count spoilt. */
START_TEST(test_version_1_and_broken_files)
{
	static const uint8_t file[] = {
		'T', 'Z', 'i', 'f', 0,	 0,   0,    0,	  0,	0,    0, 0, 0,
		0,   0,	  0,   0,   0,	 0,   0,			    /* version */
		0,   0,	  0,   0,   0,	 0,   0,    0,	  0,	0,    0, 0, /* marks, leap seconds */
		0,   0,	  0,   1,   0,	 0,   0,    2,	  0,	0,    0, 8, /* moments, types, letters */
		0,   0,	  3,   232, 1,					    /* at 1000 s type 1 */
		0,   0,	  14,  16,  0,	 0,   0xff, 0xff, 0xf1, 0xf0, 1, 4, /* +1 h, -1 h */
		'A', 'A', 'A', 0,   'B', 'B', 'B',  0,
	};
	struct zone *z;
	ck_assert_int_eq(zone_parse(file, sizeof(file), &z), 0);
	ck_assert(zone_offset_s(z, 999) == 3600 && zone_offset_s(z, 1000) == -3600);
	ck_assert(zone_next_s(z, 999) == 1000 && zone_next_s(z, 1000) == INT64_MAX);
	ck_assert(zone_utc_s(z, 4599) == 999 && zone_utc_s(z, -2600) == -6200);
	zone_free(z);
	for (size_t n = 0; n < sizeof(file); n++)
		ck_assert_int_eq(zone_parse(file, n, &z), -ERR_PARSE);
	uint8_t spoilt[sizeof(file)];
	static const struct {
		size_t at;
		uint8_t to;
	} change[] = { { 0, 'X' }, { 31, 1 },	{ 39, 0 },    { 39, 200 }, { 32, 255 },
		       { 48, 2 },  { 49, 127 }, { 38, 0xff }, { 4, '2' } };
	for (size_t i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		memcpy(spoilt, file, sizeof(file));
		spoilt[change[i].at] = change[i].to;
		ck_assert_msg(zone_parse(spoilt, sizeof(spoilt), &z) == -ERR_PARSE, "byte %zu",
			      change[i].at);
		ck_assert_ptr_null(z);
	}
}
END_TEST

START_TEST(test_footers)
{
	struct zone_rule r;
	static const char *const bad[] = { "E",
					   "EST",
					   "EST5EDT",
					   "EST5EDT,M3.2.0",
					   "<-033",
					   "EST5EDT,M13.2.0,M11.1.0",
					   "EST25",
					   "EST5:60",
					   "EST5EDT,M3.6.0,M11.1.0",
					   "EST5EDT,J0,J1",
					   "EST5EDT,366,1",
					   "EST5EDT,J1,J2x",
					   "EST5EDT,J1/168,J2",
					   "5" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(zone_rule_parse(bad[i], strlen(bad[i]), &r) == -ERR_PARSE, "%s",
			      bad[i]);
	/* Summer all the year: it ends when it begins. */
	ck_assert_int_eq(zone_rule_parse("XXX3EDT4,0/0,J365/23", 20, &r), 0);
	for (int64_t t = at(20240101, 0, 0); t < at(20280101, 0, 0); t += 3600)
		ck_assert_int_eq(zone_rule_offset_s(&r, t), -4 * 3600);
	/* J60 is the first of March, leap year or not; 59 is the 29th of February in one. */
	ck_assert_int_eq(zone_rule_parse("AAA0BBB,J60/0,J300/0", 20, &r), 0);
	ck_assert_int_eq(zone_rule_next_s(&r, at(20240110, 0, 0)), at(20240301, 0, 0));
	ck_assert_int_eq(zone_rule_next_s(&r, at(20250110, 0, 0)), at(20250301, 0, 0));
	ck_assert_int_eq(zone_rule_parse("AAA0BBB,59/0,300/0", 18, &r), 0);
	ck_assert_int_eq(zone_rule_next_s(&r, at(20240110, 0, 0)), at(20240229, 0, 0));
	/* The fifth is the last; hours before midnight and beyond the day. */
	ck_assert_int_eq(zone_rule_parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/25:30:15", 38, &r), 0);
	ck_assert_int_eq(zone_rule_next_s(&r, at(20260110, 0, 0)), at(20260329, 1, 0));
	ck_assert_int_eq(zone_rule_next_s(&r, at(20260610, 0, 0)), at(20261026, 2, 30) + 15);
}
END_TEST

SUITE("zone", test_against_libc, test_hours_that_come_twice_or_never,
      test_local_to_utc_is_the_first_moment, test_names, test_version_1_and_broken_files,
      test_footers)
