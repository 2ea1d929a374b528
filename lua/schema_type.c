#include "lua/schema_type.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/ops/config.h"
#include "lua/suggest.h"
#include "lua/value.h"
#include <stdio.h>
#include <string.h>

#define BIT(kind) (1u << (kind))
#define AS_TEXT	  BIT(TREE_STRING)
#define AS_NUMBER BIT(TREE_NUMBER)
#define AS_BOOL	  BIT(TREE_BOOL)
#define AS_TABLE  BIT(TREE_TABLE)

static int number_int(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v)
{
	(void)f;
	(void)dp;
	return value_decimal(text, n, 0, v);
}

static int number_decimal(const struct field *f, unsigned dp, const char *text, size_t n,
			  int64_t *v)
{
	(void)f;
	return value_decimal(text, n, dp, v);
}

static int number_duration(const struct field *f, unsigned dp, const char *text, size_t n,
			   int64_t *v)
{
	(void)f;
	(void)dp;
	return value_duration(text, n, v);
}

static int number_rate(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v)
{
	(void)f;
	return value_rate(text, n, dp, v);
}

static int number_bytes(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v)
{
	(void)f;
	(void)dp;
	return value_bytes(text, n, v);
}

static int number_clock(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v)
{
	(void)f;
	(void)dp;
	return value_clock(text, n, v);
}

static int number_date(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v)
{
	(void)f;
	(void)dp;
	return value_date(text, n, v);
}

static int number_days(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v)
{
	(void)f;
	(void)dp;
	return value_days(text, n, v);
}

static int number_time(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v)
{
	(void)f;
	(void)dp;
	return value_time(text, n, v);
}

/* Into char[]: terminated, and never cut. */
static int put_chars(const struct field *f, const char *text, size_t n, void *to)
{
	if (n >= f->size)
		return err_set(ERR_RANGE,
			       "has %zu characters; there is room for %u; write a shorter one", n,
			       f->size - 1);
	memset(to, 0, f->size);
	memcpy(to, text, n);
	return 0;
}

static int write_string(struct schema *s, const struct field *f, const char *text, size_t n,
			void *to)
{
	(void)s;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return err_set(
				ERR_PARSE,
				"holds a control character; it is shown to people and written to logs; take it out");
	return put_chars(f, text, n, to);
}

static int write_name(struct schema *s, const struct field *f, const char *text, size_t n, void *to)
{
	(void)s;
	size_t good = 0;
	while (good < n &&
	       (strchr("_.-", text[good]) || (text[good] >= '0' && text[good] <= '9') ||
		((text[good] | 0x20) >= 'a' && (text[good] | 0x20) <= 'z')) &&
	       text[good])
		good++;
	if (n == 0 || good < n)
		return err_set(
			ERR_PARSE,
			"is \"%.*s\", which is no name; names stand in receipts, commands and file names; use letters, "
			"digits and _ . - only",
			(int)(n < 60 ? n : 60), text);
	return put_chars(f, text, n, to);
}

static int write_path(struct schema *s, const struct field *f, const char *text, size_t n, void *to)
{
	if (n == 0)
		return err_set(
			ERR_PARSE,
			"is empty; it names a file; write its path, relative to the folder of the configuration");
	if (text[0] == '~')
		return err_set(
			ERR_PARSE,
			"begins with ~; only a shell knows what that means; write the path in full");
	char full[512];
	const char *folder = s->tree->folder;
	bool join = text[0] != '/' && folder[0];
	while (join && n > 2 && text[0] == '.' && text[1] == '/') {
		text += 2;
		n -= 2;
	}
	const char *slash = join && strcmp(folder, "/") ? "/" : "";
	int len = snprintf(full, sizeof(full), "%s%s%.*s", join ? folder : "", slash,
			   (int)(n < 400 ? n : 400), text);
	if (len < 0 || (size_t)len >= f->size)
		return err_set(
			ERR_RANGE,
			"is longer than %u characters with its folder; there is no room for it; use a shorter path",
			f->size - 1);
	return write_string(s, f, full, (size_t)len, to);
}

static int write_ratio(struct schema *s, const struct field *f, const char *text, size_t n,
		       void *to)
{
	(void)s;
	(void)f;
	int64_t *v = to;
	return value_ratio(text, n, &v[0], &v[1]);
}

