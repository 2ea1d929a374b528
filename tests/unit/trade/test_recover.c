/* Proves that a host killed at any point of any fault ends its pairs, sends nothing twice, and that a checkpoint keeps all that matters. */
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"
#include <string.h>

static bool at_rest(struct rig *r)
{
	uint32_t at = 0;
	for (const struct pair *p; (p = pairs_each(&r->d.pairs, &at));)
		if (p->dirty || (!pair_over((enum pair_state)p->state) && p->state != PAIR_HELD) ||
		    pair_open_orders(p))
			return false;
	return true;
}

/* Recovers, brings the venues back one after the other, and lets what is unfinished finish. */
static void revive(struct rig *r)
{
	uint32_t cut = r->journal.n;
	unsigned sent = r->venue[SPOT].n_orders + r->venue[PERP].n_orders;
	rig_recover(r);
	rig_pump(r);
	rig_venue(r, SPOT, true);
	rig_run(r, 100 * RIG_MS);
	rig_venue(r, PERP, true);
	for (int i = 0; i < 400 && !at_rest(r); i++)
		rig_run(r, 100 * RIG_MS);
	EXPECT_MSG(at_rest(r), "cut at %u: pairs are still working after 40 s", cut);
	rig_audit(r);
	for (uint32_t i = cut; i < r->journal.n; i++) {
		const struct fact *f = &r->journal.fact[i];
		EXPECT_MSG(f->kind != FACT_ORDER || f->num[2], "cut at %u: an opening order", cut);
	}
	uint32_t at = 0, pairs = 0;
	for (const struct pair *p; (p = pairs_each(&r->d.pairs, &at));) {
		EXPECT_MSG(pair_over((enum pair_state)p->state),
			   "cut at %u: held (%s) with both venues up", cut,
			   held_cause_name((enum held_cause)p->held_cause));
		pairs++;
	}
	/* Balanced by the venues' own word; what a stranger traded there is his. */
	int64_t left = rig_truth_base_e8(r);
	for (uint16_t l = 0; l < RIG_LEGS; l++)
		left -= instrument_base_e8(
			&r->in[l],
			position_net(positions_at(&r->d.positions, l, l, POSITION_NOBODY)), 0);
	int64_t tolerance = 8334 * (1 + pairs); /* 5 USDT of BTC a pair */
	EXPECT_MSG(left <= tolerance && left >= -tolerance,
		   "cut at %u: %lld base units are left, %u orders before", cut, (long long)left,
		   sent);
}

/* Did a venue do anything just as that receipt was the last? Only then it matters on which side of the cut it falls. */
static bool eventful(const struct rig *r, uint32_t cut)
{
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		const struct fake_venue *f = &r->venue[l];
		for (uint32_t i = 0; i < f->n_orders; i++)
			if (f->order[i].seen_at == cut || f->order[i].ended_at == cut)
				return true;
		for (uint32_t i = 0; i < f->n_fills; i++)
			if (f->fill[i].seen_at == cut || f->fill[i].busted_at == cut)
				return true;
	}
	return false;
}

START_TEST(test_every_cut_of_a_case)
{
	struct rig *r = rig_new();
	fault_cases[_i].play(r);
	for (uint32_t cut = 0; cut <= r->journal.n; cut++)
		for (int with = !eventful(r, cut); with < 2; with++) {
			struct rig *again = rig_reborn(r, cut, with);
			revive(again);
			rig_free(again);
		}
	rig_free(r);
}
END_TEST

/* Killed again while it was recovering. */
START_TEST(test_cut_of_a_cut)
{
	struct rig *r = rig_new();
	fault_cases[_i].play(r);
	for (uint32_t cut = 3; cut < r->journal.n; cut += 9) {
		struct rig *again = rig_reborn(r, cut, true);
		revive(again);
		for (uint32_t second = cut + 1; second <= again->journal.n; second += 5) {
			struct rig *third = rig_reborn(again, second, second % 2);
			revive(third);
			rig_free(third);
		}
		rig_free(again);
	}
	rig_free(r);
}
END_TEST

