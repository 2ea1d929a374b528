#include "adapters/codec/okx_md.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/market/join.h"
#include <stdlib.h>
#include <string.h>

static const char *const kind_name[] = { "quote", "depth", "snapshot", "trade", "other" };
_Static_assert(sizeof kind_name / sizeof *kind_name == okx_md_kind_max, "a name for each kind");

const char *okx_md_kind_name(enum okx_md_kind k)
{
	return (unsigned)k < okx_md_kind_max ? kind_name[k] : "?";
}

enum outer { O_ARG, O_ACTION, O_DATA, O_EVENT, outer_max };
static const char *const outer_name[] = { "arg", "action", "data", "event" };
_Static_assert(sizeof outer_name / sizeof *outer_name == outer_max, "a name for each member");

enum arg { A_CHANNEL, A_INSTRUMENT, arg_max };
static const char *const arg_name[] = { "channel", "instId" };
_Static_assert(sizeof arg_name / sizeof *arg_name == arg_max, "a name for each member");

/* The members that any entry of data has use for. */
enum member {
	M_BIDS,
	M_ASKS,
	M_TS,
	M_CHECKSUM,
	M_SEQ,
	M_PREV,
	M_INSTRUMENT,
	M_PX,
	M_QTY,
	M_SIDE,
	M_TRADE,
	member_max
};
static const char *const member_name[] = { "bids",  "asks",	 "ts",	   "checksum",
					   "seqId", "prevSeqId", "instId", "px",
					   "sz",    "side",	 "tradeId" };
_Static_assert(sizeof member_name / sizeof *member_name == member_max, "a name for each member");

typedef int (*read_fn)(struct okx_md *, const struct json_value *, struct okx_md_event *);
static int read_book(struct okx_md *d, const struct json_value *m, struct okx_md_event *ev);
static int read_top(struct okx_md *d, const struct json_value *m, struct okx_md_event *ev);
static int read_trade(struct okx_md *d, const struct json_value *m, struct okx_md_event *ev);

/* okx_book's channel is the index here; 0 is none. Tickers are not read: their best prices lag behind the book. */
static const struct channel {
	const char *name;
	read_fn read;
} channels[] = { { "", NULL },
		 { "books", read_book },
		 { "books-l2-tbt", read_book },
		 { "books50-l2-tbt", read_book },
		 { "books5", read_top },
		 { "bbo-tbt", read_top },
		 { "trades", read_trade } };

/* ---------------------------------------------------------------- memory */

int okx_md_init(struct okx_md *d, const struct symbols *s, uint32_t cap)
{
	*d = (struct okx_md){ .symbols = s, .cap = cap, .why = "" };
	for (unsigned side = 0; side < side_max; side++) {
		d->level[side] = calloc(cap, sizeof(struct level));
		if (!d->level[side]) {
			okx_md_free(d);
			return err_set(ERR_NOMEM, "no memory for %u levels a side", cap);
		}
	}
	return 0;
}

void okx_md_free(struct okx_md *d)
{
	for (unsigned side = 0; side < side_max; side++)
		free(d->level[side]);
	for (uint32_t i = 0; i < d->n_books; i++)
		okx_book_free(&d->book[i]);
	free(d->book);
	*d = (struct okx_md){ .why = "" };
}

int okx_md_keep(struct okx_md *d, uint32_t instrument)
{
	if (instrument >= d->n_books) {
		uint32_t n = d->n_books ? 2 * d->n_books : 8;
		n = n > instrument ? n : instrument + 1;
		void *grown = realloc(d->book, n * sizeof *d->book);
		if (!grown)
			return err_set(ERR_NOMEM, "no memory for the books of %u instruments", n);
		d->book = grown;
		memset(d->book + d->n_books, 0, (n - d->n_books) * sizeof *d->book);
		d->n_books = n;
	}
	return d->book[instrument].book.cap ? 0 : okx_book_init(&d->book[instrument]);
}