/* What follows the first blank is the unit; what is one is judged by who knows units. */
static int write_measure(struct schema *s, const struct field *f, const char *text, size_t n,
			 void *to)
{
	struct schema_measure m = { .num = 0 };
	const char *blank = memchr(text, ' ', n);
	size_t digits = blank ? (size_t)(blank - text) : n, unit = n - digits - (blank != NULL);
	(void)s;
	(void)f;
	if (blank && (unit == 0 || unit >= sizeof(m.unit)))
		return err_set(
			ERR_PARSE,
			"is \"%.*s\", a number without its unit, or one with too long a name; it "
			"could not be converted; write something like \"100 ozt\"",
			(int)(n < 60 ? n : 60), text);
	int rc = value_ratio(text, digits, &m.num, &m.den);
	if (rc)
		return rc;
	if (blank)
		memcpy(m.unit, blank + 1, unit);
	memcpy(to, &m, sizeof(m));
	return 0;
}

static int write_url(struct schema *s, const struct field *f, const char *text, size_t n, void *to)
{
	(void)s;
	return value_url(text, n, f->names, to);
}

static int write_bool(struct schema *s, const struct field *f, const char *text, size_t n, void *to)
{
	(void)s;
	must(f->size == sizeof(bool));
	*(bool *)to = n == 4 && !memcmp(text, "true", 4);
	return 0;
}

/* Index of the text in names, or an error that lists them. */
static int which(const struct field *f, const char *text, size_t n, uint8_t *index)
{
	char given[64], list[200] = "";
	snprintf(given, sizeof(given), "%.*s", (int)(n < 63 ? n : 63), text);
	struct suggest near = { .given = given };
	size_t at = 0;
	for (uint8_t i = 0; f->names[i]; i++) {
		if (strlen(f->names[i]) == n && !memcmp(f->names[i], text, n)) {
			*index = i;
			return 0;
		}
		suggest_offer(&near, f->names[i]);
		if (at < sizeof(list))
			at += (size_t)snprintf(list + at, sizeof(list) - at, "%s\"%s\"",
					       at ? ", " : "", f->names[i]);
	}
	const char *best = suggest_best(&near);
	return err_set(ERR_PARSE, "is \"%s\"; there is %s; %s%s%s", given, list,
		       best ? "did you mean \"" : "write one of these", best ? best : "",
		       best ? "\"?" : "");
}

static int write_enum(struct schema *s, const struct field *f, const char *text, size_t n, void *to)
{
	(void)s;
	must(f->size == 1);
	return which(f, text, n, to);
}

static int write_choice(struct schema *s, const struct field *f, const char *text, size_t n,
			void *to)
{
	(void)s;
	uint8_t index;
	int rc = which(f, text, n, &index);
	return rc ? rc : put_chars(f, text, n, to);
}

/* References and tables are met in schema.c, where their nodes are. */
const struct field_rule field_rules[] = {
	[FIELD_STRING] = { "a text in quotes", AS_TEXT, NULL, write_string },
	[FIELD_NAME] = { "a name in quotes", AS_TEXT, NULL, write_name },
	[FIELD_PATH] = { "a path in quotes", AS_TEXT, NULL, write_path },
	[FIELD_BOOL] = { "true or false", AS_BOOL, NULL, write_bool },
	[FIELD_INT] = { "a whole number", AS_NUMBER, number_int, NULL },
	[FIELD_DECIMAL] = { "a decimal number", AS_NUMBER | AS_TEXT, number_decimal, NULL },
	[FIELD_DURATION] = { "a duration such as \"600ms\"", AS_NUMBER | AS_TEXT, number_duration,
			     NULL },
	[FIELD_RATE] = { "a rate such as \"10bp\" or \"0.1%\"", AS_NUMBER | AS_TEXT, number_rate,
			 NULL },
	[FIELD_BYTES] = { "a size such as \"64MiB\"", AS_NUMBER | AS_TEXT, number_bytes, NULL },
	[FIELD_RATIO] = { "a ratio such as 1 or \"1/31.1034768\"", AS_NUMBER | AS_TEXT, NULL,
			  write_ratio },
	[FIELD_MEASURE] = { "a number, perhaps with its unit: 5 or \"100 ozt\"",
			    AS_NUMBER | AS_TEXT, NULL, write_measure },
	[FIELD_CLOCK] = { "a time of day such as \"21:00\"", AS_TEXT, number_clock, NULL },
	[FIELD_DATE] = { "a day such as \"2026-10-01\"", AS_TEXT, number_date, NULL },
	[FIELD_DAYS] = { "days of the week such as \"mon-fri\"", AS_TEXT, number_days, NULL },
	[FIELD_TIME] = { "a time such as \"2026-12-25T08:00:00Z\"", AS_TEXT, number_time, NULL },
	[FIELD_URL] = { "an address such as \"wss://host:443/path\"", AS_TEXT, NULL, write_url },
	[FIELD_ENUM] = { "one of a few words in quotes", AS_TEXT, NULL, write_enum },
	[FIELD_CHOICE] = { "one of a few words in quotes", AS_TEXT, NULL, write_choice },
	[FIELD_REF] = { "a name in quotes", AS_TEXT, NULL, NULL },
	[FIELD_SECTION] = { "a table { ... }", AS_TABLE, NULL, NULL },
	[FIELD_TABLE] = { "a table { ... }", AS_TABLE, NULL, NULL },
	[FIELD_WRITTEN] = { "a number, or a text with its unit", AS_NUMBER | AS_TEXT, NULL,
			    write_string },
};
_Static_assert(sizeof(field_rules) / sizeof(field_rules[0]) == field_type_max,
	       "a rule for every type");

