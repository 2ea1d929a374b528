#include "adapters/codec/binance_md_parts.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

static const char *const kind_name[] = { "quote", "depth", "trade", "reply", "shutdown", "other" };
_Static_assert(sizeof(kind_name) / sizeof(*kind_name) == binance_md_kind_max,
	       "a name for each kind");

const char *binance_md_kind_name(enum binance_md_kind k)
{
	return (unsigned)k < binance_md_kind_max ? kind_name[k] : "?";
}

/* The members that any market message has use for. */
enum member {
	M_STREAM,
	M_DATA,
	M_EVENT,
	M_E,
	M_T,
	M_SYMBOL,
	M_LAST,
	M_FIRST,
	M_PREV,
	M_BIDS,
	M_BID_QTY,
	M_ASKS,
	M_ASK_QTY,
	M_TRADE,
	M_PX,
	M_QTY,
	M_MAKER,
	M_ID,
	M_RESULT,
	M_ERROR,
	member_max
};
static const char *const member_name[] = {
	"stream", "data", "e", "E", "T", "s", "u", "U",	 "pu",	   "b",
	"B",	  "a",	  "A", "t", "p", "q", "m", "id", "result", "error",
};
_Static_assert(sizeof(member_name) / sizeof(*member_name) == member_max, "a name for each member");

enum book_member { B_LAST_UPDATE, B_BIDS, B_ASKS, B_E, B_T, book_member_max };
static const char *const book_member_name[] = { "lastUpdateId", "bids", "asks", "E", "T" };
_Static_assert(sizeof(book_member_name) / sizeof(*book_member_name) == book_member_max,
	       "a name for each");

int binance_md_init(struct binance_md *d, const struct symbols *s, uint32_t cap, bool micros)
{
	*d = (struct binance_md){ .symbols = s, .cap = cap, .micros = micros, .why = "" };
	for (unsigned side = 0; side < side_max; side++) {
		d->level[side] = calloc(cap, sizeof(struct level));
		if (!d->level[side]) {
			binance_md_free(d);
			return err_set(ERR_NOMEM, "no memory for %u levels a side", cap);
		}
	}
	return 0;
}

void binance_md_free(struct binance_md *d)
{
	for (unsigned side = 0; side < side_max; side++) {
		free(d->level[side]);
		d->level[side] = NULL;
	}
}

static int text_number(struct binance_md *d, const struct json_value *v, const char *why)
{
	if (v->token != TOKEN_STRING || v->escaped)
		return md_refuse(d, ERR_PARSE, BAD_SYNTAX, why);
	return 0;
}

static int price_of(struct binance_md *d, const struct symbol *s, const struct json_value *v,
		    int64_t *out)
{
	int rc = text_number(d, v, "a price that is no text");
	return rc ? rc : md_price(d, s, v->p, v->n, out);
}

static int quantity_of(struct binance_md *d, const struct symbol *s, const struct json_value *v,
		       int64_t *out)
{
	int rc = text_number(d, v, "a quantity that is no text");
	return rc ? rc : md_quantity(d, s, v->p, v->n, out);
}

static int integer_of(struct binance_md *d, const struct json_value *v, int64_t *out)
{
	if (v->token != TOKEN_NUMBER || !json_int64(v, out) || *out < 0)
		return md_refuse(d, ERR_PARSE, BAD_NUMBER,
				 "an update number or a time that is no whole number");
	return 0;
}

static int stamp_of(struct binance_md *d, const struct json_value *v, int64_t *ns)
{
	int64_t t;
	*ns = 0;
	if (v->token == TOKEN_NONE)
		return 0;
	int rc = integer_of(d, v, &t);
	return rc ? rc : md_stamp(d, t, ns);
}

static int known_symbol(struct binance_md *d, const char *p, size_t n, const struct symbol **s)
{
	*s = symbols_find(d->symbols, p, n);
	if (!*s)
		return md_refuse(d, ERR_NOTFOUND, BAD_UNKNOWN, "a symbol that was not asked for");
	d->bad_instrument = (*s)->instrument;
	return 0;
}

/* ---- the general path ---- */

