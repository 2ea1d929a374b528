/* hear_venue - what venues tell, and what they answer: written down on its way between adapter and engine. */
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/cmd/hear_parts.h"
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- calls of the engine */

struct hear_call hear_begin(struct hear *h, enum input_op op, uint16_t who)
{
	const struct hear_call was = h->now;
	h->now = (struct hear_call){ .op = (uint8_t)op,
				     .who = who,
				     .number = op > OP_QUIET ? ++h->quiet : 0,
				     .written = op < OP_QUIET };
	return was;
}

void hear_over(struct hear *h, struct hear_call was)
{
	if (h->now.op > OP_QUIET && h->now.written)
		inputs_put(h->to, INPUT_LEAVE, h->now.op, h->now.who, NULL, 0);
	h->now = was;
}

void hear_result(struct hear *h, enum input_op op, uint16_t who, int64_t rc)
{
	if (rc >= 0) {
		inputs_put(h->to, INPUT_RESULT, (uint8_t)op, who, &rc, sizeof rc);
		return;
	}
	struct input_result *x = inputs_room(h->to, INPUT_RESULT, (uint8_t)op, who, sizeof *x);
	if (!x)
		return;
	memset(x, 0, sizeof *x);
	x->rc = rc;
	snprintf(x->text, sizeof x->text, "%s", err_text());
	inputs_done(h->to);
}

static struct hear_venue *of(struct venue *v)
{
	return (struct hear_venue *)v;
}

/* Of whom a name is asked: whoever took an order last. */
static struct hear_venue *named;

static size_t encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	struct input_id x = { .order = id };
	const size_t n = named->real->ops->encode_id(id, out);
	memcpy(x.text, out, sizeof x.text);
	inputs_put(named->h->to, INPUT_CLIENT_ID, 0, named->v.index, &x, sizeof x);
	return n;
}

static uint64_t decode_id(const char *client, size_t n)
{
	return named->real->ops->decode_id(client, n);
}

static enum depth_rule depth_rule(const struct venue *v, uint32_t instrument)
{
	const struct venue *real = ((const struct hear_venue *)v)->real;
	return real->ops->depth_rule(real, instrument);
}

#define ANSWERS(op, call)                                                    \
	do {                                                                 \
		struct hear_venue *x = of(v);                                \
		const struct hear_call was = hear_begin(x->h, op, v->index); \
		const int rc = x->real->ops->call;                           \
		hear_over(x->h, was);                                        \
		hear_result(x->h, op, v->index, rc);                         \
		return rc;                                                   \
	} while (0)

#define IS_TOLD(op, call)                                                    \
	do {                                                                 \
		struct hear_venue *x = of(v);                                \
		const struct hear_call was = hear_begin(x->h, op, v->index); \
		x->real->ops->call;                                          \
		hear_over(x->h, was);                                        \
	} while (0)

static int start(struct venue *v)
{
	ANSWERS(OP_START, start(x->real));
}

static void stop(struct venue *v)
{
	IS_TOLD(OP_STOP, stop(x->real));
}

/* The name of an order is asked for right after it was placed. */
static int place(struct venue *v, const struct order *o)
{
	struct hear_venue *x = of(v);
	const struct hear_call was = hear_begin(x->h, OP_PLACE, v->index);
	const int rc = x->real->ops->place(x->real, o);
	hear_over(x->h, was);
	hear_result(x->h, OP_PLACE, v->index, rc);
	named = x; /* now: it may have led to orders at other venues */
	return rc;
}

static int cancel(struct venue *v, const struct order *o)
{
	ANSWERS(OP_CANCEL, cancel(x->real, o));
}

static int query(struct venue *v, const struct order *o)
{
	ANSWERS(OP_QUERY, query(x->real, o));
}

static int reconcile(struct venue *v)
{
	ANSWERS(OP_RECONCILE, reconcile(x->real));
}

static int replace(struct venue *v, const struct order *o, int64_t px, int64_t qty)
{
	ANSWERS(OP_REPLACE, replace(x->real, o, px, qty));
}

static int cancel_all(struct venue *v, uint16_t account, uint32_t instrument)
{
	ANSWERS(OP_CANCEL_ALL, cancel_all(x->real, account, instrument));
}

static int arm(struct venue *v, uint16_t account, int64_t for_ns)
{
	ANSWERS(OP_ARM, arm(x->real, account, for_ns));
}

static int snapshot(struct venue *v, uint32_t instrument)
{
	ANSWERS(OP_ASK_SNAPSHOT, snapshot(x->real, instrument));
}

