#include "adapters/sim/match.h"
#include "adapters/sim/match_parts.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = { "ack",     "fill",	 "cancelled",
					  "expired", "rejected", "amended" };
_Static_assert(sizeof kind_names / sizeof *kind_names == match_kind_max, "a name for every kind");

static const char *const why_names[] = { "none",       "owner",	     "ioc",  "fok",  "liquidity",
					 "self-trade", "would take", "full", "venue" };
_Static_assert(sizeof why_names / sizeof *why_names == match_why_max, "a name for every reason");

const char *match_why_name(enum match_why w)
{
	return w < match_why_max ? why_names[w] : "?";
}

const char *match_kind_name(enum match_kind k)
{
	return k < match_kind_max ? kind_names[k] : "?";
}

int match_init(struct match *m, uint32_t levels, uint32_t orders, uint64_t next_trade,
	       match_sink sink, void *owner)
{
	*m = (struct match){
		.cap_rest = orders, .next_trade = next_trade, .sink = sink, .owner = owner
	};
	if (!orders || !next_trade || !sink)
		return err_set(ERR_ARG, "a matching book needs room for orders, a first trade "
					"number and somebody to tell");
	int rc = shown_init(&m->shown, levels);
	if (rc == 0)
		rc = shown_init(&m->said, levels);
	for (enum side side = SIDE_BUY; rc == 0 && side < side_max; side++) {
		m->rest[side] = calloc(orders, sizeof *m->rest[side]);
		if (!m->rest[side])
			rc = err_set(ERR_NOMEM, "no memory for %u resting orders", orders);
	}
	if (rc)
		match_free(m);
	return rc;
}

void match_free(struct match *m)
{
	shown_free(&m->shown);
	shown_free(&m->said);
	for (enum side side = SIDE_BUY; side < side_max; side++)
		free(m->rest[side]);
	*m = (struct match){ 0 };
}

static void tell(struct match *m, int64_t now_ns, const struct match_order *o, struct match_event e)
{
	e.at_ns = now_ns;
	e.side = o->side;
	e.account = o->account;
	e.tag = o->tag;
	e.id = o->id;
	e.cum = o->cum;
	e.leaves = o->qty - o->cum;
	if (e.kind != MATCH_FILL) {
		e.px = o->px;
		e.qty = o->qty;
	}
	m->sink(m->owner, &e);
}

static void tell_end(struct match *m, int64_t now_ns, const struct match_order *o,
		     enum match_kind kind, enum match_why why)
{
	tell(m, now_ns, o, (struct match_event){ .kind = (uint8_t)kind, .why = (uint8_t)why });
}

void match_tell_fill(struct match *m, int64_t now_ns, struct match_order *o, int64_t px,
		     int64_t qty, bool maker, bool own, uint64_t trade)
{
	must(qty > 0 && qty <= o->qty - o->cum);
	must(o->type == ORD_MARKET || px == o->px || px_better(o->side ^ 1, px, o->px));
	o->cum += qty;
	m->last_px = px;
	tell(m, now_ns, o,
	     (struct match_event){ .kind = MATCH_FILL,
				   .maker = maker,
				   .own = own,
				   .trade = trade,
				   .px = px,
				   .qty = qty });
}

/* ---------------------------------------------------------------- what rests */

/* Behind all that are at its price already; the next to fill stands last. */
static void rest_put(struct match *m, const struct match_order *o)
{
	struct match_order *r = m->rest[o->side];
	uint32_t i = 0, n = m->n_rest[o->side]++;
	while (i < n && px_better(o->side, o->px, r[i].px))
		i++;
	memmove(&r[i + 1], &r[i], (n - i) * sizeof *r);
	r[i] = *o;
}

void match_rest_drop(struct match *m, enum side side, uint32_t i)
{
	struct match_order *r = m->rest[side];
	m->n_rest[side]--;
	memmove(&r[i], &r[i + 1], (m->n_rest[side] - i) * sizeof *r);
}

