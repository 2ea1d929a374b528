/* Proves that quantities are read exactly or refused: decimals, times, rates, sizes, fractions, dates, addresses. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "lua/value.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD INT64_MIN

struct value_case {
	const char *text;
	int64_t want; /* BAD: refused */
};

static int parse(char kind, const char *s, int64_t *v)
{
	size_t n = strlen(s);
	switch (kind) {
	case 'd':
		return value_decimal(s, n, 8, v);
	case 't':
		return value_duration(s, n, v);
	case 'r':
		return value_rate(s, n, 8, v);
	case 'b':
		return value_bytes(s, n, v);
	case 'c':
		return value_clock(s, n, v);
	case 'D':
		return value_date(s, n, v);
	case 'w':
		return value_days(s, n, v);
	default:
		return value_time(s, n, v);
	}
}

/* What is refused has a text in three parts, and leaves the destination alone. */
static void holds(char kind, const struct value_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t v = 77;
		int rc = parse(kind, c[i].text, &v);
		ck_assert_msg((rc == 0) == (c[i].want != BAD), "%c \"%s\": rc %d, %s", kind,
			      c[i].text, rc, err_text());
		if (rc == 0) {
			ck_assert_msg(v == c[i].want, "%c \"%s\": %lld, not %lld", kind, c[i].text,
				      (long long)v, (long long)c[i].want);
			continue;
		}
		const char *why = strstr(err_text(), "; ");
		ck_assert_msg(why && strstr(why + 2, "; "), "\"%s\" has no three parts",
			      err_text());
	}
}
#define HOLDS(kind, cases) holds(kind, cases, sizeof(cases) / sizeof(cases[0]))

START_TEST(test_decimal)
{
	static const struct value_case cases[] = {
		{ "0", 0 },
		{ "1", 100000000 },
		{ "0.001", 100000 },
		{ "-0.00000001", -1 },
		{ "1e-8", 1 },
		{ "1E2", 10000000000 },
		{ "1.50000000000", 150000000 },
		{ "0.000000001", BAD },
		{ "1e-9", BAD },
		{ "10e-9", 1 },
		{ ".5", 50000000 },
		{ "5.", BAD },
		{ "", BAD },
		{ "-", BAD },
		{ "1.2.3", BAD },
		{ "1 ", BAD },
		{ " 1", BAD },
		{ "+2", 200000000 },
		{ "0x10", BAD },
		{ "nan", BAD },
		{ "inf", BAD },
		{ "1e", BAD },
		{ "92233720368.54775807", INT64_MAX },
		{ "92233720368.54775808", BAD },
		{ "1e400", BAD },
		{ "0e400", 0 },
		{ "1e-400", BAD },
		{ "000000000000000000000000000000000000000000000000000000000000000000000001",
		  100000000 },
		{ "1,5", BAD },
		{ "1e99999999999", BAD },
	};
	HOLDS('d', cases);
	int64_t v;
	ck_assert_int_eq(value_decimal("-92233720368.54775808", 21, 8, &v), 0);
	ck_assert_int_eq(v, INT64_MIN);
	ck_assert_int_eq(value_decimal("9223372036854775807", 19, 0, &v), 0);
	ck_assert_int_eq(v, INT64_MAX);
}
END_TEST

/* Against the parser of the wires, which has tests of its own: the same number or the same refusal. */
START_TEST(test_decimal_agrees_with_dec_parse)
{
	unsigned seed = 7;
	for (int i = 0; i < 20000; i++) {
		char text[32];
		int n = snprintf(text, sizeof(text), "%s%d", rand_r(&seed) % 3 ? "" : "-",
				 rand_r(&seed) >> (rand_r(&seed) % 31));
		if (rand_r(&seed) % 4)
			n += snprintf(text + n, sizeof(text) - (size_t)n, ".%0*d",
				      1 + rand_r(&seed) % 10,
				      rand_r(&seed) >> (rand_r(&seed) % 31));
		unsigned dp = (unsigned)rand_r(&seed) % 13;
		int64_t a = 0, b = 0;
		int ra = value_decimal(text, (size_t)n, dp, &a),
		    rb = dec_parse_bytes(text, (size_t)n, dp, &b);
		EXPECT_MSG((ra == 0) == (rb == 0) && a == b, "\"%s\" at %u: %d %lld, %d %lld", text,
			   dp, ra, (long long)a, rb, (long long)b);
	}
}
END_TEST

