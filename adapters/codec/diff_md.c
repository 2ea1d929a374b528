#include "adapters/codec/diff_md.h"
#include "adapters/codec/diff_pack.h"
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdlib.h>

#define SECOND_NS 1000000000ll
#define BEIJING_S (8 * 3600)
#define AHEAD_NS  (60 * SECOND_NS) /* a clock may be off by so much, and no more */
#define DAY_NS	  (DATE_DAY_S * SECOND_NS)

static const char *const statuses[] = { "AUCTIONORDERING", "CONTINOUS", "NOTRADING", NULL };

#define Q(m) DIFF_AT(struct diff_quote, m)
#define LEVEL(i)                                                           \
	{ "bid_price" #i, DIFF_E8, Q(bid_e8[i - 1]), NULL },               \
		{ "bid_volume" #i, DIFF_INT, Q(bid_volume[i - 1]), NULL }, \
		{ "ask_price" #i, DIFF_E8, Q(ask_e8[i - 1]), NULL },       \
	{                                                                  \
		"ask_volume" #i, DIFF_INT, Q(ask_volume[i - 1]), NULL      \
	}
static const struct diff_field fields[] = {
	{ "upper_limit", DIFF_E8, Q(upper_e8), NULL },
	{ "lower_limit", DIFF_E8, Q(lower_e8), NULL },
	{ "price_tick", DIFF_E8, Q(tick_e8), NULL },
	{ "min_limit_order_volume", DIFF_INT, Q(least), NULL },
	{ "max_limit_order_volume", DIFF_INT, Q(most), NULL },
	{ "datetime", DIFF_TEXT, Q(datetime), NULL },
	{ "last_price", DIFF_E8, Q(last_e8), NULL },
	{ "volume", DIFF_INT, Q(volume), NULL },
	LEVEL(1),
	LEVEL(2),
	LEVEL(3),
	LEVEL(4),
	LEVEL(5),
};
enum { N_FIELDS = sizeof fields / sizeof *fields, N_LIMITS = 5 /* the first ones */ };

static const struct diff_field status_fields[] = {
	{ "trade_status", DIFF_WORD, Q(status), statuses },
};

int diff_md_init(struct diff_md *m, const struct symbols *s, uint32_t n)
{
	*m = (struct diff_md){ .symbols = s, .n = n, .bad = UINT32_MAX, .why = "" };
	m->quote = calloc((size_t)n + 1, sizeof *m->quote);
	m->changed = calloc((size_t)n + 1, sizeof *m->changed);
	if (!m->quote || !m->changed) {
		diff_md_free(m);
		return err_set(ERR_NOMEM, "no memory for %u quotes", n);
	}
	diff_md_reset(m);
	return 0;
}

void diff_md_free(struct diff_md *m)
{
	free(m->quote);
	free(m->changed);
	*m = (struct diff_md){ .why = "" };
}

void diff_md_reset(struct diff_md *m)
{
	memset(m->quote, 0, (size_t)m->n * sizeof *m->quote);
	for (uint32_t i = 0; i < m->n; i++)
		diff_clear(fields, N_FIELDS, &m->quote[i]);
	m->n_changed = 0;
	m->bad = UINT32_MAX;
}

/* ---------------------------------------------------------------- patches */

static struct diff_quote *touch(struct diff_md *m, uint32_t instrument)
{
	struct diff_quote *q = &m->quote[instrument];
	if (!q->changed && !q->limits_changed && !q->status_changed)
		m->changed[m->n_changed++] = instrument;
	return q;
}

typedef int (*patch_fn)(struct diff_md *m, struct diff_quote *q, const struct json_value *v);

static int patch_quote(struct diff_md *m, struct diff_quote *q, const struct json_value *v)
{
	uint64_t named = 0;
	int rc = 0;
	if (v->token == TOKEN_NULL)
		diff_clear(fields, N_FIELDS, q);
	else
		rc = diff_apply(fields, N_FIELDS, v, q, &named, &m->why);
	q->changed = true;
	q->limits_changed |= (named & ((1u << N_LIMITS) - 1)) != 0;
	return rc;
}

static int patch_status(struct diff_md *m, struct diff_quote *q, const struct json_value *v)
{
	if (v->token == TOKEN_NULL)
		q->status = DIFF_STATUS_NONE;
	q->status_changed = true;
	return v->token == TOKEN_NULL ? 0 : diff_apply(status_fields, 1, v, q, NULL, &m->why);
}

static int patch_all(struct diff_md *m, const struct json_value *object, patch_fn patch)
{
	struct diff_each e;
	struct json_value key, v;
	m->bad = UINT32_MAX;
	if (object->token == TOKEN_NULL) {
		diff_md_reset(m);
		return 0;
	}
	diff_each_open(&e, object);
	while (diff_each_next(&e, &key, &v)) {
		const struct symbol *s = symbols_find(m->symbols, key.p, key.n);
		if (!s || s->instrument >= m->n)
			continue;
		int rc = patch(m, touch(m, s->instrument), &v);
		if (rc) {
			m->bad = s->instrument;
			return rc;
		}
	}
	m->why = e.j.error ? e.j.error : "";
	return e.j.error ? -ERR_PARSE : 0;
}

int diff_md_quotes(struct diff_md *m, const struct json_value *quotes)
{
	return patch_all(m, quotes, patch_quote);
}

int diff_md_status(struct diff_md *m, const struct json_value *status)
{
	return patch_all(m, status, patch_status);
}

void diff_md_taken(struct diff_md *m)
{
	for (uint32_t i = 0; i < m->n_changed; i++) {
		struct diff_quote *q = &m->quote[m->changed[i]];
		q->changed = q->limits_changed = q->status_changed = false;
	}
	m->n_changed = 0;
}

/* ---------------------------------------------------------------- time */

int64_t diff_day(int64_t utc_ns, int64_t now_utc_ns)
{
	int64_t ahead = utc_ns - (now_utc_ns + AHEAD_NS);
	return ahead <= 0 ? utc_ns : utc_ns - (ahead + DAY_NS - 1) / DAY_NS * DAY_NS;
}

static bool number(const char **p, unsigned digits, int64_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < digits; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

int64_t diff_time(const char *text, int64_t now_utc_ns)
{
	int64_t of[6], ns = 0, unit = SECOND_NS;
	const char *p = text;
	for (unsigned i = 0; i < 6; i++) {
		static const char before[] = { 0, '-', '-', ' ', ':', ':' };
		if (i && *p++ != before[i])
			return 0;
		if (!number(&p, i ? 2 : 4, &of[i]))
			return 0;
	}
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			ns += (*p - '0') * unit;
		}
	int64_t date = of[0] * 10000 + of[1] * 100 + of[2];
	if (*p || !date_ok(date) || of[0] < 1971 || of[0] > 2200 || of[3] > 23 || of[4] > 59 ||
	    of[5] > 60)
		return 0;
	int64_t s = date_days((int32_t)date) * DATE_DAY_S + of[3] * 3600 + of[4] * 60 + of[5] -
		    BEIJING_S;
	return diff_day(s * SECOND_NS + ns, now_utc_ns);
}

/* ---------------------------------------------------------------- the book */

static bool put_level(struct diff_md *m, int64_t e8, int64_t volume, unsigned px_dp,
		      unsigned qty_dp, struct level *out)
{
	if (!diff_scale(e8, px_dp, &out->px)) {
		m->why = "a price with more decimals than the instrument has";
		return false;
	}
	out->qty = dec_rescale(volume, 0, qty_dp, DEC_NEAREST);
	return true;
}

bool diff_md_book(struct diff_md *m, uint32_t instrument, unsigned px_dp, unsigned qty_dp,
		  int64_t now_utc_ns, struct level level[side_max][DIFF_LEVELS], struct depth *d)
{
	const struct diff_quote *q = &m->quote[instrument];
	const int64_t *px[side_max] = { q->bid_e8, q->ask_e8 };
	const int64_t *volume[side_max] = { q->bid_volume, q->ask_volume };
	*d = (struct depth){ .venue_ns = diff_time(q->datetime, now_utc_ns) };
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		d->level[side] = level[side];
		for (unsigned i = 0; i < DIFF_LEVELS; i++) {
			if (px[side][i] == DIFF_NONE || volume[side][i] == DIFF_NONE ||
			    volume[side][i] <= 0)
				continue;
			struct level *l = &level[side][d->n[side]];
			if (!put_level(m, px[side][i], volume[side][i], px_dp, qty_dp, l))
				return false;
			bool worse = side == SIDE_BUY ? l[-1 * !!d->n[side]].px > l->px
						      : l[-1 * !!d->n[side]].px < l->px;
			if (d->n[side] && !worse) {
				m->why = "levels out of order";
				return false;
			}
			d->n[side]++;
		}
	}
	return true;
}