/* An array of arrays that begin with two texts. */
static int levels_of(struct binance_md *d, const struct symbol *s, const struct json_value *v,
		     unsigned side, uint32_t *n)
{
	struct json_scan j;
	struct json_value row, px, qty;
	*n = 0;
	if (v->token != TOKEN_ARRAY)
		return md_refuse(d, ERR_PARSE, BAD_SYNTAX, "a side of the book that is no array");
	json_scan_value(&j, v);
	json_next(&j);
	while (json_take(&j, &row)) {
		struct json_scan r;
		json_scan_value(&r, &row);
		if (row.token != TOKEN_ARRAY || json_next(&r) != TOKEN_ARRAY ||
		    !json_take(&r, &px) || !json_take(&r, &qty))
			return md_refuse(d, ERR_PARSE, BAD_SYNTAX,
					 "a level that is no pair of texts");
		if (*n == d->cap)
			return md_refuse(d, ERR_FULL, BAD_BOOK, "more levels than a book may have");
		int rc = price_of(d, s, &px, &d->level[side][*n].px);
		if (!rc)
			rc = quantity_of(d, s, &qty, &d->level[side][*n].qty);
		if (rc)
			return rc;
		++*n;
	}
	return 0;
}

static int general_quote(struct binance_md *d, const struct symbol *s, const struct json_value *m,
			 struct binance_md_event *ev)
{
	struct quote *q = &ev->quote;
	int rc = integer_of(d, &m[M_LAST], &q->seq);
	if (!rc)
		rc = price_of(d, s, &m[M_BIDS], &q->px[SIDE_BUY]);
	if (!rc)
		rc = quantity_of(d, s, &m[M_BID_QTY], &q->qty[SIDE_BUY]);
	if (!rc)
		rc = price_of(d, s, &m[M_ASKS], &q->px[SIDE_SELL]);
	if (!rc)
		rc = quantity_of(d, s, &m[M_ASK_QTY], &q->qty[SIDE_SELL]);
	if (!rc)
		rc = stamp_of(d, &m[M_E], &q->venue_ns);
	if (!rc)
		rc = md_check_top(d, s, q);
	ev->kind = MD_QUOTE;
	return rc;
}

static int general_depth(struct binance_md *d, const struct symbol *s, const struct json_value *m,
			 struct binance_md_event *ev)
{
	struct depth *o = &ev->depth;
	int rc = integer_of(d, &m[M_FIRST], &o->first_seq);
	if (!rc)
		rc = integer_of(d, &m[M_LAST], &o->last_seq);
	if (!rc && m[M_PREV].token != TOKEN_NONE)
		rc = integer_of(d, &m[M_PREV], &o->prev_seq);
	if (!rc && o->first_seq > o->last_seq)
		rc = md_refuse(d, ERR_RANGE, BAD_SEQUENCE,
			       "depth changes that end before they begin");
	if (!rc)
		rc = stamp_of(d, &m[M_E], &o->venue_ns);
	if (!rc)
		rc = levels_of(d, s, &m[M_BIDS], SIDE_BUY, &o->n[SIDE_BUY]);
	if (!rc)
		rc = levels_of(d, s, &m[M_ASKS], SIDE_SELL, &o->n[SIDE_SELL]);
	ev->kind = MD_DEPTH;
	return rc;
}

static int general_trade(struct binance_md *d, const struct symbol *s, const struct json_value *m,
			 struct binance_md_event *ev)
{
	struct market_trade *t = &ev->trade;
	int rc = integer_of(d, &m[M_TRADE], &t->id);
	if (!rc)
		rc = price_of(d, s, &m[M_PX], &t->px);
	if (!rc)
		rc = quantity_of(d, s, &m[M_QTY], &t->qty);
	if (!rc)
		rc = stamp_of(d, &m[M_E], &t->venue_ns);
	if (!rc && m[M_MAKER].token != TOKEN_TRUE && m[M_MAKER].token != TOKEN_FALSE)
		rc = md_refuse(d, ERR_PARSE, BAD_SYNTAX,
			       "a trade that does not say whether its buyer rested");
	/* m: the buyer was the maker, so the seller came. */
	t->aggressor = m[M_MAKER].token == TOKEN_TRUE ? SIDE_SELL : SIDE_BUY;
	ev->kind = MD_TRADE;
	return rc;
}

static int reply(struct binance_md *d, const struct json_value *m, struct binance_md_event *ev)
{
	ev->kind = MD_REPLY;
	ev->reply_ok = m[M_ERROR].token == TOKEN_NONE && m[M_RESULT].token != TOKEN_NONE;
	if (m[M_ID].token == TOKEN_NULL || m[M_ID].token == TOKEN_NONE)
		return 0;
	return json_int64(&m[M_ID], &ev->reply_id)
		       ? 0
		       : md_refuse(d, ERR_PARSE, BAD_NUMBER, "a reply whose id is no whole number");
}

typedef int (*general_fn)(struct binance_md *, const struct symbol *, const struct json_value *,
			  struct binance_md_event *);

