#include "adapters/codec/diff_patch.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"

#define E8_DP	   8
#define NOISE_E8   10 /* what a sum of doubles may leave behind at prices up to a million */
#define DIGITS_MAX 36

static void clear(const struct diff_field *f, char *out)
{
	char *at = out + f->offset;
	if (f->kind == DIFF_INT || f->kind == DIFF_E8) {
		const int64_t none = DIFF_NONE;
		memcpy(at, &none, sizeof none);
	} else {
		memset(at, 0, f->size);
	}
}

void diff_clear(const struct diff_field *f, unsigned n, void *out)
{
	for (unsigned i = 0; i < n; i++)
		clear(&f[i], out);
}

/* ---------------------------------------------------------------- numbers */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits and where the point stands in them. */
struct digits {
	char d[DIGITS_MAX + 1];
	unsigned n;
	int64_t point; /* digits before the point; may be negative, or beyond n */
	bool minus;
};

static const char *read_digits(struct digits *x, const char *p, const char *end)
{
	bool seen = false, after = false;
	for (; p < end && (is_digit(*p) || (*p == '.' && !after)); p++) {
		if (*p == '.') {
			after = true;
			continue;
		}
		seen = true;
		if (x->n == 0 && *p == '0') { /* leading zeros move the point only */
			x->point -= after;
			continue;
		}
		x->point += !after;
		if (x->n < DIGITS_MAX)
			x->d[x->n++] = *p;
	}
	return seen ? p : NULL;
}

static bool read_number(struct digits *x, const char *p, const char *end)
{
	*x = (struct digits){ .minus = p < end && *p == '-' };
	p = read_digits(x, p + x->minus, end);
	if (!p)
		return false;
	if (p == end)
		return true;
	if (*p != 'e' && *p != 'E')
		return false;
	bool down = ++p < end && *p == '-';
	p += p < end && (*p == '-' || *p == '+');
	int64_t power = 0;
	const char *from = p;
	for (; p < end && is_digit(*p); p++)
		power = power < 1000 ? power * 10 + (*p - '0') : power;
	x->point += down ? -power : power;
	return p == end && p > from;
}

static bool round_e8(const struct digits *x, int64_t *out)
{
	int64_t v = 0, take = x->point + E8_DP;
	if (take > 18 && x->n)
		return false;
	for (int64_t i = 0; i < take; i++)
		v = v * 10 + (i < (int64_t)x->n ? x->d[i] - '0' : 0);
	if (take >= 0 && take < (int64_t)x->n && x->d[take] >= '5')
		v++;
	*out = x->minus ? -v : v;
	return true;
}

bool diff_e8(const struct json_value *v, int64_t *out)
{
	static const char *const none[] = { "", "-", "NaN", "NAN", "nan" };
	struct digits x;
	if (v->token == TOKEN_NULL) {
		*out = DIFF_NONE;
		return true;
	}
	if (v->token != TOKEN_NUMBER && (v->token != TOKEN_STRING || v->escaped))
		return false;
	for (unsigned i = 0; v->token == TOKEN_STRING && i < sizeof none / sizeof *none; i++)
		if (json_is(v, none[i])) {
			*out = DIFF_NONE;
			return true;
		}
	return read_number(&x, v->p, v->p + v->n) && round_e8(&x, out);
}

bool diff_scale(int64_t e8, unsigned dp, int64_t *out)
{
	if (e8 == DIFF_NONE)
		return false;
	int64_t v = dec_rescale(e8, E8_DP, dp, DEC_NEAREST);
	int64_t off = dec_rescale(v, dp, E8_DP, DEC_NEAREST) - e8;
	*out = v;
	return off <= NOISE_E8 && off >= -NOISE_E8;
}

/* ---------------------------------------------------------------- members */

static bool put_word(const struct diff_field *f, const struct json_value *v, char *at)
{
	uint8_t word = 0;
	for (unsigned i = 0; f->words[i] && !word; i++)
		if (json_is(v, f->words[i]))
			word = (uint8_t)(i + 1);
	memcpy(at, &word, 1);
	return v->token == TOKEN_STRING;
}

static bool put_int(const struct json_value *v, char *at)
{
	int64_t x, e8;
	if (!json_int64(v, &x)) {
		/* A count may be printed as a double: 6.0; or be none: "-". */
		if (!diff_e8(v, &e8))
			return false;
		if (e8 != DIFF_NONE && e8 % dec_pow10[E8_DP] != 0)
			return false;
		x = e8 == DIFF_NONE ? DIFF_NONE : e8 / dec_pow10[E8_DP];
	}
	memcpy(at, &x, sizeof x);
	return true;
}

static bool put(const struct diff_field *f, const struct json_value *v, char *out)
{
	char *at = out + f->offset;
	int64_t e8;
	if (v->token == TOKEN_NULL) {
		clear(f, out);
		return true;
	}
	switch ((enum diff_kind)f->kind) {
	case DIFF_TEXT:
		json_text(v, at, f->size);
		return v->token == TOKEN_STRING;
	case DIFF_INT:
		return put_int(v, at);
	case DIFF_E8:
		if (!diff_e8(v, &e8))
			return false;
		memcpy(at, &e8, sizeof e8);
		return true;
	case DIFF_WORD:
		return put_word(f, v, at);
	case DIFF_BOOL:
		*at = v->token == TOKEN_TRUE;
		return v->token == TOKEN_TRUE || v->token == TOKEN_FALSE;
	case diff_kind_max:
		break;
	}
	return false;
}

static const struct diff_field *find(const struct diff_field *f, unsigned n,
				     const struct json_value *key)
{
	for (unsigned i = 0; i < n; i++)
		if (!key->escaped && strlen(f[i].name) == key->n &&
		    !memcmp(f[i].name, key->p, key->n))
			return &f[i];
	return NULL;
}

int diff_apply(const struct diff_field *f, unsigned n, const struct json_value *object, void *out,
	       uint64_t *named, const char **why)
{
	struct json_scan j;
	struct json_value v;
	uint64_t seen = 0;
	must(n <= 64);
	json_scan_value(&j, object);
	*why = "no object where one was expected";
	if (object->token != TOKEN_OBJECT || json_next(&j) != TOKEN_OBJECT)
		return -ERR_PARSE;
	while (json_next(&j) == TOKEN_KEY) {
		const struct diff_field *at = find(f, n, &j.at);
		if (!json_take(&j, &v))
			return -ERR_PARSE;
		if (!at)
			continue;
		*why = at->name;
		if (!put(at, &v, out))
			return -ERR_PARSE;
		seen |= UINT64_C(1) << (at - f);
	}
	if (named)
		*named = seen;
	*why = j.error ? j.error : "";
	return j.error ? -ERR_PARSE : 0;
}
