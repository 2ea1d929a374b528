/* Proves that the host counts what the exchanges count: cancels as each of them does, linked accounts together, a night with the next day; that a host which is killed at
 * any receipt goes on from the same numbers; that people are told in time; and that what opens is barred at the bound and what closes is not. */
#include "tests/kit/allocs.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"
#include <string.h>

static struct config_exchange_rule rule[2];

/* The perpetual becomes a contract of an exchange. */
static struct rig *counted(struct rig *r)
{
	strcpy(r->in[PERP].exchange, "SHFE");
	rule[0] = (struct config_exchange_rule){ .exchange = "SHFE",
						 .instrument = UINT32_MAX,
						 .from = 20251009,
						 .verified = 20260115,
						 .large_cancel_lots = 300,
						 .burst_messages = 10,
						 .warn_pct = 70,
						 .block_pct = 90 };
	r->cfg.exchange_rule = rule;
	r->cfg.n_exchange_rules = 1;
	tally_free(&r->d.tally);
	ck_assert_int_eq(tally_init(&r->d.tally, &r->cfg), 0);
	return r;
}

static int64_t used(const struct rig *r, enum tally_kind k)
{
	struct tally_use u;
	tally_use(&r->d, k, PERP, PERP, &u);
	return u.used;
}

static struct order *order(struct rig *r, enum tif tif, int64_t qty)
{
	static struct order o;
	o = (struct order){ .id = 77,
			    .instrument = PERP,
			    .account = PERP,
			    .venue = PERP,
			    .instance = POSITION_NOBODY,
			    .tif = (uint8_t)tif,
			    .qty = qty };
	(void)r;
	return &o;
}

static void put(struct rig *r, enum fact_kind k, struct order *o)
{
	struct fact f;
	scribe_order(&r->d, &f, k, o, 0);
	if (k == FACT_CANCELLED)
		tally_note(&r->d, o, &f);
	scribe_put(&r->d, &f);
}

START_TEST(cancels_as_the_exchange_counts_them)
{
	struct rig *r = counted(rig_new());
	struct order *o = order(r, TIF_IOC, 1000);
	put(r, FACT_CANCELLED, o);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 0); /* a remainder of FAK: exempt here */
	rule[0].count_fak = true;
	put(r, FACT_CANCELLED, o);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 1);
	o = order(r, TIF_GTC, 1000);
	put(r, FACT_CANCELLED, o); /* the venue's own will */
	ck_assert_int_eq(used(r, TALLY_CANCELS), 1);
	o->cancel_asked = true;
	put(r, FACT_CANCELLED, o);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 2);
	ck_assert_int_eq(used(r, TALLY_LARGE_CANCELS), 0);
	o->qty = 300000; /* three decimals: 300 lots */
	put(r, FACT_CANCELLED, o);
	ck_assert_int_eq(used(r, TALLY_LARGE_CANCELS), 1);
	ck_assert_int_eq(used(r, TALLY_LIMIT_CANCELS), 0);
	r->in[PERP].rule[0].band_hi = 601000; /* the bid stands there: nobody sells any more */
	put(r, FACT_CANCELLED, o);
	ck_assert_int_eq(used(r, TALLY_LIMIT_CANCELS), 1);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 4);
	rule[0].exempt[0] = 1u << PERP;
	put(r, FACT_CANCELLED, o);
	rule[0].exempt[0] = 0;
	ck_assert_int_eq(used(r, TALLY_CANCELS), 4);
	rig_free(r);
}
END_TEST

/* Through the router: an order that was cancelled, asked for, and told to be cancelled twice is one cancel. */
START_TEST(an_order_is_cancelled_once)
{
	struct rig *r = counted(rig_new());
	rig_plan(r, PERP, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 20 * RIG_SECOND);
	struct fake_order *o = &r->venue[PERP].order[0];
	ck_assert_int_eq(used(r, TALLY_CANCELS), 1);
	fake_report(r, PERP, o, EXEC_CANCELLED);
	rig_pump(r);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 1);
	ck_assert_int_eq(used(r, TALLY_ORDERS), r->venue[PERP].places);
	ck_assert_int_eq(r->d.tally.row[1 * 2 + PERP].n[TALLY_MESSAGES],
			 r->venue[PERP].places + r->venue[PERP].cancels);
	rig_free(r);
}
END_TEST