static struct match_order *rest_find(const struct match *m, uint64_t id, uint32_t *index)
{
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (uint32_t i = 0; i < m->n_rest[side]; i++)
			if (m->rest[side][i].id == id) {
				*index = i;
				return &m->rest[side][i];
			}
	return NULL;
}

const struct match_order *match_find(const struct match *m, uint64_t id)
{
	uint32_t index;
	return rest_find(m, id, &index);
}

static int rest_end(struct match *m, int64_t now_ns, uint64_t id, enum match_kind kind,
		    enum match_why why)
{
	uint32_t index;
	struct match_order *found = rest_find(m, id, &index);
	if (!found)
		return err_set(ERR_NOTFOUND, "order %llu does not rest in the book",
			       (unsigned long long)id);
	struct match_order o = *found;
	match_rest_drop(m, o.side, index);
	tell_end(m, now_ns, &o, kind, why);
	return 0;
}

int match_cancel(struct match *m, int64_t now_ns, uint64_t id)
{
	return rest_end(m, now_ns, id, MATCH_CANCELLED, WHY_OWNER);
}

int match_expire(struct match *m, int64_t now_ns, uint64_t id, enum match_why why)
{
	return rest_end(m, now_ns, id, MATCH_EXPIRED, why);
}

int match_restore(struct match *m, const struct match_order *o)
{
	if (m->n_rest[o->side] == m->cap_rest)
		return err_set(ERR_FULL, "no room for one more than %u resting orders",
			       m->cap_rest);
	rest_put(m, o);
	return 0;
}

/* More cannot stand before an order than the market still has at its price. */
static void rest_forward(struct match *m)
{
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (uint32_t i = 0; i < m->n_rest[side]; i++) {
			struct match_order *o = &m->rest[side][i];
			int64_t left = shown_left(&m->shown, side, o->px);
			if (o->ahead > left)
				o->ahead = left;
		}
}

/* ---------------------------------------------------------------- the market moves */

/* The market now stands at or through resting prices: who rested gets what stands there, at his own price. */
static void rest_cross(struct match *m, int64_t now_ns)
{
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		while (m->n_rest[side]) {
			uint32_t top = m->n_rest[side] - 1;
			struct match_order *o = &m->rest[side][top];
			struct shown_level *l = shown_best(&m->shown, side ^ 1);
			if (!l || px_better(side, l->px, o->px))
				break;
			int64_t qty =
				level_left(l) < o->qty - o->cum ? level_left(l) : o->qty - o->cum;
			shown_take(l, qty);
			match_tell_fill(m, now_ns, o, o->px, qty, true, false, m->next_trade++);
			if (o->cum == o->qty)
				match_rest_drop(m, side, top);
		}
	}
}

static bool market_moved(struct match *m, int64_t now_ns)
{
	if (m->collecting)
		return true;
	rest_forward(m);
	rest_cross(m, now_ns);
	return true;
}

/* What a newer quote has said about the top outranks an older depth message. */
static bool outranked(const struct match *m, enum side side, int64_t px, int64_t last_seq)
{
	const struct quote *q = &m->quote;
	if (!q->seq || last_seq >= q->seq)
		return false;
	return q->qty[side] <= 0 || !px_better(side, q->px[side], px);
}

bool match_market_snapshot(struct match *m, int64_t now_ns, const struct depth *d)
{
	if (d->last_seq && d->last_seq < m->depth_seq)
		return false;
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		shown_load(&m->shown, side, d->level[side], d->n[side]);
		shown_load(&m->said, side, d->level[side], d->n[side]);
	}
	m->depth_seq = d->last_seq;
	if (m->quote.seq > d->last_seq)
		return match_market_quote(m, now_ns, &m->quote);
	return market_moved(m, now_ns);
}