static struct okx_book *kept(struct okx_md *d, uint32_t instrument)
{
	bool is = instrument < d->n_books && d->book[instrument].book.cap;
	return is ? &d->book[instrument] : NULL;
}

/* ---------------------------------------------------------------- numbers */

static int refuse(struct okx_md *d, enum err code, enum bad_input bad, const char *why)
{
	d->bad = (uint8_t)bad;
	d->why = why;
	return -(int)code;
}

static int bad_number(struct okx_md *d, int rc, enum bad_input off_scale, const char *why)
{
	return rc == -ERR_RANGE ? refuse(d, ERR_RANGE, off_scale, why)
				: refuse(d, ERR_PARSE, BAD_NUMBER, why);
}

/* As short as it can be: what is made of the number again is the same text. */
static bool is_plain(const struct json_value *v)
{
	const char *p = v->p, *end = v->p + v->n;
	bool point = memchr(p, '.', v->n) != NULL;
	p += p < end && *p == '-';
	bool zero_ahead = end - p > 1 && p[0] == '0' && p[1] != '.';
	bool zero_behind = point && (end[-1] == '0' || end[-1] == '.');
	return !zero_ahead && !zero_behind && *p != '.';
}

static int price_of(struct okx_md *d, const struct json_value *v, int64_t *out)
{
	if (v->token != TOKEN_STRING || v->escaped)
		return refuse(d, ERR_PARSE, BAD_SYNTAX, "a price that is no text");
	int rc = dec_parse_fast(v->p, v->n, d->at->px_dp, out);
	if (rc)
		return bad_number(d, rc, BAD_TICK,
				  "a price that the instrument's decimals cannot hold");
	if (*out < 0 && !d->at->px_may_be_negative)
		return refuse(d, ERR_RANGE, BAD_TICK, "a price below zero");
	return 0;
}

static int quantity_of(struct okx_md *d, const struct json_value *v, int64_t *out)
{
	if (v->token != TOKEN_STRING || v->escaped)
		return refuse(d, ERR_PARSE, BAD_SYNTAX, "a quantity that is no text");
	int rc = dec_parse_fast(v->p, v->n, d->at->qty_dp, out);
	if (rc)
		return bad_number(d, rc, BAD_SIZE,
				  "a quantity that the instrument's decimals cannot hold");
	return *out < 0 ? refuse(d, ERR_RANGE, BAD_SIZE, "a quantity below zero") : 0;
}

static int stamp_of(struct okx_md *d, const struct json_value *v, int64_t *ns)
{
	int64_t ms;
	*ns = 0;
	if (v->token == TOKEN_NONE)
		return 0;
	if (!json_int64(v, &ms) || ms < 0 || __builtin_mul_overflow(ms, 1000000, ns))
		return refuse(d, ERR_RANGE, BAD_NUMBER, "a time that is none");
	return 0;
}

/* A number of the venue's, least or more; absent: 0. */
static int sequence_of(struct okx_md *d, const struct json_value *v, int64_t least, int64_t *out)
{
	*out = 0;
	if (v->token == TOKEN_NONE)
		return 0;
	if (v->token != TOKEN_NUMBER || !json_int64(v, out) || *out < least)
		return refuse(d, ERR_PARSE, BAD_NUMBER, "an update number that is none");
	return 0;
}

