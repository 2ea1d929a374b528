/* Proves that a domestic venue goes on from its ledger, wherever that was cut: accounts, lots of each day, what is frozen and locked, counters, the day's orders and trades, numbers; and that
 * what does not add up is refused. */
#include "core/base/rng.h"
#include "tests/unit/sim/cn_counter.h"
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

enum { OPS = 220, KEPT_ORDERS = 256, KEPT_TRADES = 512 };

/* All of the exchange that a restart must bring back. */
struct state {
	int64_t size; /* of the ledger */
	int64_t now_ns;
	struct cn_account account[3];
	struct cn_count count[3][CONTRACTS];
	int64_t settle_px[CONTRACTS];
	uint64_t first_id;
	int32_t day;
	uint32_t n_orders, n_trades, n_rows;
	struct cn_order order[KEPT_ORDERS];
	struct cn_trade trade[KEPT_TRADES];
	uint64_t next_trade[CONTRACTS];
};

static void keep(struct state *s, const struct cn_wire *w)
{
	const struct cn_exchange *x = &w->exchange;
	*s = (struct state){ .size = w->ledger.file.size,
			     .now_ns = x->now_ns,
			     .first_id = x->first_id,
			     .day = x->day,
			     .n_orders = x->n_orders,
			     .n_trades = x->n_trades,
			     .n_rows = w->n_rows };
	ck_assert(x->n_orders <= KEPT_ORDERS && x->n_trades <= KEPT_TRADES);
	memcpy(s->account, x->account, sizeof s->account);
	for (int a = 0; a < 3; a++)
		memcpy(s->count[a], x->count[a], sizeof s->count[a]);
	for (int i = 0; i < CONTRACTS; i++) {
		s->settle_px[i] = x->view.settle_px[i];
		s->next_trade[i] = x->book[i].match.next_trade;
	}
	memcpy(s->order, x->order, x->n_orders * sizeof *s->order);
	memcpy(s->trade, x->trade, x->n_trades * sizeof *s->trade);
}

static void same(const struct state *a, const struct state *b)
{
	ck_assert_int_eq(a->day, b->day);
	ck_assert_uint_eq(a->first_id, b->first_id);
	ck_assert_uint_eq(a->n_orders, b->n_orders);
	ck_assert_uint_eq(a->n_trades, b->n_trades);
	for (int k = 0; k < 3; k++) {
		const struct cn_account *p = &a->account[k], *q = &b->account[k];
		ck_assert_int_eq(p->balance_e8, q->balance_e8);
		ck_assert_int_eq(p->locked_e8, q->locked_e8);
		ck_assert(p->fees_e8 == q->fees_e8 && p->profit_e8 == q->profit_e8);
		ck_assert(memcmp(p->position, q->position, sizeof p->position) == 0);
		ck_assert(memcmp(a->count[k], b->count[k], sizeof a->count[k]) == 0);
	}
	ck_assert(memcmp(a->settle_px, b->settle_px, sizeof a->settle_px) == 0);
	for (uint32_t i = 0; i < a->n_orders; i++) {
		const struct cn_order *p = &a->order[i], *q = &b->order[i];
		ck_assert(p->id == q->id && p->state == q->state && p->why == q->why);
		ck_assert(p->cum == q->cum && p->locked_e8 == q->locked_e8);
		ck_assert(p->asked.px == q->asked.px && p->asked.qty == q->asked.qty &&
			  p->asked.ref == q->asked.ref && p->asked.session == q->asked.session &&
			  p->asked.offset == q->asked.offset);
		ck_assert(p->placed_ns == q->placed_ns && p->updated_ns == q->updated_ns);
	}
	for (uint32_t i = 0; i < a->n_trades; i++) {
		const struct cn_trade *p = &a->trade[i], *q = &b->trade[i];
		ck_assert(p->trade == q->trade && p->order == q->order && p->qty == q->qty &&
			  p->px == q->px && p->fill.fee_e8 == q->fill.fee_e8 &&
			  p->fill.profit_e8 == q->fill.profit_e8 && p->at_ns == q->at_ns);
	}
	for (int i = 0; i < CONTRACTS; i++) /* never one that was used */
		ck_assert_uint_ge(b->next_trade[i],
				  a->n_trades || a->next_trade[i] == 1 ? a->next_trade[i] : 1);
}