START_TEST(people_are_told_once_each_and_openings_are_barred)
{
	struct rig *r = counted(rig_new());
	rule[0].limit[TALLY_ORDERS] = 10; /* told at 7, barred at 9 */
	struct order *o = order(r, TIF_GTC, 1000);
	struct pair p = { .n_legs = 1, .intent = INTENT_OPEN };
	p.leg[0] = (struct pair_leg){ .instrument = PERP, .account = PERP, .want_qty = 1000 };
	struct tally_hit hit;
	for (int n = 1; n <= 12; n++) {
		ck_assert_int_eq(tally_gate(&r->d, &p, &hit), n < 10);
		put(r, FACT_SENT, o);
		ck_assert_uint_eq(rig_count(r, FACT_ALERT), n < 7 ? 0 : n < 9 ? 1 : 2);
	}
	ck_assert_int_eq(hit.kind, TALLY_ORDERS);
	ck_assert_int_eq(hit.use.bound, 9);
	ck_assert_int_eq(hit.use.used, 11);
	const struct fact *f = rig_latest(r, FACT_ALERT);
	ck_assert_int_eq(f->num[2], ALERT_EXCHANGE_BOUND);
	ck_assert_int_eq(f->num[0], ALERT_CRITICAL);
	ck_assert_ptr_nonnull(strstr(f->text, "PERP.BTCUSDT: 9 orders"));
	p.intent = INTENT_CLOSE;
	ck_assert(tally_gate(&r->d, &p, &hit));
	p.intent = INTENT_OPEN;
	p.leg[0].instrument = SPOT; /* of no exchange */
	ck_assert(tally_gate(&r->d, &p, &hit));
	rig_free(r);
}
END_TEST

/* What an order would open counts before it is sent. */
START_TEST(lots_opened_are_looked_ahead_at)
{
	struct rig *r = counted(rig_new());
	rule[0].limit[TALLY_OPENED_LOTS] = 100;
	struct fact f;
	scribe_order(&r->d, &f, FACT_FILL, order(r, TIF_GTC, 0), 0);
	f.offset = OFFSET_OPEN;
	f.qty = 60000;
	scribe_put(&r->d, &f);
	f.offset = OFFSET_CLOSE;
	scribe_put(&r->d, &f);
	ck_assert_int_eq(used(r, TALLY_OPENED_LOTS), 60);
	struct pair p = { .n_legs = 1, .intent = INTENT_OPEN };
	p.leg[0] = (struct pair_leg){ .instrument = PERP, .account = PERP, .want_qty = 30000 };
	struct tally_hit hit;
	ck_assert(tally_gate(&r->d, &p, &hit));
	p.leg[0].want_qty = 31000;
	ck_assert(!tally_gate(&r->d, &p, &hit));
	ck_assert_int_eq(hit.kind, TALLY_OPENED_LOTS);
	rig_free(r);
}
END_TEST

/* What one of them has opened, the other may not open any more. */
START_TEST(linked_accounts_open_together)
{
	struct rig *r = rig_new();
	strcpy(r->ca[SPOT].group, "us");
	strcpy(r->ca[PERP].group, "us");
	counted(r);
	rule[0].limit[TALLY_OPENED_LOTS] = 100;
	rule[0].block_pct = 90;
	tally_free(&r->d.tally);
	ck_assert_int_eq(tally_init(&r->d.tally, &r->cfg), 0);
	struct order *o = order(r, TIF_IOC, 60000);
	struct fact f;
	o->account = SPOT;
	scribe_order(&r->d, &f, FACT_FILL, o, 0);
	f.offset = OFFSET_OPEN;
	f.qty = 60000;
	strcpy(f.exec, "T1");
	scribe_put(&r->d, &f);
	struct pair p = { .n_legs = 1, .intent = INTENT_OPEN };
	p.leg[0] = (struct pair_leg){ .instrument = PERP, .account = PERP, .want_qty = 30000 };
	struct tally_hit hit;
	ck_assert(tally_gate(&r->d, &p, &hit));
	p.leg[0].want_qty = 31000;
	ck_assert(!tally_gate(&r->d, &p, &hit));
	ck_assert(hit.kind == TALLY_OPENED_LOTS && hit.use.used == 60 && hit.use.bound == 90);
	rig_free(r);
}
END_TEST

/* As many orders as it has slices. */
START_TEST(slices_are_orders)
{
	struct rig *r = counted(rig_new());
	rule[0].limit[TALLY_ORDERS] = 4;
	rule[0].block_pct = 100;
	tally_free(&r->d.tally);
	ck_assert_int_eq(tally_init(&r->d.tally, &r->cfg), 0);
	struct pair p = { .n_legs = 1, .intent = INTENT_OPEN, .slices = 4 };
	p.leg[0] = (struct pair_leg){ .instrument = PERP, .account = PERP, .want_qty = 30000 };
	struct tally_hit hit;
	ck_assert(tally_gate(&r->d, &p, &hit));
	p.slices = 5;
	ck_assert(!tally_gate(&r->d, &p, &hit));
	ck_assert_int_eq(hit.kind, TALLY_ORDERS);
	rig_free(r);
}
END_TEST