static int probe(struct venue *v, uint32_t instrument)
{
	ANSWERS(OP_ASK_PROBE, probe(x->real, instrument));
}

static int replay(struct venue *v, uint32_t instrument, int64_t first_seq, int64_t last_seq)
{
	ANSWERS(OP_ASK_REPLAY, replay(x->real, instrument, first_seq, last_seq));
}

static void ask_clock(struct venue *v)
{
	IS_TOLD(OP_ASK_CLOCK, ask_clock(x->real));
}

static void ask_rules(struct venue *v)
{
	IS_TOLD(OP_ASK_RULES, ask_rules(x->real));
}

static void on_time(struct venue *v, int64_t mono_ns)
{
	IS_TOLD(OP_ON_TIME, on_time(x->real, mono_ns));
}

static void free_it(struct venue *v)
{
	of(v)->real->ops->free(of(v)->real);
	free(v);
}

/* What the adapter lacks, the engine has to see lacking. */
static uint32_t take_ops(struct venue_ops *o, const struct venue_ops *real)
{
	uint32_t has = 0;
	*o = (struct venue_ops){ .name = real->name,
				 .encode_id = encode_id,
				 .decode_id = decode_id,
				 .depth_rule = depth_rule,
				 .start = start,
				 .stop = stop,
				 .place = place,
				 .cancel = cancel,
				 .query = query,
				 .snapshot = snapshot,
				 .on_time = on_time,
				 .free = free_it };
#define TAKE(op, member)                  \
	if (real->member) {               \
		o->member = member;       \
		has |= (uint32_t)1 << op; \
	}
	TAKE(OP_RECONCILE, reconcile)
	TAKE(OP_REPLACE, replace)
	TAKE(OP_CANCEL_ALL, cancel_all)
	TAKE(OP_ARM, arm)
	TAKE(OP_ASK_PROBE, probe)
	TAKE(OP_ASK_REPLAY, replay)
	TAKE(OP_ASK_CLOCK, ask_clock)
	TAKE(OP_ASK_RULES, ask_rules)
#undef TAKE
	return has;
}

/* ---------------------------------------------------------------- what venues tell */

/* The call that it comes in is said first. */
static struct inputs *heard(struct hear_ear *x)
{
	struct hear *h = x->h;
	if (__builtin_expect(!h->now.written, 0)) {
		inputs_put(h->to, INPUT_ENTER, h->now.op, h->now.who, &h->now.number,
			   sizeof h->now.number);
		h->now.written = true;
	}
	return h->to;
}

static void put_few(struct hear_ear *x, enum input_kind k, uint16_t who, uint32_t instrument,
		    uint32_t code, const int64_t v[6], const char *text)
{
	struct input_few f;
	memset(&f, 0, sizeof f);
	f.instrument = instrument;
	f.code = code;
	memcpy(f.v, v, sizeof f.v);
	if (text)
		snprintf(f.text, sizeof f.text, "%s", text);
	inputs_put(heard(x), (uint8_t)k, 0, who, &f,
		   text ? sizeof f : offsetof(struct input_few, text));
}

#define FEW(...) ((const int64_t[6]){ __VA_ARGS__ })

static void on_state(void *core, uint16_t venue, enum venue_state s, const char *why)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_STATE, venue, 0, s, FEW(0), why);
	x->state = (uint8_t)s;
	if (x->venue)
		x->venue->v.state = (uint8_t)s;
	x->host.on_state(x->host.core, venue, s, why);
}

static void on_rule(void *core, uint32_t instrument, const struct rule *r)
{
	struct hear_ear *x = core;
	struct input_rule y;
	memset(&y, 0, sizeof y);
	y.instrument = instrument;
	y.r = *r;
	inputs_put(heard(x), INPUT_RULE, 0, INPUT_NOBODY, &y, sizeof y);
	x->host.on_rule(x->host.core, instrument, r);
}

static void on_soon(void *core, uint32_t instrument)
{
	const struct hear_ear *x = core;
	x->host.on_soon(x->host.core, instrument);
}

static void on_quote(void *core, uint32_t instrument, const struct quote *q)
{
	struct hear_ear *x = core;
	const struct input_quote y = { .instrument = instrument, .q = *q };
	inputs_put(heard(x), INPUT_QUOTE, 0, INPUT_NOBODY, &y, sizeof y);
	x->host.on_quote(x->host.core, instrument, q);
}