/* An array of arrays that begin with two texts. */
static int levels_of(struct okx_md *d, const struct json_value *v, unsigned side, uint32_t *n)
{
	struct json_scan j;
	struct json_value px, qty, rest;
	enum json_token t;
	*n = 0;
	if (v->token != TOKEN_ARRAY)
		return refuse(d, ERR_PARSE, BAD_SYNTAX, "a side of the book that is no array");
	json_scan_value(&j, v);
	json_next(&j);
	while ((t = json_next(&j)) != TOKEN_ARRAY_END) {
		if (t != TOKEN_ARRAY || !json_take(&j, &px) || !json_take(&j, &qty))
			return refuse(d, ERR_PARSE, BAD_SYNTAX, "a level that is no pair of texts");
		if (*n == d->cap)
			return refuse(d, ERR_FULL, BAD_BOOK, "more levels than a book may have");
		struct level *l = &d->level[side][*n];
		int rc = price_of(d, &px, &l->px);
		if (!rc)
			rc = quantity_of(d, &qty, &l->qty);
		if (rc)
			return rc;
		d->plain = d->plain && is_plain(&px) && is_plain(&qty);
		++*n;
		while (json_take(&j, &rest)) /* how many orders that is */
			;
	}
	return 0;
}

static int sides_of(struct okx_md *d, const struct json_value *m, uint32_t n[side_max])
{
	d->plain = true;
	int rc = levels_of(d, &m[M_BIDS], SIDE_BUY, &n[SIDE_BUY]);
	return rc ? rc : levels_of(d, &m[M_ASKS], SIDE_SELL, &n[SIDE_SELL]);
}

/* ---------------------------------------------------------------- entries */

/* Both ends of a change, where it has them. */
static int chain_of(struct okx_md *d, const struct json_value *m, struct okx_change *c)
{
	struct depth *o = c->depth;
	int rc = sequence_of(d, &m[M_SEQ], 0, &o->last_seq);
	if (!rc)
		rc = sequence_of(d, &m[M_PREV], JOIN_IN_LINE, &o->prev_seq);
	if (rc)
		return rc;
	c->numbered = m[M_SEQ].token != TOKEN_NONE;
	bool whole = o->prev_seq == JOIN_IN_LINE;
	if (c->numbered != (m[M_PREV].token != TOKEN_NONE) || (c->numbered && whole != c->whole))
		return refuse(d, ERR_PARSE, BAD_SEQUENCE,
			      "depth whose numbers do not say what it is: whole, or a change");
	o->prev_seq = c->whole ? JOIN_IN_LINE : o->prev_seq;
	/* A keep-alive ends where it begins; an announced reset begins anew. */
	bool onward = !c->whole && o->last_seq > o->prev_seq;
	o->first_seq = onward ? o->prev_seq + 1 : o->last_seq;
	return 0;
}

static int checksum_of(struct okx_md *d, const struct json_value *v, int32_t *out)
{
	int64_t x = 0;
	*out = 0;
	if (v->token != TOKEN_NONE &&
	    (v->token != TOKEN_NUMBER || !json_int64(v, &x) || x < INT32_MIN || x > INT32_MAX))
		return refuse(d, ERR_PARSE, BAD_NUMBER, "a checksum that is none");
	*out = (int32_t)x;
	return 0;
}

static int believe(struct okx_md *d, struct okx_book *b, const struct okx_change *c)
{
	static const struct {
		enum err code;
		enum bad_input bad;
	} refusals[okx_verdict_max] = { [OKX_MISMATCH] = { ERR_CORRUPT, BAD_CHECKSUM },
					[OKX_WAITS] = { ERR_PARSE, BAD_SEQUENCE },
					[OKX_UNSHOWN] = { ERR_PARSE, BAD_SEQUENCE },
					[OKX_UNSUMMED] = { ERR_PARSE, BAD_CHECKSUM } };
	if (!b)
		return c->numbered ? 0
				   : refuse(d, ERR_PARSE, BAD_BOOK,
					    "depth without numbers, and no book to check it by");
	bool was = b->sound;
	enum okx_verdict v = okx_book_take(b, c);
	d->verdicts[v]++;
	d->lost = v >= OKX_MISMATCH && was;
	return v < OKX_MISMATCH ? 0
				: refuse(d, refusals[v].code, refusals[v].bad, okx_verdict_name(v));
}