START_TEST(rules_are_dated_and_a_contract_has_its_own)
{
	struct rig *r = counted(rig_new());
	struct tally_use u;
	rule[0].limit[TALLY_CANCELS] = 500;
	rule[0].from = 20260102;
	rule[1] = rule[0];
	rule[1].instrument = PERP;
	rule[1].limit[TALLY_CANCELS] = 40;
	rule[1].from = 20260103;
	r->cfg.n_exchange_rules = 2;
	ck_assert(
		!tally_use(&r->d, TALLY_CANCELS, PERP, PERP, &u)); /* the first: not yet in force */
	r->d.now.utc_ns += 86400 * RIG_SECOND;
	ck_assert(tally_use(&r->d, TALLY_CANCELS, PERP, PERP, &u));
	ck_assert(u.limit == 500 && u.warn == 350 && u.bound == 450);
	r->d.now.utc_ns += 86400 * RIG_SECOND;
	ck_assert(tally_use(&r->d, TALLY_CANCELS, PERP, PERP, &u));
	ck_assert_int_eq(u.limit, 40);
	ck_assert(!tally_use(&r->d, TALLY_ORDERS, PERP, PERP, &u));
	ck_assert(!tally_use(&r->d, TALLY_CANCELS, SPOT, SPOT, &u));
	rig_free(r);
}
END_TEST

START_TEST(bursts_and_seconds)
{
	struct rig *r = counted(rig_new());
	struct tally_use u;
	rule[0].limit[TALLY_MESSAGES_PER_S] = 300;
	rule[0].limit[TALLY_BURSTS] = 10;
	struct order *o = order(r, TIF_GTC, 1000);
	for (int n = 0; n < 25; n++)
		put(r, n % 2 ? FACT_CANCEL : FACT_SENT, o);
	ck_assert_int_eq(used(r, TALLY_BURSTS), 2); /* none counts into two of them */
	ck_assert(tally_use(&r->d, TALLY_MESSAGES_PER_S, PERP, PERP, &u));
	ck_assert_int_eq(u.used, 25);
	r->d.now.utc_ns += RIG_SECOND;
	ck_assert_int_eq(used(r, TALLY_MESSAGES_PER_S), 0);
	for (int n = 0; n < 9; n++)
		put(r, FACT_SENT, o);
	r->d.now.utc_ns += RIG_SECOND;
	put(r, FACT_SENT, o);
	ck_assert_int_eq(used(r, TALLY_BURSTS), 2);
	ck_assert_int_eq(used(r, TALLY_MESSAGES), 35);
	for (int n = 0; n < 2 * TALLY_WINDOW; n++)
		put(r, FACT_SENT, o);
	ck_assert_int_eq(used(r, TALLY_MESSAGES_PER_S), TALLY_WINDOW);
	rig_free(r);
}
END_TEST

/* A trade that bears one id on both sides, of two linked accounts. */
START_TEST(trades_with_oneself)
{
	struct rig *r = rig_new();
	strcpy(r->ca[SPOT].group, "us");
	strcpy(r->ca[PERP].group, "us");
	counted(r);
	for (uint16_t account = 0; account < 2; account++) {
		struct order *o = order(r, TIF_GTC, 1000);
		struct fact f;
		o->account = account;
		o->side = (uint8_t)account;
		scribe_order(&r->d, &f, FACT_FILL, o, 0);
		strcpy(f.exec, "T1");
		f.qty = 10;
		scribe_put(&r->d, &f);
		scribe_put(&r->d, &f); /* and again, as nobody should */
	}
	ck_assert_int_eq(used(r, TALLY_SELF_TRADES), 1);
	rig_free(r);
}
END_TEST

START_TEST(nothing_is_allocated)
{
	struct rig *r = counted(rig_new());
	rule[0].limit[TALLY_ORDERS] = 1000;
	struct order *o = order(r, TIF_IOC, 1000);
	struct tally_use u;
	allocs_begin();
	for (int n = 0; n < 100; n++) {
		put(r, FACT_SENT, o);
		put(r, FACT_CANCELLED, o);
		tally_use(&r->d, TALLY_ORDERS, PERP, PERP, &u);
	}
	ck_assert_uint_eq(allocs_end(), 0);
	rig_free(r);
}
END_TEST