static void put_depth(struct hear_ear *x, enum input_kind k, uint32_t instrument,
		      const struct depth *d)
{
	struct inputs *to = heard(x);
	const size_t n[side_max] = { d->n[0] * sizeof *d->level[0], d->n[1] * sizeof *d->level[1] };
	struct input_depth *y =
		inputs_room(to, (uint8_t)k, 0, INPUT_NOBODY, sizeof *y + n[0] + n[1]);
	if (!y)
		return;
	*y = (struct input_depth){ .first_seq = d->first_seq,
				   .last_seq = d->last_seq,
				   .prev_seq = d->prev_seq,
				   .venue_ns = d->venue_ns,
				   .recv_ns = d->recv_ns,
				   .n = { d->n[0], d->n[1] },
				   .instrument = instrument,
				   .line = d->line };
	uint8_t *at = (uint8_t *)(y + 1);
	for (int s = 0; s < side_max; s++) {
		if (n[s])
			memcpy(at, d->level[s], n[s]);
		at += n[s];
	}
	inputs_done(to);
}

static void on_depth(void *core, uint32_t instrument, const struct depth *d)
{
	struct hear_ear *x = core;
	put_depth(x, INPUT_DEPTH, instrument, d);
	x->host.on_depth(x->host.core, instrument, d);
}

static void on_snapshot(void *core, uint32_t instrument, const struct depth *d)
{
	struct hear_ear *x = core;
	put_depth(x, INPUT_SNAPSHOT, instrument, d);
	x->host.on_snapshot(x->host.core, instrument, d);
}

static void on_trade(void *core, uint32_t instrument, const struct market_trade *t)
{
	struct hear_ear *x = core;
	struct input_trade y;
	memset(&y, 0, sizeof y);
	y.instrument = instrument;
	y.t = *t;
	inputs_put(heard(x), INPUT_TRADE, 0, INPUT_NOBODY, &y, sizeof y);
	x->host.on_trade(x->host.core, instrument, t);
}

static void on_feed_down(void *core, uint16_t venue)
{
	struct hear_ear *x = core;
	inputs_put(heard(x), INPUT_FEED_DOWN, 0, venue, NULL, 0);
	x->host.on_feed_down(x->host.core, venue);
}

static void on_probe(void *core, uint32_t instrument, int64_t last_seq, int64_t asked_ns)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_PROBE, INPUT_NOBODY, instrument, 0, FEW(last_seq, asked_ns), NULL);
	x->host.on_probe(x->host.core, instrument, last_seq, asked_ns);
}

static void on_halt(void *core, uint32_t instrument, bool halted)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_HALT, INPUT_NOBODY, instrument, halted, FEW(0), NULL);
	x->host.on_halt(x->host.core, instrument, halted);
}

static void on_alive(void *core, uint16_t venue, int64_t recv_ns)
{
	struct hear_ear *x = core;
	inputs_put(heard(x), INPUT_ALIVE, 0, venue, &recv_ns, sizeof recv_ns);
	x->host.on_alive(x->host.core, venue, recv_ns);
}

static void on_exec(void *core, const struct exec_report *r)
{
	struct hear_ear *x = core;
	inputs_put(heard(x), INPUT_EXEC, 0, r->venue, r, sizeof *r);
	x->host.on_exec(x->host.core, r);
}

static void on_caps(void *core, uint32_t instrument, const struct caps *c)
{
	struct hear_ear *x = core;
	struct input_caps y;
	memset(&y, 0, sizeof y);
	y.instrument = instrument;
	y.c = *c;
	inputs_put(heard(x), INPUT_CAPS, 0, INPUT_NOBODY, &y, sizeof y);
	x->host.on_caps(x->host.core, instrument, c);
}

/* The engine only looks it up. */
static int64_t fills_since(void *core, uint16_t account, uint32_t instrument,
			   char exec[VENUE_ID_TEXT])
{
	const struct hear_ear *x = core;
	return x->host.fills_since(x->host.core, account, instrument, exec);
}

static void on_reconciled(void *core, uint16_t venue, bool full)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_RECONCILED, venue, 0, full, FEW(0), NULL);
	x->host.on_reconciled(x->host.core, venue, full);
}

static void on_position(void *core, uint16_t account, uint32_t instrument, int64_t qty_long,
			int64_t qty_short, int64_t venue_ns)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_POSITION, account, instrument, 0, FEW(qty_long, qty_short, venue_ns),
		NULL);
	x->host.on_position(x->host.core, account, instrument, qty_long, qty_short, venue_ns);
}