static void same_row(const struct rig *a, const struct rig *b, unsigned leg)
{
	const struct position *x = a->d.instance[0].row[leg], *y = b->d.instance[0].row[leg];
	ck_assert_int_eq(position_net(x), position_net(y));
	ck_assert_int_eq(x->cash_e8, y->cash_e8);
	for (asset_id asset = 1; asset < a->cfg.assets.n; asset++)
		ck_assert_int_eq(position_fee_in(x, asset), position_fee_in(y, asset));
	ck_assert_int_eq(positions_total(&a->d.positions, (uint16_t)leg, leg),
			 positions_total(&b->d.positions, (uint16_t)leg, leg));
}

/* A checkpoint and nothing else: positions, cash, fees, the round and the held pair come back equal. */
START_TEST(test_checkpoint_round_trip)
{
	struct rig *r = rig_new();
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	position_charge(r->d.instance[0].row[SPOT], asset_find(&r->cfg.assets, "BNB"), 12345);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	r->ci[0].rescue_budget_e8 = 1000000000000;
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 50);
	rig_finish(r, p, RIG_SECOND);
	p->spent_e8 = 777;
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert(checkpoint_possible(&r->d));
	checkpoint_write(&r->d);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	for (unsigned l = 0; l < RIG_LEGS; l++)
		same_row(r, again, l);
	struct pair *q = pairs_find(&again->d.pairs, p->id);
	ck_assert_ptr_nonnull(q);
	ck_assert_int_eq(q->state, PAIR_HELD);
	ck_assert_int_eq(q->held_cause, p->held_cause);
	ck_assert_int_eq(q->intent, p->intent);
	ck_assert_int_eq(q->lots, p->lots);
	ck_assert_int_eq(q->spent_e8, p->spent_e8);
	ck_assert_int_eq(q->target_base_e8, p->target_base_e8);
	ck_assert_uint_eq(q->round, p->round);
	ck_assert_uint_eq(again->d.instance[0].round.id, r->d.instance[0].round.id);
	ck_assert_str_eq(q->reason, p->reason);
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		ck_assert_int_eq(q->leg[l].cum_qty, p->leg[l].cum_qty);
		ck_assert_int_eq(q->leg[l].cum_value_e8, p->leg[l].cum_value_e8);
		ck_assert_int_eq(q->leg[l].fee_base_e8, p->leg[l].fee_base_e8);
		ck_assert_int_eq(q->leg[l].want_qty, p->leg[l].want_qty);
	}
	rig_free(again);
	rig_free(r);
}
END_TEST

/* I10: a host that was told to stop opening does not come back opening, with a checkpoint behind the order or without. */
START_TEST(test_kill_outlives_the_host)
{
	struct rig *r = rig_new();
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	risk_set_state(&r->d, RISK_HALTED, "risk", "enough");
	struct rig *plain = rig_reborn(r, r->journal.n, true);
	rig_recover(plain);
	ck_assert_int_eq(plain->d.risk_state, RISK_HALTED);
	checkpoint_write(&r->d);
	struct rig *framed = rig_reborn(r, r->journal.n, true);
	rig_recover(framed);
	ck_assert_int_eq(framed->d.risk_state, RISK_HALTED);
	ck_assert_ptr_null(rig_propose(framed, INTENT_OPEN, 100));
	risk_set_state(&r->d, RISK_ACTIVE, "risk", "checked");
	struct rig *armed = rig_reborn(r, r->journal.n, true);
	rig_recover(armed);
	ck_assert_int_eq(armed->d.risk_state, RISK_ACTIVE);
	rig_free(armed);
	rig_free(framed);
	rig_free(plain);
	rig_free(r);
}
END_TEST