/* What a list of the receipts says, counted by hand. */
static void by_hand(const struct rig *r, uint32_t n, int64_t count[tally_kind_max])
{
	memset(count, 0, tally_kind_max * sizeof *count);
	for (uint32_t i = 0; i < n; i++) {
		const struct fact *f = &r->journal.fact[i];
		if (f->instrument != r->in[PERP].name_id)
			continue;
		count[TALLY_ORDERS] += f->kind == FACT_SENT;
		count[TALLY_MESSAGES] +=
			f->kind == FACT_SENT || f->kind == FACT_CANCEL || f->kind == FACT_REPLACE;
		count[TALLY_MESSAGES] += f->kind == FACT_CANCEL_ALL ? f->num[1] : 0;
		count[TALLY_CANCELS] += f->kind == FACT_CANCELLED && !f->num[1] &&
					(f->num[5] || f->num[4] == TIF_IOC || f->num[4] == TIF_FOK);
	}
}

/* Every fault, with a checkpoint behind it and an order life behind that, cut at every receipt. */
START_TEST(killed_at_every_receipt)
{
	struct rig *r = counted(rig_new());
	rule[0].count_fak = true;
	fault_cases[_i].play(r);
	if (checkpoint_possible(&r->d))
		checkpoint_write(&r->d);
	put(r, FACT_SENT, order(r, TIF_GTC, 1000));
	for (uint32_t cut = 0; cut <= r->journal.n; cut++) {
		int64_t want[tally_kind_max];
		struct rig *again = counted(rig_reborn(r, cut, true));
		rule[0].count_fak = true;
		rig_recover(again);
		by_hand(again, cut, want);
		for (unsigned k = 0; k < tally_kind_max; k++)
			if (k == TALLY_ORDERS || k == TALLY_CANCELS || k == TALLY_MESSAGES)
				EXPECT_MSG(used(again, (enum tally_kind)k) == want[k],
					   "cut at %u: %lld %s, not %lld", cut,
					   (long long)used(again, (enum tally_kind)k),
					   tally_kind_name((enum tally_kind)k), (long long)want[k]);
		rig_free(again);
	}
	rig_free(r);
}
END_TEST

static void resting(struct rig *r)
{
	rig_plan(r, PERP, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	r->d.instance[0].limits.pair_timeout_ns = r->d.instance[0].limits.leg_timeout_ns =
		3600 * RIG_SECOND;
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &pr));
	rig_pump(r);
}

/* Orders that one message for the whole contract takes off are cancels of ours, each, whenever the host is killed after it; and that message counts for the day. */
START_TEST(cancelled_by_the_contract_and_killed)
{
	struct rig *r = counted(rig_new());
	resting(r);
	resting(r);
	ck_assert_uint_eq(router_cancel_all(&r->d, PERP, PERP, PERP, 0), 2);
	uint32_t sent = 0;
	for (uint32_t i = 0; i < r->journal.n && !sent; i++)
		sent = r->journal.fact[i].kind == FACT_CANCEL_ALL ? i + 1 : 0;
	ck_assert_uint_gt(sent, 0);
	const int64_t messages = used(r, TALLY_MESSAGES), of_day = r->d.venue[PERP].day_sent;
	rig_pump(r);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 2);
	ck_assert_int_eq(messages, 3); /* two orders and one cancel */
	ck_assert_int_eq(of_day, 3);
	for (uint32_t cut = sent; cut <= r->journal.n; cut++) {
		struct rig *again = counted(rig_reborn(r, cut, true));
		rig_recover(again);
		ck_assert_int_ge(again->d.venue[PERP].day_sent, of_day);
		ck_assert_int_ge(used(again, TALLY_MESSAGES), messages);
		for (unsigned l = 0; l < RIG_LEGS; l++)
			rig_venue(again, l, true);
		rig_run(again, 2 * RIG_SECOND);
		ck_assert_uint_eq(router_unknown(&again->d, UINT16_MAX), 0);
		EXPECT_MSG(used(again, TALLY_CANCELS) == 2, "cut at %u: %lld cancels", cut,
			   (long long)used(again, TALLY_CANCELS));
		rig_free(again);
	}
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tally");
	TCase *group = tcase_create("tally");
	tcase_add_test(group, cancels_as_the_exchange_counts_them);
	tcase_add_test(group, an_order_is_cancelled_once);
	tcase_add_test(group, people_are_told_once_each_and_openings_are_barred);
	tcase_add_test(group, lots_opened_are_looked_ahead_at);
	tcase_add_test(group, linked_accounts_open_together);
	tcase_add_test(group, slices_are_orders);
	tcase_add_test(group, rules_are_dated_and_a_contract_has_its_own);
	tcase_add_test(group, bursts_and_seconds);
	tcase_add_test(group, trades_with_oneself);
	tcase_add_test(group, cancelled_by_the_contract_and_killed);
	tcase_add_test(group, nothing_is_allocated);
	tcase_add_loop_test(group, killed_at_every_receipt, 0, (int)n_fault_cases);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
