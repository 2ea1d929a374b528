/* A store with the story of one pair in it, as the engine writes it: leg 1 fills in part, is completed, ends hedged. Before it a pair that was refused. */
#pragma once
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/market/instrument.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "core/trade/rescue.h"
#include "store/store.h"
#include "tests/unit/store/folder.h"
#include <signal.h>

#define STORY_PAIR   0x0100010000000005ull
#define REFUSED_PAIR 0x0100010000000001ull
#define STORY_UTC    1723161241000000000ll /* 2024-08-08T23:54:01 */
#define STORY_T0     5000000000ll	   /* when the deciding quote arrived */

struct pair_story {
	struct store *store;
	int64_t us; /* since the quote */
	uint32_t venue, account, instance, script, asset, near, far;
};

static uint64_t story_put(struct pair_story *p, struct fact *f, uint64_t cause)
{
	struct journal *j = store_journal(p->store);
	f->cause = cause;
	f->mono_ns = STORY_T0 + p->us * 1000;
	f->utc_ns = STORY_UTC + p->us * 1000;
	f->turn = 7;
	uint64_t seq = j->ops->append(j, f);
	ck_assert_uint_gt(seq, 0);
	return seq;
}

static uint32_t story_name(struct pair_story *p, enum name_space space, const char *text)
{
	uint32_t id;
	bool is_new;
	ck_assert_int_eq(store_name(p->store, space, text, &id, &is_new), 0);
	if (is_new) {
		struct fact f;
		fact_init(&f, FACT_NAME);
		f.num[0] = space;
		f.num[1] = id;
		fact_text(&f, "%s", text);
		story_put(p, &f, 0);
	}
	return id;
}

static struct fact story_fact(struct pair_story *p, enum fact_kind k, unsigned leg)
{
	struct fact f;
	fact_init(&f, k);
	f.instance = p->instance;
	f.script = p->script;
	if (leg == 0xff)
		return f;
	f.leg = (uint8_t)leg;
	f.side = leg == 0 ? SIDE_SELL : SIDE_BUY;
	f.instrument = leg == 0 ? p->near : p->far;
	f.venue = p->venue;
	f.account = p->account;
	f.px_dp = 2;
	f.qty_dp = 5;
	return f;
}

static void story_setup(struct pair_story *p)
{
	p->venue = story_name(p, NAME_VENUE, "alpha");
	p->account = story_name(p, NAME_ACCOUNT, "main");
	p->instance = story_name(p, NAME_INSTANCE, "btc_basis");
	p->script = story_name(p, NAME_SCRIPT, "c0ffee");
	p->asset = story_name(p, NAME_ASSET, "USDT");
	p->near = story_name(p, NAME_INSTRUMENT, "ALPHA.SPOT");
	p->far = story_name(p, NAME_INSTRUMENT, "ALPHA.PERP");
	struct fact f;
	fact_init(&f, FACT_SESSION_OPEN);
	fact_text(&f, "tandem 1, configuration abc");
	story_put(p, &f, 0);
	f = story_fact(p, FACT_SCRIPT, 0xff);
	f.num[0] = 3;
	fact_text(&f, "basis.lua");
	story_put(p, &f, 0);
	for (unsigned leg = 0; leg < 2; leg++) {
		f = story_fact(p, FACT_RULE, leg);
		f.num[1] = 10; /* a tick of 0.10 */
		f.num[2] = 1000;
		f.num[5] = 100000;
		story_put(p, &f, 0);
	}
}

static uint64_t story_pair(struct pair_story *p, uint64_t pair, enum pair_state from,
			   enum pair_state to, int64_t unhedged, uint64_t cause, const char *why)
{
	struct fact f = story_fact(p, FACT_PAIR, 0xff);
	f.pair = pair;
	f.state = (uint8_t)to;
	f.num[0] = from;
	f.num[1] = to;
	f.num[2] = unhedged;
	f.num[3] = 1500;
	f.num[4] = 2;
	f.num[5] = INTENT_OPEN;
	fact_text(&f, "%s", why);
	return story_put(p, &f, cause);
}

/* The inputs: both quotes, which carry no pair, and the decision. */
static uint64_t story_decision(struct pair_story *p)
{
	uint64_t cause = 0;
	for (unsigned leg = 0; leg < 2; leg++) {
		struct fact f = story_fact(p, FACT_QUOTE, leg);
		f.leg = 0xff;
		f.side = FACT_NO_SIDE;
		f.state = 1;
		f.num[0] = 6183760 + leg;
		f.num[1] = 100000;
		f.num[2] = 6183770 + leg;
		f.num[3] = 200000;
		f.num[4] = 777;
		f.num[5] = STORY_T0 - 1000 * (leg == 0);
		f.num[6] = 1500000;
		cause = story_put(p, &f, cause);
	}
	struct fact f = story_fact(p, FACT_DECISION, 0xff);
	f.num[0] = 12500000000;
	f.num[2] = 2020000000;
	f.num[6] = 400000;
	fact_text(&f, "open");
	return story_put(p, &f, cause);
}