const char *field_how(const struct field *f, char *out, size_t cap)
{
	bool words = f->type == FIELD_ENUM || f->type == FIELD_CHOICE;
	size_t at = 0;
	out[0] = 0;
	if (f->type == FIELD_URL)
		snprintf(out, cap, "an address such as \"%s://host:443/path\"", f->names[0]);
	else if (!words)
		snprintf(out, cap, "%s", field_rules[f->type].how);
	for (unsigned i = 0; words && f->names[i] && at < cap; i++)
		at += (size_t)snprintf(out + at, cap - at, "%s\"%s\"", at ? " or " : "",
				       f->names[i]);
	return out;
}

unsigned field_dp(const struct field *f, const void *base)
{
	return f->dp_at ? ((const uint8_t *)base)[f->dp_at] : f->dp;
}

static bool is_unsigned(const struct field *f)
{
	return f->flags & FIELD_UNSIGNED;
}

int64_t field_load(const struct field *f, const void *base)
{
	const char *from = (const char *)base + f->offset;
	uint64_t v = 0;
	memcpy(&v, from, f->size); /* little end first, as on every machine that this runs on */
	unsigned unused = 64 - 8 * f->size;
	return is_unsigned(f) ? (int64_t)v : (int64_t)(v << unused) >> unused;
}

static int store(const struct field *f, int64_t v, void *base)
{
	must(f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8);
	int64_t hi = f->size == 8
			     ? INT64_MAX
			     : (int64_t)((1ull << (8 * f->size - (is_unsigned(f) ? 0 : 1))) - 1);
	int64_t lo = is_unsigned(f) ? 0 : -hi - 1;
	if (v < lo || v > hi)
		return err_set(
			ERR_RANGE,
			"does not lie between %lld and %lld; there is room for no other; write one that does",
			(long long)lo, (long long)hi);
	memcpy((char *)base + f->offset, &v, f->size);
	return 0;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low bytes come first");

/* `sign` 1: v must not exceed the bound, -1: not fall below it. */
static int keep_bound(const struct field *f, unsigned dp, const char *bound, int sign, int64_t v,
		      const char *text, size_t n)
{
	int64_t limit;
	if (!bound)
		return 0;
	must(field_rules[f->type].number(f, dp, bound, strlen(bound), &limit) == 0);
	if (sign > 0 ? v <= limit : v >= limit)
		return 0;
	return err_set(ERR_RANGE, "is %.*s, %s %s; it is %s; write %s%s%s%s or %s",
		       (int)(n < 40 ? n : 40), text, sign > 0 ? "more than" : "less than", bound,
		       f->doc, f->type == FIELD_INT || f->type == FIELD_DECIMAL ? "" : "\"", bound,
		       f->type == FIELD_INT || f->type == FIELD_DECIMAL ? "" : "\"", "",
		       sign > 0 ? "less" : "more");
}

int field_put(struct schema *s, const struct field *f, const char *text, size_t n, bool bounded,
	      void *base)
{
	const struct field_rule *rule = &field_rules[f->type];
	if (!rule->number)
		return rule->write(s, f, text, n, (char *)base + f->offset);
	unsigned dp = field_dp(f, base);
	int64_t v;
	int rc = rule->number(f, dp, text, n, &v);
	if (rc == 0 && bounded)
		rc = keep_bound(f, dp, f->min, -1, v, text, n);
	if (rc == 0 && bounded)
		rc = keep_bound(f, dp, f->max, 1, v, text, n);
	return rc ? rc : store(f, v, base);
}