static void on_lots(void *core, uint16_t account, uint32_t instrument,
		    const int64_t qty[side_max][2], int64_t venue_ns)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_LOTS, account, instrument, 0,
		FEW(qty[0][0], qty[0][1], qty[1][0], qty[1][1], venue_ns), NULL);
	x->host.on_lots(x->host.core, account, instrument, qty, venue_ns);
}

static void on_balance(void *core, uint16_t account, asset_id asset, int64_t free_e8,
		       int64_t locked_e8, int64_t venue_ns)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_BALANCE, account, 0, asset, FEW(free_e8, locked_e8, venue_ns), NULL);
	x->host.on_balance(x->host.core, account, asset, free_e8, locked_e8, venue_ns);
}

static void on_clock(void *core, uint16_t venue, int64_t sent_ns, int64_t venue_recv_ns,
		     int64_t venue_send_ns, int64_t recv_ns)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_CLOCK, venue, 0, 0, FEW(sent_ns, venue_recv_ns, venue_send_ns, recv_ns),
		NULL);
	x->host.on_clock(x->host.core, venue, sent_ns, venue_recv_ns, venue_send_ns, recv_ns);
}

static void on_pause(void *core, uint16_t venue, int64_t until_ns, bool all)
{
	struct hear_ear *x = core;
	put_few(x, INPUT_PAUSE, venue, 0, all, FEW(until_ns), NULL);
	x->host.on_pause(x->host.core, venue, until_ns, all);
}

static void on_bad(void *core, uint16_t venue, uint32_t instrument, enum bad_input what,
		   const char *why, const void *bytes, size_t n)
{
	struct hear_ear *x = core;
	struct input_bad y;
	memset(&y, 0, sizeof y);
	y.instrument = instrument;
	y.what = what;
	y.n = n;
	snprintf(y.why, sizeof y.why, "%s", why);
	memcpy(y.bytes, bytes, n < sizeof y.bytes ? n : sizeof y.bytes);
	inputs_put(heard(x), INPUT_BAD, 0, venue, &y, sizeof y);
	x->host.on_bad(x->host.core, venue, instrument, what, why, bytes, n);
}

/* ---------------------------------------------------------------- opening */

struct venue_host hear_host(struct hear *h, uint16_t v, const struct venue_host *host)
{
	must(v < HEAR_VENUES);
	struct hear_ear *x = &h->ear[v];
	*x = (struct hear_ear){ .h = h, .host = *host };
	h->now = (struct hear_call){ .op = OP_OPEN, .who = v, .number = ++h->quiet };
	return (struct venue_host){
		.core = x,
		.env = h->real_env,
		.on_state = on_state,
		.on_rule = on_rule,
		.on_soon = on_soon,
		.on_quote = on_quote,
		.on_depth = on_depth,
		.on_snapshot = on_snapshot,
		.on_feed_down = on_feed_down,
		.on_halt = on_halt,
		.on_probe = on_probe,
		.on_trade = on_trade,
		.on_alive = on_alive,
		.on_exec = on_exec,
		.on_caps = on_caps,
		.fills_since = fills_since,
		.on_reconciled = on_reconciled,
		.on_position = on_position,
		.on_lots = on_lots,
		.on_balance = on_balance,
		.on_clock = on_clock,
		.on_pause = on_pause,
		.on_bad = on_bad,
	};
}

int hear_venue(struct hear *h, struct venue *real, uint32_t n_instruments, struct venue **out)
{
	struct hear_ear *ear = &h->ear[real->index];
	struct hear_venue *x = calloc(1, sizeof *x);
	if (!x)
		return err_set(ERR_NOMEM, "no memory to record inputs");
	hear_over(h, (struct hear_call){ .op = input_op_max, .written = true });
	struct input_venue *y =
		inputs_room(h->to, INPUT_VENUE, 0, real->index, sizeof *y + n_instruments);
	*x = (struct hear_venue){ .real = real, .h = h };
	const uint32_t has = take_ops(&x->ops, real->ops);
	x->v = (struct venue){
		.ops = &x->ops, .host = ear->host, .index = real->index, .state = ear->state
	};
	ear->venue = x;
	if (y) {
		memset(y, 0, sizeof *y);
		snprintf(y->name, sizeof y->name, "%s", real->ops->name);
		y->has = has;
		y->n_instruments = n_instruments;
		for (uint32_t i = 0; i < n_instruments; i++)
			((uint8_t *)(y + 1))[i] = (uint8_t)real->ops->depth_rule(real, i);
		inputs_done(h->to);
	}
	*out = &x->v;
	return 0;
}
