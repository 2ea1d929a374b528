/* Proves how a domestic trading day goes by: what is taken in which phase, auctions, breaks, half-second snapshots, locked limits, night sessions that belong to the
 * next day, and the settlement. */
#include "tests/unit/sim/cn_fixture.h"

static struct cn_world w;

static enum cn_refusal place(int64_t now, uint16_t account, uint16_t i, enum side side, int64_t px,
			     int64_t qty, uint64_t *id)
{
	struct cn_request q = cn_world_request(&w, account, i, side, OFFSET_OPEN, px, qty);
	return cn_order(&w.x, now, &q, id);
}

static void begin(int64_t now)
{
	cn_world_init(&w, now);
	cn_world_enter(&w, now);
}

START_TEST(each_phase_takes_what_it_takes)
{
	uint64_t id;
	begin(at(0, H(9, 24)));
	ck_assert_int_eq(place(at(0, H(9, 24)), 0, INDEX, SIDE_BUY, 1000, 1, &id), CN_PHASE);
	ck_assert_int_eq(place(at(0, H(9, 25)), 0, INDEX, SIDE_BUY, 1000, 1, &id), CN_OK);
	struct cn_request q = cn_world_request(&w, 0, INDEX, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	q.tif = TIF_IOC;
	ck_assert_int_eq(cn_order(&w.x, at(0, H(9, 26)), &q, NULL), CN_PHASE);
	const struct cn_cancel c = { .account = 0, .session = w.session[0], .id = id };
	ck_assert_int_eq(cn_cancel(&w.x, at(0, H(9, 27)), &c),
			 CN_OK); /* an auction takes cancels */
	ck_assert_int_eq(place(at(0, H(10, 14)), 0, GOLD, SIDE_BUY, 1000, 1, &id), CN_OK);
	ck_assert_int_eq(place(at(0, H(10, 15)), 0, GOLD, SIDE_BUY, 1000, 1, NULL), CN_PHASE);
	ck_assert_int_eq(place(at(0, H(10, 15)), 0, INDEX, SIDE_BUY, 1000, 1, NULL), CN_OK);
	const struct cn_cancel d = { .account = 0, .session = w.session[0], .id = id };
	ck_assert_int_eq(cn_cancel(&w.x, at(0, H(10, 20)), &d), CN_PHASE);
	ck_assert_int_eq(cn_cancel(&w.x, at(0, H(10, 30)), &d), CN_OK);
	ck_assert_int_eq(cn_phase_of(&w.x, GOLD), PHASE_CONTINUOUS);
	cn_tick(&w.x, at(0, H(11, 30)));
	ck_assert_int_eq(cn_phase_of(&w.x, GOLD), PHASE_BREAK);
	cn_tick(&w.x, at(0, H(15, 0)));
	ck_assert_int_eq(cn_phase_of(&w.x, GOLD), PHASE_CLOSED);
	cn_world_free(&w);
}
END_TEST

START_TEST(an_auction_opens_the_day_at_one_price)
{
	uint64_t id[4];
	begin(at(0, H(9, 25)));
	int64_t now = at(0, H(9, 26));
	ck_assert_int_eq(place(now, 0, INDEX, SIDE_BUY, 1010, 5, &id[0]), CN_OK);
	ck_assert_int_eq(place(now, 1, INDEX, SIDE_SELL, 1000, 3, &id[1]), CN_OK);
	ck_assert_int_eq(place(now, 2, INDEX, SIDE_SELL, 1004, 2, &id[2]), CN_OK);
	ck_assert_int_eq(place(now, 0, INDEX, SIDE_BUY, 990, 2, &id[3]), CN_OK);
	cn_tick(&w.x, at(0, H(9, 30)) - 1);
	ck_assert_uint_eq(w.x.n_trades, 0);
	for (unsigned i = 0; i < w.n_shown; i++)
		if (w.shown[i].instrument == INDEX)
			ck_assert(w.shown[i].n[SIDE_BUY] == 0 && w.shown[i].n[SIDE_SELL] == 0);
	w.n_shown = 0;
	cn_tick(&w.x, at(0, H(9, 30)) + CN_SNAPSHOT_NS);
	ck_assert_uint_eq(w.x.n_trades, 4);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_int_eq(w.x.trade[i].px, 1007); /* the mean of 1010 and 1004 */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(cn_order_of(&w.x, id[i])->state, CN_FILLED);
	ck_assert_int_eq(cn_order_of(&w.x, id[3])->state, CN_WORKING);
	const struct cn_snapshot *s = &w.shown[w.n_shown - 1];
	ck_assert(s->instrument == INDEX && s->open_px == 1007 && s->volume == 5);
	ck_assert(s->n[SIDE_BUY] == 1 && s->level[SIDE_BUY][0].px == 990);
	ck_assert_int_eq(cn_account_of(&w.x, 0)->locked_e8, (1980 + 4) * E8);
	cn_world_free(&w);
}
END_TEST

START_TEST(a_break_gathers_and_its_end_meets)
{
	uint64_t id;
	int64_t now = at(0, H(10, 14));
	begin(now);
	ck_assert_int_eq(place(now, 0, GOLD, SIDE_BUY, 1000, 5, &id), CN_OK);
	cn_world_market(&w, GOLD, at(0, H(10, 20)), 990, 5, 998, 3);
	ck_assert_int_eq(cn_market_trade(&w.x, GOLD, at(0, H(10, 21)),
					 &(struct market_trade){ .px = 997, .qty = 50 }),
			 0);
	ck_assert_int_eq(cn_order_of(&w.x, id)->cum, 0);
	cn_tick(&w.x, at(0, H(10, 30)));
	ck_assert_int_eq(cn_order_of(&w.x, id)->cum, 3);
	ck_assert_int_eq(w.x.trade[0].px, 1000);
	ck_assert_int_eq(w.x.trade[0].at_ns, at(0, H(10, 30)));
	cn_world_free(&w);
}
END_TEST

START_TEST(snapshots_come_twice_a_second_on_change)
{
	int64_t now = at(0, H(9, 40));
	begin(now);
	cn_tick(&w.x, now + S_NS);
	w.n_shown = 0;
	now += 10 * S_NS;
	for (int i = 0; i < 10; i++)
		cn_world_market(&w, CORN, now + i * 40 * MS_NS, 990 + i, 5, 1001, 3);
	ck_assert_uint_eq(w.n_shown, 0);
	ck_assert_int_eq(cn_next_ns(&w.x), now + CN_SNAPSHOT_NS);
	cn_tick(&w.x, now + 700 * MS_NS);
	ck_assert_uint_eq(w.n_shown, 1);
	ck_assert_int_eq(w.shown[0].at_ns, now + CN_SNAPSHOT_NS);
	ck_assert_int_eq(w.shown[0].level[SIDE_BUY][0].px, 999); /* the last of them only */
	ck_assert_int_eq(w.shown[0].settle_px, 1000);
	ck_assert(w.shown[0].limit_lo == 950 && w.shown[0].limit_hi == 1050);
	/* What came and went again is no change. */
	cn_world_market(&w, CORN, now + 710 * MS_NS, 980, 5, 1001, 3);
	cn_world_market(&w, CORN, now + 720 * MS_NS, 999, 5, 1001, 3);
	cn_tick(&w.x, now + 5 * S_NS);
	ck_assert_uint_eq(w.n_shown, 1);
	const struct market_trade t = { .px = 1001, .qty = 2 };
	ck_assert_int_eq(cn_market_trade(&w.x, CORN, now + 6 * S_NS, &t), 0);
	cn_tick(&w.x, now + 7 * S_NS);
	ck_assert_uint_eq(w.n_shown, 2);
	ck_assert(w.shown[1].last_px == 1001 && w.shown[1].volume == 2);
	ck_assert_int_eq(w.shown[1].turnover_e8, 20020 * E8);
	cn_world_free(&w);
}
END_TEST

START_TEST(shfe_shows_five_levels_and_dce_one)
{
	int64_t now = at(0, H(9, 40));
	begin(now);
	for (int i = 0; i < 6; i++)
		for (uint16_t c = GOLD; c <= CORN; c++)
			ck_assert_int_eq(place(now, 0, c, SIDE_BUY, 990 + i, 1, NULL), CN_OK);
	cn_tick(&w.x, now + S_NS);
	ck_assert_uint_eq(w.n_shown, 2);
	ck_assert_uint_eq(w.shown[GOLD].n[SIDE_BUY], 5);
	ck_assert_uint_eq(w.shown[CORN].n[SIDE_BUY], 1);
	ck_assert_int_eq(w.shown[CORN].level[SIDE_BUY][0].px, 995);
	cn_world_free(&w);
}
END_TEST

START_TEST(a_locked_market_shows_one_side)
{
	uint64_t id;
	int64_t now = at(0, H(9, 40));
	begin(now);
	ck_assert_int_eq(place(now, 0, SUGAR, SIDE_BUY, 1051, 1, NULL), CN_ABOVE_LIMIT);
	ck_assert_int_eq(place(now, 0, SUGAR, SIDE_SELL, 949, 1, NULL), CN_BELOW_LIMIT);
	/* The market would trade at 1060: all bid at the limit, nobody offers. */
	cn_world_market(&w, SUGAR, now, 1059, 70, 1061, 30);
	ck_assert_int_eq(place(now, 0, SUGAR, SIDE_BUY, 1050, 4, &id), CN_OK);
	cn_tick(&w.x, now + S_NS);
	const struct cn_snapshot *s = &w.shown[w.n_shown - 1];
	ck_assert(s->n[SIDE_BUY] == 1 && s->n[SIDE_SELL] == 0);
	ck_assert(s->level[SIDE_BUY][0].px == 1050 && s->level[SIDE_BUY][0].qty == 74);
	ck_assert_int_eq(cn_order_of(&w.x, id)->cum, 0);
	const struct cn_cancel c = { .account = 0, .session = w.session[0], .id = id };
	ck_assert_int_eq(cn_cancel(&w.x, now + S_NS, &c), CN_OK);
	ck_assert_uint_eq(cn_count_of(&w.x, 0, SUGAR)->limit_cancels, 1);
	ck_assert_int_eq(place(now + S_NS, 0, SUGAR, SIDE_SELL, 1040, 4, &id), CN_OK);
	ck_assert_int_eq(w.x.trade[0].px, 1050); /* sold at the limit, never beyond it */
	cn_world_free(&w);
}
END_TEST

START_TEST(the_night_belongs_to_the_next_day)
{
	uint64_t id;
	begin(at(0, H(14, 0)));
	ck_assert_int_eq(w.x.day, 20260302);
	ck_assert_int_eq(place(at(0, H(14, 0)), 0, GOLD, SIDE_BUY, 1000, 2, &id), CN_OK);
	ck_assert_int_eq(place(at(0, H(14, 0)), 1, GOLD, SIDE_SELL, 1000, 2, NULL), CN_OK);
	cn_tick(&w.x, at(0, H(15, 10)));
	ck_assert_int_eq(w.x.day, 20260302); /* the index still trades */
	cn_tick(&w.x, at(0, H(15, 15)));
	ck_assert_int_eq(w.x.day, 20260303);
	cn_world_enter(&w, at(0, H(20, 56)));
	ck_assert_int_eq(place(at(0, H(20, 56)), 0, GOLD, SIDE_BUY, 1010, 1, &id), CN_OK);
	ck_assert_int_eq(place(at(0, H(20, 56)), 1, GOLD, SIDE_SELL, 1010, 1, NULL), CN_OK);
	cn_tick(&w.x, at(0, H(21, 1)));
	ck_assert_int_eq(cn_order_of(&w.x, id)->state, CN_FILLED);
	ck_assert_int_eq(cn_order_of(&w.x, id)->trading_day, 20260303);
	ck_assert(w.x.trade[0].trading_day == 20260303);
	ck_assert_int_eq(place(at(0, H(22, 0)), 0, GOLD, SIDE_BUY, 990, 1, &id), CN_OK);
	const struct cn_position *p = cn_position_of(&w.x, 0, GOLD, SIDE_BUY);
	ck_assert(p->today == 1 && p->yesterday == 2);
	cn_tick(&w.x, at(1, H(9, 30)));
	ck_assert(p->today == 1 && p->yesterday == 2); /* one day, with a night between */
	ck_assert_int_eq(cn_order_of(&w.x, id)->state, CN_WORKING);
	cn_tick(&w.x, at(1, H(15, 15)));
	ck_assert(p->today == 0 && p->yesterday == 3);
	cn_world_free(&w);
}
END_TEST

START_TEST(friday_night_belongs_to_monday)
{
	begin(at(4, H(14, 0)));
	cn_tick(&w.x, at(4, H(21, 30)));
	ck_assert_int_eq(w.x.day, 20260309);
	ck_assert_int_eq(cn_phase_of(&w.x, GOLD), PHASE_CONTINUOUS);
	ck_assert_int_eq(cn_phase_of(&w.x, INDEX), PHASE_CLOSED);
	cn_world_free(&w);
}
END_TEST

START_TEST(the_day_ends_with_a_settlement)
{
	uint64_t id;
	int64_t now = at(0, H(14, 0));
	begin(now);
	ck_assert_int_eq(place(now, 0, GOLD, SIDE_BUY, 1020, 2, NULL), CN_OK);
	ck_assert_int_eq(place(now, 1, GOLD, SIDE_SELL, 1020, 2, NULL), CN_OK);
	ck_assert_int_eq(cn_market_trade(&w.x, GOLD, now,
					 &(struct market_trade){ .px = 1040, .qty = 2 }),
			 0);
	ck_assert_int_eq(place(now, 0, GOLD, SIDE_BUY, 1000, 3, &id), CN_OK);
	w.n_report = 0;
	cn_name_settle_px(&w.x, CORN, 1100);
	cn_tick(&w.x, at(0, H(15, 15)));
	ck_assert_uint_eq(w.n_report, 4);
	ck_assert(w.report[0].kind == CN_REPORT_ORDER && w.report[0].order.id == id &&
		  w.report[0].order.state == CN_CANCELLED && w.report[0].order.why == WHY_VENUE);
	ck_assert_int_eq(w.report[1].kind, CN_REPORT_SETTLED);
	ck_assert_int_eq(w.report[1].balance_e8, (1000000 + 200 - 4) * E8);
	ck_assert_int_eq(w.report[2].balance_e8, (1000000 - 200 - 4) * E8);
	ck_assert_int_eq(w.x.view.settle_px[GOLD], 1030);
	ck_assert_int_eq(w.x.view.settle_px[CORN], 1100);
	ck_assert_int_eq(w.x.view.settle_px[SUGAR], 1000);
	ck_assert(w.x.book[GOLD].band.lo == 979 && w.x.book[GOLD].band.hi == 1081);
	ck_assert_int_eq(cn_account_of(&w.x, 0)->locked_e8, 0);
	ck_assert_ptr_null(cn_order_of(&w.x, id));
	ck_assert_int_eq(place(at(0, H(20, 56)), 0, GOLD, SIDE_BUY, 1000, 1, NULL),
			 CN_NOT_LOGGED_IN);
	cn_world_enter(&w, at(0, H(20, 57)));
	uint64_t next;
	ck_assert_int_eq(place(at(0, H(20, 57)), 0, GOLD, SIDE_BUY, 1000, 1, &next), CN_OK);
	ck_assert_uint_gt(next, id); /* numbers go on */
	cn_world_free(&w);
}
END_TEST

START_TEST(rules_change_by_their_date)
{
	int64_t now = at(0, H(14, 0));
	begin(now);
	struct rule r = cn_world_rule();
	r.from_utc_ns = now + 60 * S_NS;
	r.tick = 5;
	r.band_up_ppm = 20000;
	ck_assert_int_eq(instrument_add_rule(&w.instrument[GOLD], &r), 0);
	ck_assert_int_eq(place(now + 59 * S_NS, 0, GOLD, SIDE_BUY, 1031, 1, NULL), CN_OK);
	ck_assert_int_eq(place(now + 60 * S_NS, 0, GOLD, SIDE_BUY, 1011, 1, NULL), CN_TICK);
	ck_assert_int_eq(place(now + 60 * S_NS, 0, GOLD, SIDE_BUY, 1030, 1, NULL), CN_ABOVE_LIMIT);
	cn_world_free(&w);
}
END_TEST

START_TEST(bad_configurations_are_refused)
{
	static struct cn_exchange x;
	begin(at(0, H(14, 0)));
	w.contract[GOLD].calendar = NULL;
	ck_assert_int_eq(cn_init(&x, &w.config, 0, cn_world_report, cn_world_snapshot, &w),
			 -ERR_CONFIG);
	w.contract[GOLD].calendar = &w.night;
	w.config.trades = 100;
	ck_assert_int_eq(cn_init(&x, &w.config, at(0, 0), cn_world_report, cn_world_snapshot, &w),
			 -ERR_CONFIG);
	w.config.n_accounts = CN_ACCOUNTS + 1;
	ck_assert_int_eq(cn_init(&x, &w.config, at(0, 0), cn_world_report, cn_world_snapshot, &w),
			 -ERR_CONFIG);
	cn_world_free(&w);
}
END_TEST

START_TEST(a_full_day_refuses_and_breaks_nothing)
{
	int64_t now = at(0, H(14, 0));
	cn_world_init(&w, now);
	cn_free(&w.x);
	w.config.orders = 3;
	ck_assert_int_eq(cn_init(&w.x, &w.config, now, cn_world_report, cn_world_snapshot, &w), 0);
	cn_world_enter(&w, now);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(place(now, 0, GOLD, SIDE_BUY, 1000, 1, NULL), CN_OK);
	ck_assert_int_eq(place(now, 0, GOLD, SIDE_BUY, 1000, 1, NULL), CN_FULL);
	w.x.n_trades = w.x.config.trades - 1;
	const struct level l = { 990, 5 };
	const struct depth d = { .level = { NULL, &l }, .n = { 0, 1 } };
	ck_assert_int_eq(cn_market_book(&w.x, GOLD, now, &d), -ERR_FULL);
	ck_assert_int_eq(cn_market_trade(&w.x, GOLD, now,
					 &(struct market_trade){ .px = 990, .qty = 1 }),
			 -ERR_FULL);
	cn_world_free(&w);
}
END_TEST

SUITE("cn_day", each_phase_takes_what_it_takes, an_auction_opens_the_day_at_one_price,
      a_break_gathers_and_its_end_meets, snapshots_come_twice_a_second_on_change,
      shfe_shows_five_levels_and_dce_one, a_locked_market_shows_one_side,
      the_night_belongs_to_the_next_day, friday_night_belongs_to_monday,
      the_day_ends_with_a_settlement, rules_change_by_their_date, bad_configurations_are_refused,
      a_full_day_refuses_and_breaks_nothing)