/* ---- two days of three traders who do anything ---- */

struct trader {
	struct cn_wire *wire;
	struct cn_talk talk[3];
	struct rng g;
	int64_t now_ns;
	unsigned placed;
	char said[1u << 20];
};

static unsigned below(struct trader *t, unsigned n)
{
	return (unsigned)rng_below(&t->g, n);
}

static void tell(struct trader *t, unsigned user, const char *text)
{
	cn_wire_ask(t->wire, &t->talk[user], t->now_ns, text, strlen(text));
}

static void enter(struct trader *t, unsigned user)
{
	char text[128];
	if (t->talk[user].in && !cn_wire_is_over(t->wire, &t->talk[user]))
		return;
	t->talk[user] = (struct cn_talk){ 0 };
	snprintf(text, sizeof text,
		 "{\"aid\":\"req_login\",\"user_name\":\"u%u\",\"password\":\"p%u\"}", user, user);
	tell(t, user, text);
	tell(t, user, "{\"aid\":\"confirm_settlement\"}");
}

static void insert(struct trader *t, unsigned user)
{
	static const char *const names[] = { "SHFE\",\"instrument_id\":\"au",
					     "DCE\",\"instrument_id\":\"c" };
	static const char *const offsets[] = { "OPEN", "OPEN", "OPEN", "CLOSE", "CLOSETODAY" };
	char text[512];
	snprintf(
		text, sizeof text,
		"{\"aid\":\"insert_order\",\"order_id\":\"o%u\",\"exchange_id\":\"%s\",\"direction\":\"%s\",\"offset\":\"%s\",\"volume\":%u,"
		"\"price_type\":\"LIMIT\",\"limit_price\":%u,\"time_condition\":\"%s\",\"volume_condition\":\"ANY\"}",
		t->placed++, names[below(t, 2)], below(t, 2) ? "BUY" : "SELL", offsets[below(t, 5)],
		1 + below(t, 9), 990 + below(t, 21), below(t, 3) ? "GFD" : "IOC");
	tell(t, user, text);
}

static void happen(struct trader *t)
{
	char text[96];
	unsigned user = below(t, 3);
	t->now_ns += (int64_t)below(t, below(t, 12) ? 3000 : 20000) * S_NS;
	enter(t, user);
	switch (below(t, 8)) {
	case 0:
	case 1: {
		int64_t bid = 995 + below(t, 10);
		const struct level level[side_max] = { { bid, 1 + below(t, 9) },
						       { bid + 1 + below(t, 3), 1 + below(t, 9) } };
		const struct source_event e = { .kind = SOURCE_SNAPSHOT,
						.depth = { .level = { &level[0], &level[1] },
							   .n = { 1, 1 } } };
		ck_assert_int_eq(cn_wire_market(t->wire, (uint16_t)below(t, 2), t->now_ns, &e), 0);
		break;
	}
	case 2:
		snprintf(text, sizeof text, "{\"aid\":\"cancel_order\",\"order_id\":\"o%u\"}",
			 below(t, t->placed + 1));
		tell(t, user, text);
		break;
	default:
		insert(t, user);
	}
}

static void cut_to(const char *from, const char *to, int64_t size)
{
	static char bytes[4u << 20];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert(in >= 0 && out >= 0 && size <= (int64_t)sizeof bytes);
	ck_assert_int_eq(pread(in, bytes, (size_t)size, 0), size);
	ck_assert_int_eq(write(out, bytes, (size_t)size), size);
	close(in);
	close(out);
}

static void adds_up(const char *path)
{
	static struct ledger_totals t;
	ck_assert_int_eq(ledger_totals(path, &t), 0);
	ck_assert_msg(ledger_check(&t) == 0, "%s", err_text());
}