/* An instance that is flat has no round after a restart either. */
START_TEST(test_round_ends_with_the_position)
{
	struct rig *r = rig_new();
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	struct rig *open = rig_reborn(r, r->journal.n, true);
	rig_recover(open);
	ck_assert_uint_ne(r->d.instance[0].round.id, 0);
	ck_assert_uint_eq(open->d.instance[0].round.id, r->d.instance[0].round.id);
	rig_finish(r, rig_propose(r, INTENT_CLOSE, 100), RIG_SECOND);
	struct rig *closed = rig_reborn(r, r->journal.n, true);
	rig_recover(closed);
	ck_assert_uint_eq(r->d.instance[0].round.id, 0);
	ck_assert_uint_eq(closed->d.instance[0].round.id, 0);
	rig_free(open);
	rig_free(closed);
	rig_free(r);
}
END_TEST

/* A cancel that went out before the crash is still ours when its answer is found afterwards (F67 is one that nobody asked for). */
START_TEST(test_cancel_outlives_the_host)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_REST, FATE_FILL);
	r->venue[PERP].mute_cancel = true;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	for (int i = 0; i < 1000 && !rig_count(r, FACT_CANCEL); i++)
		rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(rig_count(r, FACT_CANCEL), 1);
	ck_assert_uint_eq(rig_count(r, FACT_CANCELLED), 0);
	ck_assert_ptr_nonnull(p);
	fake_end(r, PERP, fake_last(r, PERP));
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	rig_venue(again, SPOT, true);
	rig_venue(again, PERP, true);
	for (int i = 0; i < 1000 && !rig_count(again, FACT_CANCELLED); i++)
		rig_run(again, 10 * RIG_MS);
	const struct fact *f = rig_latest(again, FACT_CANCELLED);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->num[2], 1);
	rig_free(again);
	rig_free(r);
}
END_TEST

/* With durability against loss of power a pair may be refused after its orders were intended: none of them was sent, and none is asked for. */
START_TEST(test_refused_before_it_was_sent)
{
	struct rig *r = rig_new();
	r->cfg.store.durability_power = true;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(rig_count(r, FACT_ORDER), 2);
	exec_cancel(&r->d, p, 0);
	ck_assert_int_eq(p->state, PAIR_REFUSED);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 0);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	rig_venue(again, SPOT, true);
	rig_venue(again, PERP, true);
	rig_run(again, RIG_SECOND);
	ck_assert_uint_eq(rig_count(again, FACT_QUERY), 0);
	ck_assert_uint_eq(rig_count(again, FACT_UNKNOWN), 0);
	rig_free(again);
	rig_free(r);
}
END_TEST

/* What an order was sent for is in the checkpoint too: a hedge comes back as a hedge, not as a rescue. */
START_TEST(test_kept_orders_know_their_role)
{
	struct rig *r = rig_new();
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, RIG_SECOND);
	uint32_t at = p->first_order;
	struct order *o = blotter_each_of(&r->d.blotter, &at);
	struct order *other = blotter_each_of(&r->d.blotter, &at);
	ck_assert_ptr_nonnull(o);
	ck_assert_ptr_nonnull(other);
	o->rescue = o->hedge = true;
	checkpoint_write(&r->d);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	const struct order *hedge = blotter_find(&again->d.blotter, o->id);
	const struct order *plain = blotter_find(&again->d.blotter, other->id);
	ck_assert_ptr_nonnull(hedge);
	ck_assert_ptr_nonnull(plain);
	ck_assert(hedge->hedge && hedge->rescue);
	ck_assert(!plain->hedge && !plain->rescue);
	rig_free(again);
	rig_free(r);
}
END_TEST