static uint64_t story_order(struct pair_story *p, unsigned leg, uint64_t order, int64_t px,
			    int64_t qty, bool rescue, uint64_t cause)
{
	struct fact f = story_fact(p, FACT_ORDER, leg);
	f.pair = STORY_PAIR;
	f.order = order;
	f.px = px;
	f.qty = qty;
	f.num[1] = TIF_IOC;
	f.num[2] = rescue;
	f.num[5] = px;
	cause = story_put(p, &f, cause);
	f = story_fact(p, FACT_SENT, leg);
	f.pair = STORY_PAIR;
	f.order = order;
	f.state = ORDER_SENT;
	story_put(p, &f, cause);
	return cause;
}

static uint64_t story_fill(struct pair_story *p, unsigned leg, uint64_t order, int64_t px,
			   int64_t qty, int64_t leaves, uint64_t cause)
{
	struct fact f = story_fact(p, FACT_FILL, leg);
	f.pair = STORY_PAIR;
	f.order = order;
	f.px = px;
	f.qty = qty;
	f.fee_e8 = 6183000;
	f.fee_asset = p->asset;
	f.state = leaves ? ORDER_LIVE : ORDER_FILLED;
	f.num[0] = qty;
	f.num[1] = leaves;
	snprintf(f.exec, sizeof(f.exec), "X%llu", (unsigned long long)order);
	return story_put(p, &f, cause);
}

static void story_write(struct pair_story *p)
{
	story_pair(p, REFUSED_PAIR, PAIR_PROPOSED, PAIR_REFUSED, 0, 0, "no room for its orders");
	p->us = 4;
	uint64_t at = story_decision(p);
	at = story_pair(p, STORY_PAIR, PAIR_PROPOSED, PAIR_PROPOSED, 0, at, "open");
	for (unsigned leg = 0; leg < 2; leg++) {
		struct fact f = story_fact(p, FACT_LEG, leg);
		f.pair = STORY_PAIR;
		f.num[2] = 1000;
		f.num[3] = leg == 0 ? 6183730 : 6183801;
		f.num[4] = leg == 0 ? 6183760 : 6183771;
		at = story_put(p, &f, at);
	}
	at = story_pair(p, STORY_PAIR, PAIR_PROPOSED, PAIR_CHECKED, 0, at, "within all limits");
	uint64_t near = story_order(p, 0, 11, 6183730, 1000, false, at);
	uint64_t far = story_order(p, 1, 12, 6183801, 1000, false, at);
	at = story_pair(p, STORY_PAIR, PAIR_CHECKED, PAIR_SENT, 0, at, "open");
	p->us = 900;
	at = story_fill(p, 0, 11, 6183750, 1000, 0, near);
	p->us = 950;
	at = story_fill(p, 1, 12, 6183771, 400, 600, far);
	struct fact f = story_fact(p, FACT_CANCELLED, 1);
	f.order = 12; /* of the order only, as a late word may be */
	f.state = ORDER_CANCELLED;
	f.num[0] = 400;
	fact_text(&f, "IOC remainder\033[2J");
	at = story_put(p, &f, far);
	at = story_pair(p, STORY_PAIR, PAIR_SENT, PAIR_BROKEN, -600000, at,
			"the legs do not balance");
	f = story_fact(p, FACT_RESCUE, 0xff);
	f.pair = STORY_PAIR;
	f.state = PAIR_BROKEN;
	f.num[1] = 12345678;
	f.num[2] = 98765432;
	f.num[3] = -600000;
	f.num[7] = RESCUE_COMPLETE;
	fact_text(&f, "complete; unwind possible");
	at = story_put(p, &f, at);
	uint64_t rescue = story_order(p, 1, 13, 6183821, 600, true, at);
	at = story_pair(p, STORY_PAIR, PAIR_BROKEN, PAIR_COMPLETING, -600000, at, "complete");
	p->us = 1800;
	at = story_fill(p, 1, 13, 6183791, 600, 0, rescue);
	story_pair(p, STORY_PAIR, PAIR_COMPLETING, PAIR_HEDGED, 0, at, "the legs balance");
	/* Follows from the pair without naming it. */
	fact_init(&f, FACT_ALERT);
	fact_text(&f, "a word about it");
	story_put(p, &f, at);
	f = story_fact(p, FACT_FEED, 0xff);
	fact_text(&f, "has nothing to do with it");
	story_put(p, &f, 0);
}

static char story_path[96];

static void story_open(struct pair_story *p)
{
	log_set_level(LOG_ERROR);
	struct store_options o = { .path = story_path, .ring_bytes = 512 * 448 };
	ck_assert_msg(store_open(&o, &p->store) == 0, "%s", err_text());
}

static void story_and_end(void *arg)
{
	struct pair_story p = { 0 };
	(void)arg;
	story_open(&p);
	story_setup(&p);
	story_write(&p);
	ck_assert_int_eq(store_close(p.store), 0);
}

static void story_and_die(void *arg)
{
	struct pair_story p = { 0 };
	(void)arg;
	story_open(&p);
	story_setup(&p);
	story_write(&p);
	raise(SIGKILL);
}

__attribute__((unused)) static void story_open_and_close(void *arg)
{
	struct pair_story p = { 0 };
	(void)arg;
	story_open(&p);
	ck_assert_int_eq(store_close(p.store), 0);
}

/* A store that holds it all, of a host that ended well or was killed. */
__attribute__((unused)) static char *story_make(bool killed)
{
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(killed ? story_and_die : story_and_end, NULL, killed ? SIGKILL : 0);
	return story_path;
}