/* What reads an event; NULL where nobody does. */
static general_fn reader(const struct json_value *m)
{
	static const struct {
		const char *event;
		general_fn fn;
	} readers[] = { { "bookTicker", general_quote },
			{ "depthUpdate", general_depth },
			{ "trade", general_trade } };
	for (unsigned i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if (json_is(&m[M_EVENT], readers[i].event))
			return readers[i].fn;
	/* Spot's bookTicker does not say what it is. */
	bool unnamed = m[M_EVENT].token == TOKEN_NONE && m[M_BID_QTY].token && m[M_ASK_QTY].token;
	return unnamed ? general_quote : NULL;
}

static int general(struct binance_md *d, const char *p, size_t n, struct binance_md_event *ev)
{
	struct json_value m[member_max];
	struct json_scan j;
	ev->depth = (struct depth){ 0 };
	json_scan_init(&j, p, n);
	if (!json_members(&j, member_name, m, member_max) || json_next(&j) != TOKEN_END)
		return md_refuse(d, ERR_PARSE, BAD_SYNTAX, j.error ? j.error : "no JSON object");
	if (m[M_DATA].token != TOKEN_NONE) {
		struct json_value data = m[M_DATA];
		json_scan_value(&j, &data);
		if (!json_members(&j, member_name, m, member_max))
			return md_refuse(d, ERR_PARSE, BAD_SYNTAX,
					 j.error ? j.error : "data that is no object");
	} else if (m[M_RESULT].token != TOKEN_NONE || m[M_ERROR].token != TOKEN_NONE) {
		return reply(d, m, ev);
	}
	if (json_is(&m[M_EVENT], "serverShutdown")) {
		ev->kind = MD_SHUTDOWN;
		return 0;
	}
	general_fn fn = reader(m);
	if (!fn) {
		ev->kind = MD_OTHER;
		return 0;
	}
	const struct symbol *s;
	if (m[M_SYMBOL].token != TOKEN_STRING)
		return md_refuse(d, ERR_PARSE, BAD_SYNTAX, "an event without a symbol");
	int rc = known_symbol(d, m[M_SYMBOL].p, m[M_SYMBOL].n, &s);
	if (rc)
		return rc;
	ev->instrument = s->instrument;
	return fn(d, s, m, ev);
}

/* Both variants of the union's members have recv_ns and levels in their own places. */
static void finish(struct binance_md *d, struct binance_md_event *ev, int64_t recv_ns)
{
	if (ev->kind == MD_QUOTE) {
		ev->quote.recv_ns = recv_ns;
	} else if (ev->kind == MD_TRADE) {
		ev->trade.recv_ns = recv_ns;
	} else if (ev->kind == MD_DEPTH) {
		ev->depth.recv_ns = recv_ns;
		ev->depth.level[SIDE_BUY] = d->level[SIDE_BUY];
		ev->depth.level[SIDE_SELL] = d->level[SIDE_SELL];
	}
}

int binance_md_decode(struct binance_md *d, const char *p, size_t n, int64_t recv_ns,
		      struct binance_md_event *out)
{
	const struct binance_md_event nothing = { .kind = MD_OTHER, .instrument = UINT32_MAX };
	*out = nothing;
	if (d->general_only || !binance_md_short(d, p, n, out)) {
		*out = nothing;
		d->bad_instrument = UINT32_MAX;
		int rc = n > UINT32_MAX ? md_refuse(d, ERR_PARSE, BAD_FRAME,
						    "a message of more than 4 GiB")
					: general(d, p, n, out);
		if (rc)
			return rc;
	}
	finish(d, out, recv_ns);
	return 0;
}

int binance_md_snapshot(struct binance_md *d, const struct symbol *s, const char *p, size_t n,
			int64_t recv_ns, struct binance_md_event *out)
{
	struct json_value m[book_member_max];
	struct json_scan j;
	struct depth *o = &out->depth;
	must(n <= UINT32_MAX);
	*out = (struct binance_md_event){ .kind = MD_DEPTH, .instrument = s->instrument };
	d->bad_instrument = s->instrument;
	json_scan_init(&j, p, n);
	if (!json_members(&j, book_member_name, m, book_member_max) || json_next(&j) != TOKEN_END)
		return md_refuse(d, ERR_PARSE, BAD_SYNTAX, j.error ? j.error : "no JSON object");
	int rc = integer_of(d, &m[B_LAST_UPDATE], &o->last_seq);
	o->first_seq = o->last_seq;
	if (!rc)
		rc = stamp_of(d, &m[B_E], &o->venue_ns);
	if (!rc)
		rc = levels_of(d, s, &m[B_BIDS], SIDE_BUY, &o->n[SIDE_BUY]);
	if (!rc)
		rc = levels_of(d, s, &m[B_ASKS], SIDE_SELL, &o->n[SIDE_SELL]);
	if (!rc)
		finish(d, out, recv_ns);
	return rc;
}