/* Receipts about what is forgotten change nothing; those that money depends on are refused by name. */
START_TEST(test_receipts_of_what_is_gone)
{
	static const struct {
		enum fact_kind kind;
		bool framed; /* behind the start of a checkpoint */
		int rc;
	} rows[] = {
		{ FACT_LEG, false, 0 },
		{ FACT_PLAN, false, 0 },
		{ FACT_ORDER, false, 0 },
		{ FACT_ORDER_KEPT, true, 0 },
		{ FACT_ACK, false, 0 },
		{ FACT_CANCEL, false, 0 },
		{ FACT_REPLACE, false, 0 },
		{ FACT_TRANSFER, false, 0 },
		{ FACT_ROUND, false, 0 },
		{ FACT_OPERATOR, false, 0 },
		{ FACT_POSITION, false, 0 },
		{ FACT_POSITION, true, -ERR_CONFIG },
		{ FACT_FENCE, false, 0 },
		{ FACT_FOREIGN_ORDER, false, 0 },
		{ FACT_WATERMARK, false, 0 },
		{ FACT_RECONCILE, false, 0 },
		{ FACT_FOREIGN, false, -ERR_CONFIG },
		{ FACT_FILL, false, -ERR_CONFIG },
		{ FACT_BUST, false, -ERR_CONFIG },
		{ FACT_PAIR, false, -ERR_CONFIG },
	};
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		for (unsigned named = 0; named < 3;
		     named++) { /* nothing, the contract, and its account are known */
			struct rig *r = rig_new();
			struct recover rec;
			struct fact f;
			ck_assert_int_eq(recover_begin(&rec, &r->d), 0);
			fact_init(&f, FACT_CHECKPOINT);
			f.seq = 1;
			if (rows[i].framed)
				ck_assert_int_eq(recover_fact(&rec, &f), 0);
			fact_init(&f, rows[i].kind);
			f.seq = 2;
			f.pair = f.order = 999;
			f.instance = 9999; /* none of that name is configured */
			f.instrument = named > 0 ? r->in[SPOT].name_id : 9998;
			f.account = named > 1 ? r->d.names.account[SPOT] : 9997;
			f.state = rows[i].kind == FACT_PAIR ? PAIR_HELD : 0;
			f.qty = f.num[0] = 7;
			bool whose =
				named == 2 &&
				(rows[i].kind == FACT_FENCE || rows[i].kind == FACT_FOREIGN_ORDER ||
				 rows[i].kind == FACT_WATERMARK || rows[i].kind == FACT_RECONCILE);
			if (whose)
				f.instance = 0; /* nobody's is somebody */
			ck_assert_msg(recover_fact(&rec, &f) == rows[i].rc, "row %u, %u known: %s",
				      i, named, err_text());
			ck_assert_uint_eq(r->d.positions.n, r->d.cfg->n_instances * RIG_LEGS);
			recover_end(&rec);
			rig_free(r);
		}
}
END_TEST

/* What the configuration no longer has is an error where money depends on it, and says which receipt. */
START_TEST(test_missing_configuration)
{
	struct rig *r = rig_new();
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	checkpoint_write(&r->d);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	again->in[PERP].name_id = 999;
	struct recover rec;
	ck_assert_int_eq(recover_begin(&rec, &again->d), 0);
	int rc = 0;
	for (uint32_t i = 0; i < again->journal.n && !rc; i++)
		rc = recover_fact(&rec, &again->journal.fact[i]);
	ck_assert_int_eq(rc, -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "put it back"));
	map_free(&rec.name);
	rig_free(again);
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recover");
	TCase *group = tcase_create("checkpoint");
	tcase_add_test(group, test_checkpoint_round_trip);
	tcase_add_test(group, test_kill_outlives_the_host);
	tcase_add_test(group, test_round_ends_with_the_position);
	tcase_add_test(group, test_missing_configuration);
	tcase_add_test(group, test_cancel_outlives_the_host);
	tcase_add_test(group, test_refused_before_it_was_sent);
	tcase_add_test(group, test_kept_orders_know_their_role);
	tcase_add_test(group, test_receipts_of_what_is_gone);
	suite_add_tcase(suite, group);
	for (unsigned i = 0; i < n_fault_cases; i++) {
		group = tcase_create(fault_cases[i].name);
		tcase_add_loop_test(group, test_every_cut_of_a_case, (int)i, (int)i + 1);
		tcase_add_loop_test(group, test_cut_of_a_cut, (int)i, (int)i + 1);
		suite_add_tcase(suite, group);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