static struct trader *traders(struct counter *c, uint64_t seed)
{
	struct trader *t = calloc(1, sizeof *t);
	t->wire = &c->wire;
	t->now_ns = MORNING;
	rng_seed(&t->g, seed);
	return t;
}

/* A client that logs in finds all of the day there. */
static void the_day_is_there(struct cn_wire *w, struct trader *t)
{
	struct cn_talk talk = { 0 };
	char text[128];
	snprintf(text, sizeof text,
		 "{\"aid\":\"req_login\",\"user_name\":\"u0\",\"password\":\"p0\"}");
	cn_wire_ask(w, &talk, w->exchange.now_ns, text, strlen(text));
	uint32_t told = 0;
	for (uint32_t i = 0; i < 32 && !talk.whole; i++) {
		cn_wire_ask(w, &talk, w->exchange.now_ns, "{\"aid\":\"peek_message\"}", 22);
		size_t n = cn_wire_say(w, &talk, t->said, sizeof t->said - 1);
		t->said[n] = 0;
		for (const char *p = t->said; (p = strstr(p, "\"volume_orign\"")); p++)
			told++;
	}
	uint32_t orders = 0;
	for (uint32_t i = 0; i < w->n_rows; i++)
		orders += w->row[i].account == 0;
	ck_assert(talk.whole);
	ck_assert_uint_eq(told, orders);
}

static void cut_all(uint64_t seed)
{
	static struct state state[OPS + 1], now;
	static struct cn_wire again;
	struct counter *c = open_counter();
	struct trader *t = traders(c, seed);
	char cut[96];
	unsigned at = 0;
	snprintf(cut, sizeof cut, "%s.cut", c->ledger);
	keep(&state[0], &c->wire);
	for (unsigned k = 1; k <= OPS; k++) {
		happen(t);
		keep(&state[k], &c->wire);
	}
	ck_assert_uint_gt(state[OPS].first_id, 1); /* more than one day, and some of it */
	for (int64_t size = state[0].size; size <= state[OPS].size; size += 184) {
		while (at < OPS && state[at + 1].size <= size)
			at++;
		cut_to(c->ledger, cut, size);
		ck_assert_msg(counter_wire(c, &again, cut, state[at].now_ns) == 0, "%s",
			      err_text());
		keep(&now, &again);
		same(&state[at], &now);
		for (uint32_t i = 0; i < now.n_orders; i++)
			if (now.order[i].state == CN_WORKING)
				ck_assert_ptr_nonnull(match_find(
					&again.exchange.book[now.order[i].asked.instrument].match,
					now.order[i].id));
		if (size % (16 * 184) == 0)
			the_day_is_there(&again, t);
		cn_wire_free(&again);
		adds_up(cut);
	}
	unlink(cut);
	free(t);
	close_counter(c);
}

START_TEST(cut_at_every_record)
{
	for (uint64_t seed = 1; seed <= 2; seed++)
		cut_all(seed);
}
END_TEST

/* Killed again and again while it trades on: the file adds up to the end, and no number comes twice. */
static void trade_on(uint64_t seed)
{
	struct counter *c = open_counter();
	struct trader *t = traders(c, seed);
	uint64_t before = 0;
	for (unsigned k = 0; k < OPS; k++) {
		happen(t);
		if (k % 20 != 19)
			continue;
		before = c->wire.exchange.first_id + c->wire.exchange.n_orders;
		cn_wire_free(&c->wire);
		memset(t->talk, 0, sizeof t->talk);
		ck_assert_msg(counter_wire(c, &c->wire, c->ledger, t->now_ns) == 0, "%s",
			      err_text());
		ck_assert_uint_eq(before, c->wire.exchange.first_id + c->wire.exchange.n_orders);
		adds_up(c->ledger);
	}
	/* A dead venue settles late, and once. */
	int32_t day = c->wire.exchange.day;
	cn_wire_free(&c->wire);
	t->now_ns += 2 * 86400 * S_NS;
	ck_assert_int_eq(counter_wire(c, &c->wire, c->ledger, t->now_ns), 0);
	cn_wire_tick(&c->wire, t->now_ns);
	ck_assert_int_gt(c->wire.exchange.day, day);
	for (int a = 0; a < 3; a++)
		ck_assert_int_eq(c->wire.exchange.account[a].locked_e8, 0);
	free(t);
	close_counter(c);
}

