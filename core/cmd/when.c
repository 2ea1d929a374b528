#include "core/cmd/when.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/tz.h"
#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000LL

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", SECOND_NS },
	{ "m", 60 * SECOND_NS },
	{ "h", 3600 * SECOND_NS },
	{ "d", 86400 * SECOND_NS },
};

static int refuse(const char *text)
{
	return err_set(ERR_PARSE,
		       "\"%s\" is not a time: use 2024-08-08T23:54:00 (%s), nanoseconds since "
		       "1970, or -5m",
		       text, tz_label());
}

static int parse_distance(const char *text, int64_t from_ns, int64_t *out)
{
	size_t digits = strspn(text + 1, "0123456789.");
	int64_t n;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + 1 + digits, units[i].name) != 0)
			continue;
		if (dec_parse(text + 1, digits, 9, &n))
			return refuse(text);
		*out = from_ns - dec_muldiv(n, units[i].ns, SECOND_NS, DEC_NEAREST);
		return 0;
	}
	return refuse(text);
}

static int parse_date(const char *text, int64_t *out)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
					     "%Y-%m-%dT%H:%M", "%Y-%m-%d" };
	int64_t fraction = 0;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { 0 };
		const char *rest = strptime(text, forms[i], &tm);
		if (!rest)
			continue;
		if (i < 2 && *rest == '.') {
			size_t digits = strspn(rest + 1, "0123456789");
			char second[16] = "0.";
			if (digits == 0 || digits > 9)
				return refuse(text);
			memcpy(second + 2, rest + 1, digits);
			if (dec_parse(second, digits + 2, 9, &fraction))
				return refuse(text);
			rest += digits + 1;
		}
		int32_t offset_s = 0;
		if (*rest && strcmp(rest, "Z") != 0 && (i == 3 || tz_offset(rest, &offset_s)))
			continue;
		if (tm.tm_year > 350 || tm.tm_year < 0)
			return err_set(ERR_RANGE, "\"%s\" does not fit: 1970 to 2250", text);
		int64_t s = (int64_t)timegm(&tm);
		*out = (*rest ? s - offset_s : tz_utc_s(s)) * SECOND_NS + fraction;
		return 0;
	}
	return refuse(text);
}

int when_parse(const char *text, int64_t from_ns, int64_t *utc_ns)
{
	size_t n = strlen(text);
	if (text[0] == '-')
		return parse_distance(text, from_ns, utc_ns);
	if (n > 0 && strspn(text, "0123456789") == n)
		return dec_parse(text, n, 0, utc_ns);
	return parse_date(text, utc_ns);
}