static int read_book(struct okx_md *d, const struct json_value *m, struct okx_md_event *ev)
{
	struct depth *o = &ev->depth;
	struct okx_book *b = kept(d, d->at->instrument);
	struct okx_change c = {
		.depth = o, .whole = d->whole, .px_dp = d->at->px_dp, .qty_dp = d->at->qty_dp
	};
	if (b && b->channel && b->channel != d->channel)
		return 0; /* another view of the same market */
	*o = (struct depth){ .recv_ns = d->recv_ns,
			     .level = { d->level[SIDE_BUY], d->level[SIDE_SELL] } };
	ev->kind = d->whole ? OKX_SNAPSHOT : OKX_DEPTH;
	int rc = chain_of(d, m, &c);
	if (!rc)
		rc = checksum_of(d, &m[M_CHECKSUM], &c.checksum);
	if (!rc)
		rc = stamp_of(d, &m[M_TS], &o->venue_ns);
	if (!rc)
		rc = sides_of(d, m, o->n);
	if (rc) {
		d->lost = b && okx_book_lost(b);
		return rc;
	}
	if (b)
		b->channel = d->channel;
	c.plain = d->plain;
	return believe(d, b, &c);
}

/* The best of each side comes first; a side without levels is empty. */
static int top_of(struct okx_md *d, unsigned side, uint32_t n, struct quote *q)
{
	const struct level *l = d->level[side];
	for (uint32_t i = 1; i < n; i++)
		if (side == SIDE_BUY ? l[i].px >= l[i - 1].px : l[i].px <= l[i - 1].px)
			return refuse(d, ERR_PARSE, BAD_BOOK, "levels that are not best first");
	if (!n || !l[0].qty)
		return 0;
	if (l[0].px <= 0 && !d->at->px_may_be_negative)
		return refuse(d, ERR_RANGE, BAD_TICK, "a best price of zero");
	q->px[side] = l[0].px;
	q->qty[side] = l[0].qty;
	return 0;
}

static int read_top(struct okx_md *d, const struct json_value *m, struct okx_md_event *ev)
{
	uint32_t n[side_max];
	struct quote *q = &ev->quote;
	*q = (struct quote){ .recv_ns = d->recv_ns };
	ev->kind = OKX_QUOTE;
	int rc = sequence_of(d, &m[M_SEQ], 0, &q->seq);
	if (!rc)
		rc = stamp_of(d, &m[M_TS], &q->venue_ns);
	if (!rc)
		rc = sides_of(d, m, n);
	for (unsigned side = 0; !rc && side < side_max; side++)
		rc = top_of(d, side, n[side], q);
	return rc;
}

static int read_trade(struct okx_md *d, const struct json_value *m, struct okx_md_event *ev)
{
	struct market_trade *t = &ev->trade;
	*t = (struct market_trade){ .recv_ns = d->recv_ns };
	ev->kind = OKX_TRADE;
	if (!json_int64(&m[M_TRADE], &t->id) || t->id < 0)
		return refuse(d, ERR_PARSE, BAD_NUMBER, "a trade without a whole number for an id");
	int rc = price_of(d, &m[M_PX], &t->px);
	if (!rc)
		rc = quantity_of(d, &m[M_QTY], &t->qty);
	if (!rc)
		rc = stamp_of(d, &m[M_TS], &t->venue_ns);
	bool buy = json_is(&m[M_SIDE], "buy");
	if (!rc && !buy && !json_is(&m[M_SIDE], "sell"))
		rc = refuse(d, ERR_PARSE, BAD_SYNTAX, "a trade that does not say who came to whom");
	t->aggressor = buy ? SIDE_BUY : SIDE_SELL;
	return rc;
}

/* ---------------------------------------------------------------- messages */

static int read_entry(struct okx_md *d, const struct json_value *row, struct okx_md_event *ev)
{
	struct json_value m[member_max];
	struct json_scan j;
	ev->instrument = d->at->instrument;
	json_scan_value(&j, row);
	if (!json_members(&j, member_name, m, member_max))
		return refuse(d, ERR_PARSE, BAD_SYNTAX,
			      j.error ? j.error : "data that is no object");
	const struct json_value *name = &m[M_INSTRUMENT];
	if (name->token != TOKEN_NONE && !json_is(name, d->at->text))
		return refuse(d, ERR_PARSE, BAD_UNKNOWN,
			      "data of another instrument than its channel's");
	return channels[d->channel].read(d, m, ev);
}