bool match_market_depth(struct match *m, int64_t now_ns, const struct depth *d)
{
	if (d->last_seq && d->last_seq <= m->depth_seq)
		return false;
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (uint32_t i = 0; i < d->n[side]; i++) {
			const struct level *l = &d->level[side][i];
			shown_set(&m->said, side, l->px, l->qty);
			if (!outranked(m, side, l->px, d->last_seq))
				shown_set(&m->shown, side, l->px, l->qty);
		}
	m->depth_seq = d->last_seq;
	return market_moved(m, now_ns);
}

bool match_market_quote(struct match *m, int64_t now_ns, const struct quote *q)
{
	if (q->seq && (q->seq <= m->depth_seq || q->seq < m->quote.seq))
		return false;
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		if (q->qty[side] <= 0) {
			shown_clear(&m->shown, side);
			continue;
		}
		shown_trim(&m->shown, side, q->px[side]);
		shown_set(&m->shown, side, q->px[side], q->qty[side]);
	}
	m->quote = *q;
	return market_moved(m, now_ns);
}

/* The print reaches the orders of one side, best first; at its own price the market's size before an order goes first. */
void match_market_trade(struct match *m, int64_t now_ns, const struct market_trade *t)
{
	enum side side = t->aggressor ^ 1;
	int64_t left = t->qty, market = 0; /* market: size of others at that price that went */
	m->last_px = t->px;
	if (m->collecting)
		return;
	for (uint32_t i = m->n_rest[side]; i-- > 0 && left > 0;) {
		struct match_order *o = &m->rest[side][i];
		if (px_better(side, t->px, o->px))
			break;
		if (o->px == t->px && o->ahead > market) {
			int64_t before = o->ahead - market < left ? o->ahead - market : left;
			market += before;
			left -= before;
		}
		int64_t leaves = o->qty - o->cum, qty = leaves < left ? leaves : left;
		if (qty <= 0)
			break;
		left -= qty;
		match_tell_fill(m, now_ns, o, o->px, qty, true, false, m->next_trade++);
		if (o->cum == o->qty)
			match_rest_drop(m, side, i);
	}
	for (uint32_t i = 0; i < m->n_rest[side]; i++) {
		struct match_order *o = &m->rest[side][i];
		if (o->px == t->px)
			o->ahead = o->ahead > market ? o->ahead - market : 0;
	}
}

void match_collect(struct match *m)
{
	m->collecting = true;
}

void match_resume(struct match *m, int64_t now_ns)
{
	m->collecting = false;
	market_moved(m, now_ns);
}

/* ---------------------------------------------------------------- an order arrives */

static bool reaches(const struct match_order *o, int64_t contra_px)
{
	return o->type == ORD_MARKET || !px_better(o->side, contra_px, o->px);
}

/* The next that it would meet: the market's level, or an own order where that is better priced. Not both are set. */
struct contra {
	struct shown_level *level;
	struct match_order *own;
	uint32_t index; /* of own */
};

static struct contra contra_next(struct match *m, const struct match_order *o)
{
	enum side side = o->side ^ 1;
	struct contra c = { .level = shown_best(&m->shown, side) };
	if (m->n_rest[side]) {
		c.index = m->n_rest[side] - 1;
		c.own = &m->rest[side][c.index];
	}
	if (c.level && c.own) {
		if (px_better(side, c.own->px, c.level->px))
			c.level = NULL;
		else
			c.own = NULL;
	}
	if (c.level && !reaches(o, c.level->px))
		c.level = NULL;
	if (c.own && !reaches(o, c.own->px))
		c.own = NULL;
	return c;
}

/* All that a fill-or-kill order would get: it asks before it takes. */
static int64_t reachable(const struct match *m, const struct match_order *o)
{
	enum side side = o->side ^ 1;
	int64_t stop_px = 0, sum = 0;
	bool stopped = false;
	for (uint32_t i = m->n_rest[side]; i-- > 0 && sum < o->qty && !stopped;) {
		const struct match_order *own = &m->rest[side][i];
		if (!reaches(o, own->px))
			break;
		bool self = own->account == o->account && o->stp != STP_NONE;
		if (!self)
			sum += own->qty - own->cum;
		else if (o->stp == STP_EXPIRE_TAKER) {
			stopped = true;
			stop_px = own->px;
		}
	}
	for (uint32_t i = 0; i < m->shown.n[side] && sum < o->qty; i++) {
		const struct shown_level *l = shown_at(&m->shown, side, i);
		if (!reaches(o, l->px) || (stopped && px_better(side, stop_px, l->px)))
			break;
		sum += level_left(l);
	}
	return sum;
}