START_TEST(test_duration)
{
	static const struct value_case cases[] = {
		{ "600ms", 600000000 },
		{ "2s", 2000000000 },
		{ "1.5s", 1500000000 },
		{ "0", 0 },
		{ "0s", 0 },
		{ "50us", 50000 },
		{ "7ns", 7 },
		{ "0.5ns", BAD },
		{ "5min", 300000000000 },
		{ "1h", 3600000000000 },
		{ "0.25h", 900000000000 },
		{ "1d", 86400000000000 },
		{ "2", BAD },
		{ "2sec", BAD },
		{ "-1s", BAD },
		{ "", BAD },
		{ "s", BAD },
		{ "1 s", 1000000000 },
		{ "1e3ms", 1000000000 },
		{ "300000d", BAD },
		{ "9223372036854775807ns", INT64_MAX },
		{ "9223372036854775808ns", BAD },
		{ "1.0000000001s", BAD },
		{ "1s1ms", BAD },
		{ "0.00000000000000000001s", BAD },
	};
	HOLDS('t', cases);
}
END_TEST

START_TEST(test_rate)
{
	static const struct value_case cases[] = {
		{ "10bp", 100000 },    { "-2bp", -20000 }, { "0.1%", 100000 },
		{ "1000ppm", 100000 }, { "0", 0 },	   { "0.0", 0 },
		{ "100%", 100000000 }, { "0.75bp", 7500 }, { "0.0001bp", 1 },
		{ "0.00001bp", BAD },  { "0.001", BAD },   { "10 bp", 100000 },
		{ "10bps", BAD },      { "%", BAD },
	};
	HOLDS('r', cases);
}
END_TEST

START_TEST(test_bytes)
{
	static const struct value_case cases[] = {
		{ "64MiB", 64 << 20 }, { "1KiB", 1024 },	  { "0.5KiB", 512 },
		{ "4096", 4096 },      { "1GiB", 1 << 30 },	  { "64MB", BAD },
		{ "-1KiB", BAD },      { "1.5B", BAD },		  { "1.5", BAD },
		{ "", BAD },	       { "99999999999GiB", BAD }, { "12B", 12 },
	};
	HOLDS('b', cases);
}
END_TEST

START_TEST(test_time)
{
	static const struct value_case cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-12-25T08:00:00Z", 1798185600000000000 },
		{ "2024-02-29T23:59:59Z", 1709251199000000000 },
		{ "2023-02-29T00:00:00Z", BAD },
		{ "2026-13-01T00:00:00Z", BAD },
		{ "2026-12-25T24:00:00Z", BAD },
		{ "2026-12-25", BAD },
		{ "2026-12-25 08:00:00", BAD },
		{ "2026-12-25T08:00:00+08", BAD },
		{ "1969-12-31T23:59:59Z", BAD },
		{ "9999-01-01T00:00:00Z", BAD },
		{ "2026-00-10T00:00:00Z", BAD },
		{ "2026-01-00T00:00:00Z", BAD },
	};
	HOLDS('z', cases);
}
END_TEST

START_TEST(test_sessions)
{
	static const struct value_case clocks[] = {
		{ "00:00", 0 },	    { "21:00", 75600 },	 { "08:59:30", 32370 }, { "24:00", 86400 },
		{ "26:30", 95400 }, { "48:00", 172800 }, { "48:00:01", BAD },	{ "48:01", BAD },
		{ "9:00", BAD },    { "09:60", BAD },	 { "09:00:60", BAD },	{ "0900", BAD },
		{ "09:00:0", BAD }, { "", BAD },	 { "-9:00", BAD },	{ "09:0x", BAD },
		{ "09-00", BAD },   { "09:00 ", BAD },	 { "09:00:00.5", BAD }, { "::", BAD },
	};
	static const struct value_case dates[] = {
		{ "2026-10-01", 20261001 },  { "2024-02-29", 20240229 },
		{ "2026-02-29", BAD },	     { "20261001", BAD },
		{ "2026-13-01", BAD },	     { "2026-10-1", BAD },
		{ "0000-01-01", BAD },	     { "", BAD },
		{ "2026-10-01T00:00", BAD },
	};
	static const struct value_case days[] = {
		{ "mon-fri", 0x1f }, { "sun-thu", 0x4f },
		{ "daily", 0x7f },   { "sat", 0x20 },
		{ "Mon,WED", 5 },    { "mon-mon", 1 },
		{ "fri-mon", 0x71 }, { "mon-tue,sat-sun", 0x63 },
		{ "", BAD },	     { "mon-", BAD },
		{ "mon,", BAD },     { ",mon", BAD },
		{ "monday", BAD },   { "mon fri", BAD },
		{ "mon-fri-", BAD }, { "mon--fri", BAD },
		{ "mo", BAD },	     { "week", BAD },
		{ "mon,,tue", BAD }, { "mon-xxx", BAD },
	};
	holds('c', clocks, sizeof(clocks) / sizeof(clocks[0]));
	holds('D', dates, sizeof(dates) / sizeof(dates[0]));
	holds('w', days, sizeof(days) / sizeof(days[0]));
}
END_TEST