int okx_md_next(struct okx_md *d, struct okx_md_event *out)
{
	struct json_value row;
	*out = (struct okx_md_event){ .kind = OKX_OTHER, .instrument = UINT32_MAX };
	d->lost = false;
	d->more = d->more && json_take(&d->rows, &row);
	if (!d->more)
		return 0;
	int rc = read_entry(d, &row, out);
	d->more = rc == 0;
	return rc ? rc : 1;
}

/* The channel, where it is ours to read, and its instrument. */
static int find_channel(struct okx_md *d, const struct json_value *arg)
{
	struct json_value a[arg_max];
	struct json_scan j;
	json_scan_value(&j, arg);
	if (!json_members(&j, arg_name, a, arg_max))
		return refuse(d, ERR_PARSE, BAD_SYNTAX, "a channel that is not named");
	for (uint8_t i = 1; i < sizeof channels / sizeof *channels; i++)
		if (json_is(&a[A_CHANNEL], channels[i].name))
			d->channel = i;
	if (!d->channel)
		return 0;
	if (a[A_INSTRUMENT].token != TOKEN_STRING || a[A_INSTRUMENT].escaped)
		return refuse(d, ERR_PARSE, BAD_SYNTAX, "a channel without an instrument");
	d->at = symbols_find(d->symbols, a[A_INSTRUMENT].p, a[A_INSTRUMENT].n);
	if (!d->at)
		return refuse(d, ERR_NOTFOUND, BAD_UNKNOWN, "a symbol that was not asked for");
	d->bad_instrument = d->at->instrument;
	return 0;
}

/* What an update is called: without a name on the channels that are whole each time. */
static int find_action(struct okx_md *d, const struct json_value *v)
{
	d->whole = json_is(v, "snapshot");
	if (channels[d->channel].read == read_book && !d->whole && !json_is(v, "update"))
		return refuse(d, ERR_PARSE, BAD_SYNTAX, "depth that is neither whole nor a change");
	return 0;
}

int okx_md_decode(struct okx_md *d, const char *p, size_t n, int64_t recv_ns,
		  struct okx_md_event *out)
{
	struct json_value m[outer_max];
	struct json_scan j;
	*out = (struct okx_md_event){ .kind = OKX_OTHER, .instrument = UINT32_MAX };
	d->more = d->lost = d->whole = false;
	d->channel = 0;
	d->recv_ns = recv_ns;
	d->bad_instrument = UINT32_MAX;
	if (n > UINT32_MAX)
		return refuse(d, ERR_PARSE, BAD_FRAME, "a message of more than 4 GiB");
	json_scan_init(&j, p, n);
	if (!json_members(&j, outer_name, m, outer_max) || json_next(&j) != TOKEN_END)
		return refuse(d, ERR_PARSE, BAD_SYNTAX, j.error ? j.error : "no JSON object");
	if (m[O_EVENT].token != TOKEN_NONE || m[O_ARG].token == TOKEN_NONE)
		return 0;
	int rc = find_channel(d, &m[O_ARG]);
	if (rc || !d->channel)
		return rc;
	rc = find_action(d, &m[O_ACTION]);
	if (rc)
		return rc;
	if (m[O_DATA].token != TOKEN_ARRAY)
		return refuse(d, ERR_PARSE, BAD_SYNTAX, "data that is no array");
	d->rows = (struct json_scan){ 0 };
	json_scan_value(&d->rows, &m[O_DATA]);
	json_next(&d->rows);
	d->more = true;
	rc = okx_md_next(d, out);
	return rc < 0 ? rc : 0;
}