/* Meets an own order. False: self-trade prevention ends the arriving one. */
static bool take_own(struct match *m, int64_t now_ns, struct match_order *o, const struct contra *c,
		     int64_t want)
{
	struct match_order maker = *c->own;
	bool self = maker.account == o->account;
	if (self && o->stp == STP_EXPIRE_TAKER)
		return false;
	if (self && o->stp == STP_EXPIRE_MAKER) {
		match_rest_drop(m, maker.side, c->index);
		tell_end(m, now_ns, &maker, MATCH_EXPIRED, WHY_SELF_TRADE);
		return true;
	}
	int64_t leaves = maker.qty - maker.cum, qty = leaves < want ? leaves : want;
	uint64_t trade = m->next_trade++;
	match_tell_fill(m, now_ns, c->own, maker.px, qty, true, true, trade);
	match_tell_fill(m, now_ns, o, maker.px, qty, false, true, trade);
	if (c->own->cum == c->own->qty)
		match_rest_drop(m, maker.side, c->index);
	return true;
}

/* Takes what it may. The reason for stopping: nothing more in reach (WHY_NONE), its bound (WHY_IOC), or itself. */
static enum match_why take(struct match *m, int64_t now_ns, struct match_order *o)
{
	int64_t may = o->take_max > 0 && o->take_max < o->qty ? o->take_max : o->qty;
	while (o->cum < may) {
		struct contra c = contra_next(m, o);
		int64_t want = may - o->cum;
		if (c.level) {
			int64_t left = level_left(c.level), qty = left < want ? left : want;
			shown_take(c.level, qty);
			match_tell_fill(m, now_ns, o, c.level->px, qty, false, false,
					m->next_trade++);
		} else if (!c.own) {
			return WHY_NONE;
		} else if (!take_own(m, now_ns, o, &c, want)) {
			return WHY_SELF_TRADE;
		}
	}
	return o->cum < o->qty ? WHY_IOC : WHY_NONE;
}

/* Why it cannot be taken in at all, or WHY_NONE. */
static enum match_why refuse(struct match *m, const struct match_order *o)
{
	if (o->type == ORD_POST_ONLY) {
		struct contra c = contra_next(m, o);
		if (c.level || c.own)
			return WHY_WOULD_TAKE;
	}
	bool rests = o->type != ORD_MARKET && (o->tif == TIF_GTC || o->tif == TIF_DAY);
	return rests && m->n_rest[o->side] == m->cap_rest ? WHY_FULL : WHY_NONE;
}

void match_place(struct match *m, int64_t now_ns, const struct match_order *order)
{
	struct match_order o = *order;
	must(o.id && o.qty > 0 && o.cum == 0 && o.side < side_max);
	enum match_why why = refuse(m, &o);
	if (why != WHY_NONE) {
		enum reject_class class = why == WHY_WOULD_TAKE ? REJECT_WOULD_TAKE : REJECT_RATE;
		tell(m, now_ns, &o,
		     (struct match_event){ .kind = MATCH_REJECTED,
					   .why = (uint8_t)why,
					   .reject_class = (uint8_t) class });
		return;
	}
	tell_end(m, now_ns, &o, MATCH_ACK, WHY_NONE);
	if (m->collecting) {
		must(o.type == ORD_LIMIT && (o.tif == TIF_GTC || o.tif == TIF_DAY));
		o.ahead = INT64_MAX;
		rest_put(m, &o);
		return;
	}
	if (o.tif == TIF_FOK && reachable(m, &o) < o.qty) {
		tell_end(m, now_ns, &o, MATCH_EXPIRED, WHY_FOK);
		return;
	}
	why = take(m, now_ns, &o);
	rest_forward(m);
	if (o.cum == o.qty)
		return;
	if (why == WHY_SELF_TRADE || o.type == ORD_MARKET || o.tif == TIF_IOC || o.tif == TIF_FOK) {
		if (why == WHY_NONE)
			why = o.type == ORD_MARKET ? WHY_LIQUIDITY : WHY_IOC;
		tell_end(m, now_ns, &o, MATCH_EXPIRED, why);
		return;
	}
	o.ahead = shown_left(&m->shown, o.side, o.px);
	rest_put(m, &o);
}