START_TEST(it_trades_on)
{
	for (uint64_t seed = 70; seed < 90; seed++)
		trade_on(seed);
}
END_TEST

START_TEST(what_does_not_add_up_is_refused)
{
	static struct cn_wire again;
	struct counter *c = open_counter();
	struct trader *t = traders(c, 5);
	for (unsigned k = 0; k < 40; k++)
		happen(t);
	cn_wire_free(&c->wire);
	c->w.member[0].deposit_e8 += E8;
	ck_assert_int_eq(counter_wire(c, &again, c->ledger, t->now_ns), -ERR_CONFIG);
	c->w.member[0].deposit_e8 -= E8;
	/* The rules may change: what was taken was taken. */
	c->w.instrument[GOLD].rule[0].fee.per_lot_e8 *= 3;
	ck_assert_msg(counter_wire(c, &c->wire, c->ledger, t->now_ns) == 0, "%s", err_text());
	free(t);
	close_counter(c);
}
END_TEST

/* ---- a file that lies: its checksums are right, its words are not ---- */

struct liar {
	struct ledger out;
	struct rng g;
	uint64_t nth, at;
	unsigned bit;
};

static int copy_with_a_lie(void *owner, const struct ledger_record *r)
{
	struct liar *l = owner;
	struct ledger_record copy = *r;
	uint8_t *bytes = (uint8_t *)&copy;
	/* Any bit behind what the ledger itself sets. */
	if (l->at++ == l->nth)
		bytes[offsetof(struct ledger_record, side) + l->bit / 8] ^=
			(uint8_t)(1u << l->bit % 8);
	if (r->kind == LEDGER_HEAD)
		return 0;
	int rc = ledger_add(&l->out, &copy);
	return rc || !r->last ? rc : ledger_commit(&l->out);
}

static int keep_head(void *owner, const struct ledger_record *r)
{
	if (r->kind != LEDGER_HEAD)
		return 0;
	memcpy(owner, r->body.digest, sizeof r->body.digest);
	return 1;
}

START_TEST(a_lie_breaks_nothing)
{
	static struct cn_wire again;
	struct counter *c = open_counter();
	struct trader *t = traders(c, 9);
	char lie[96];
	uint8_t digest[32];
	unsigned refused = 0;
	for (unsigned k = 0; k < 120; k++)
		happen(t);
	uint64_t n = c->wire.ledger.file.seq;
	ck_assert_int_eq(ledger_read(c->ledger, keep_head, digest, NULL), 1);
	snprintf(lie, sizeof lie, "%s.lie", c->ledger);
	for (unsigned k = 0; k < 400; k++) {
		struct liar l = { .nth = 1 + below(t, (unsigned)n - 1) };
		bool fresh;
		unlink(lie);
		l.bit = below(t, 8 * (unsigned)(sizeof(struct ledger_record) -
						offsetof(struct ledger_record, side)));
		EXPECT(ledger_open(&l.out, lie, "cn", digest, 4096, &fresh) == 0);
		EXPECT(ledger_read(c->ledger, copy_with_a_lie, &l, NULL) == 0);
		ledger_close(&l.out);
		if (counter_wire(c, &again, lie, t->now_ns))
			refused++;
		else
			cn_wire_free(&again);
	}
	/* Most bits are names, stamps and members that money and lots do not depend on. */
	ck_assert_uint_gt(refused, 5);
	unlink(lie);
	free(t);
	close_counter(c);
}
END_TEST

SUITE("cn_recover", cut_at_every_record, it_trades_on, what_does_not_add_up_is_refused,
      a_lie_breaks_nothing)