START_TEST(test_ratio)
{
	static const struct {
		const char *text;
		int64_t num, den; /* 0: refused */
	} cases[] = {
		{ "1", 1, 1 },
		{ "0.001", 1, 1000 },
		{ "31.1034768", 19439673, 625000 },
		{ "1/31.1034768", 625000, 19439673 },
		{ "2/4", 1, 2 },
		{ "0.5 / 0.25", 2, 1 },
		{ "100", 100, 1 },
		{ "0", 0, 0 },
		{ "-1", 0, 0 },
		{ "1/0", 0, 0 },
		{ "1/2/3", 0, 0 },
		{ "", 0, 0 },
		{ "/", 0, 0 },
		{ "1/", 0, 0 },
		{ "1e-3", 1, 1000 },
		{ "1e-30", 0, 0 },
		{ "9000000000000000000/0.001", 0, 0 },
		{ "1.50", 3, 2 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t num = 0, den = 0;
		int rc = value_ratio(cases[i].text, strlen(cases[i].text), &num, &den);
		ck_assert_msg((rc == 0) == (cases[i].den != 0), "\"%s\": %d", cases[i].text, rc);
		ck_assert_msg(num == cases[i].num && den == cases[i].den, "\"%s\": %lld/%lld",
			      cases[i].text, (long long)num, (long long)den);
	}
}
END_TEST

START_TEST(test_url)
{
	static const char *const ws[] = { "wss", "ws", NULL };
	static const struct {
		const char *text, *host, *path; /* host NULL: refused */
		unsigned port;
		bool tls;
	} cases[] = {
		{ "wss://stream.binance.com:9443", "stream.binance.com", "", 9443, true },
		{ "wss://a.example/ws-api/v3", "a.example", "/ws-api/v3", 443, true },
		{ "ws://127.0.0.1:8080/x", "127.0.0.1", "/x", 8080, false },
		{ "ws://[::1]:81", "::1", "", 81, false },
		{ "ws://[::1]", "::1", "", 80, false },
		{ "wss://a.example/", "a.example", "", 443, true },
		{ "https://a.example", NULL, NULL, 0, 0 },
		{ "wss://", NULL, NULL, 0, 0 },
		{ "wss:///x", NULL, NULL, 0, 0 },
		{ "a.example", NULL, NULL, 0, 0 },
		{ "wss://a.example:", NULL, NULL, 0, 0 },
		{ "wss://a.example:0", NULL, NULL, 0, 0 },
		{ "wss://a.example:65536", NULL, NULL, 0, 0 },
		{ "wss://a.example:12x", NULL, NULL, 0, 0 },
		{ "wss://me:pw@a", NULL, NULL, 0, 0 },
		{ "wss://a b", NULL, NULL, 0, 0 },
		{ "wss://a/x?y", NULL, NULL, 0, 0 },
		{ "wss://a/x#y", NULL, NULL, 0, 0 },
		{ "wss://[::1", NULL, NULL, 0, 0 },
		{ "wss://[]", NULL, NULL, 0, 0 },
		{ "wss://[::1]x", NULL, NULL, 0, 0 },
		{ "wss://a/x y", NULL, NULL, 0, 0 },
		{ "WSS://a", NULL, NULL, 0, 0 },
		{ "wss://a:4 3", NULL, NULL, 0, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config_url u = { .port = 0 };
		int rc = value_url(cases[i].text, strlen(cases[i].text), ws, &u);
		ck_assert_msg((rc == 0) == (cases[i].host != NULL), "\"%s\": %d", cases[i].text,
			      rc);
		if (rc)
			continue;
		ck_assert_str_eq(u.host, cases[i].host);
		ck_assert_str_eq(u.path, cases[i].path);
		ck_assert_uint_eq(u.port, cases[i].port);
		ck_assert(u.tls == cases[i].tls);
	}
	char text[300] = "wss://";
	memset(text + 6, 'a', 128);
	struct config_url u;
	ck_assert_int_lt(value_url(text, strlen(text), ws, &u), 0);
	ck_assert_int_eq(value_url(text, strlen(text) - 1, ws, &u), 0);
	/* A password is not repeated where people and logs read it. */
	value_url("wss://me:secret@a", 17, ws, &u);
	ck_assert_ptr_null(strstr(err_text(), "secret"));
}
END_TEST

START_TEST(test_loopback)
{
	ck_assert(value_is_loopback("localhost") && value_is_loopback("127.0.0.1") &&
		  value_is_loopback("127.8.9.1"));
	ck_assert(value_is_loopback("::1"));
	ck_assert(!value_is_loopback("127.evil.example") && !value_is_loopback("10.0.0.1") &&
		  !value_is_loopback("") && !value_is_loopback("1270.1"));
}
END_TEST

SUITE("value", test_decimal, test_decimal_agrees_with_dec_parse, test_duration, test_rate,
      test_sessions, test_bytes, test_time, test_ratio, test_url, test_loopback)