int match_amend(struct match *m, int64_t now_ns, uint64_t id, int64_t px, int64_t qty)
{
	uint32_t index;
	struct match_order *found = rest_find(m, id, &index);
	if (!found)
		return err_set(ERR_NOTFOUND, "no such order rests here");
	struct match_order o = *found;
	o.px = px;
	o.qty = qty;
	o.take_max = 0;
	if (qty <= o.cum)
		return match_cancel(m, now_ns, id);
	struct contra c = contra_next(m, &o);
	if (o.type == ORD_POST_ONLY && (c.level || c.own))
		return err_set(ERR_STATE, "it would take");
	match_rest_drop(m, o.side, index);
	tell_end(m, now_ns, &o, MATCH_AMENDED, WHY_NONE);
	enum match_why why = m->collecting ? WHY_NONE : take(m, now_ns, &o);
	rest_forward(m);
	if (o.cum == o.qty)
		return 0;
	if (why == WHY_SELF_TRADE) {
		tell_end(m, now_ns, &o, MATCH_EXPIRED, why);
		return 0;
	}
	o.ahead = m->collecting ? INT64_MAX : shown_left(&m->shown, o.side, o.px);
	rest_put(m, &o);
	return 0;
}

/* ---------------------------------------------------------------- questions */

struct match_estimate match_estimate(const struct match *m, enum side side, bool has_px, int64_t px,
				     int64_t qty)
{
	struct match_estimate e = { 0 };
	const struct match_order o = { .side = (uint8_t)side,
				       .px = px,
				       .type = has_px ? ORD_LIMIT : ORD_MARKET };
	uint32_t own = m->n_rest[side ^ 1], i = 0;
	while (e.qty < qty) {
		const struct shown_level *l = shown_at(&m->shown, side ^ 1, i);
		const struct match_order *r = own ? &m->rest[side ^ 1][own - 1] : NULL;
		if (!l && !r)
			break;
		bool level = l && (!r || !px_better(side ^ 1, r->px, l->px));
		int64_t at = level ? l->px : r->px, left = level ? level_left(l) : r->qty - r->cum;
		if (!reaches(&o, at))
			break;
		if (level)
			i++;
		else
			own--;
		if (left <= 0)
			continue;
		left = left < qty - e.qty ? left : qty - e.qty;
		e.qty += left;
		e.px_qty += (__int128)at * left;
		e.worst_px = at;
	}
	return e;
}

uint32_t match_book(const struct match *m, enum side side, struct level *out, uint32_t cap)
{
	/* Before the first depth message quotes are all there is. */
	const struct shown *s = m->depth_seq ? &m->said : &m->shown;
	uint32_t n = s->n[side] < cap ? s->n[side] : cap;
	for (uint32_t i = 0; i < n; i++) {
		const struct shown_level *l = shown_at(s, side, i);
		out[i] = (struct level){ .px = l->px, .qty = l->size };
	}
	return n;
}

int64_t match_mid(const struct match *m)
{
	const struct shown_level *bid = shown_at(&m->shown, SIDE_BUY, 0);
	const struct shown_level *ask = shown_at(&m->shown, SIDE_SELL, 0);
	return bid && ask ? bid->px + (ask->px - bid->px) / 2 : m->last_px;
}
