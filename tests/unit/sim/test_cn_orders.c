/* Proves what accounts may ask of the domestic exchange: sessions and references, offsets and what they freeze, every refusal, times in force, flow control,
 * limits, counters, and the day's fills told again at a login. */
#include "tests/unit/sim/cn_fixture.h"

static struct cn_world w;
static int64_t now;

static void begin(void)
{
	now = at(0, H(9, 40));
	cn_world_init(&w, now);
	cn_world_enter(&w, now);
}

static enum cn_refusal send(struct cn_request q, uint64_t *id)
{
	w.n_report = 0;
	return cn_order(&w.x, now, &q, id);
}

static uint64_t order(uint16_t account, uint16_t i, enum side side, enum offset o, int64_t px,
		      int64_t qty)
{
	uint64_t id;
	enum cn_refusal r = send(cn_world_request(&w, account, i, side, o, px, qty), &id);
	ck_assert_msg(r == CN_OK, "%s", cn_refusal_name(r));
	return id;
}

static void refuse(struct cn_request q, enum cn_refusal expected)
{
	uint64_t id = 5;
	enum cn_refusal r = send(q, &id);
	ck_assert_str_eq(cn_refusal_name(r), cn_refusal_name(expected));
	ck_assert_uint_eq(id, 0);
	ck_assert_uint_eq(w.n_report, 1);
	ck_assert_int_eq(w.report[0].kind, CN_REPORT_REFUSED);
	ck_assert_int_eq(w.report[0].refusal, expected);
	ck_assert_uint_eq(w.report[0].order.asked.ref, q.ref);
}

static enum cn_refusal withdraw(uint16_t account, uint64_t id)
{
	w.n_report = 0;
	const struct cn_cancel c = { .account = account, .session = w.session[account], .id = id };
	return cn_cancel(&w.x, now, &c);
}

/* Account a opens so many long lots against account b's short ones. */
static void open_both(uint16_t a, uint16_t b, uint16_t i, int64_t qty)
{
	order(a, i, SIDE_BUY, OFFSET_OPEN, 1000, qty);
	order(b, i, SIDE_SELL, OFFSET_OPEN, 1000, qty);
}

static const struct cn_position *lots(uint16_t account, uint16_t i, enum side side)
{
	return cn_position_of(&w.x, account, i, side);
}

static void next_day(void)
{
	now = at(1, H(9, 40));
	cn_tick(&w.x, now);
	cn_world_enter(&w, now);
}

START_TEST(only_who_is_logged_in_and_has_confirmed)
{
	begin();
	cn_logout(&w.x, now, 0);
	refuse(cn_world_request(&w, 0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1), CN_NOT_LOGGED_IN);
	w.session[0] = cn_login(&w.x, now, 0);
	ck_assert_int_eq(cn_order(&w.x, now,
				  &(struct cn_request){ .account = 1, .session = w.session[0] },
				  NULL),
			 CN_NOT_LOGGED_IN);
	order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1); /* confirmed once a day */
	uint32_t before = w.session[0];
	w.session[0] = cn_login(&w.x, now, 0);
	ck_assert_uint_ne(w.session[0], before);
	struct cn_request first = cn_world_request(&w, 0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	first.ref = 1; /* a session's references are its own */
	ck_assert_int_eq(send(first, NULL), CN_OK);
	ck_assert_ptr_nonnull(cn_order_by_ref(&w.x, w.session[0], 1));
	ck_assert_ptr_null(cn_order_by_ref(&w.x, before, 1));
	first.session = before; /* what was queued for the old session goes nowhere */
	first.ref = 2;
	refuse(first, CN_NOT_LOGGED_IN);
	next_day();
	w.session[0] = cn_login(&w.x, now, 0);
	order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	now = at(2, H(9, 40));
	w.session[0] = cn_login(&w.x, now, 0);
	refuse(cn_world_request(&w, 0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1), CN_UNCONFIRMED);
	ck_assert_int_eq(cn_confirm(&w.x, now, 0, 77), CN_NOT_LOGGED_IN);
	cn_world_free(&w);
}
END_TEST

START_TEST(references_rise_and_are_never_used_twice)
{
	begin();
	struct cn_request q = cn_world_request(&w, 0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	ck_assert_int_eq(send(q, NULL), CN_OK);
	refuse(q, CN_DUPLICATE);
	q.ref--;
	refuse(q, CN_DUPLICATE);
	struct cn_request bad = cn_world_request(&w, 0, GOLD, SIDE_BUY, OFFSET_OPEN, 1, 1);
	refuse(bad, CN_BELOW_LIMIT);
	bad.px = 1000;
	refuse(bad, CN_DUPLICATE); /* a refusal uses the reference up as well */
	q.ref = UINT64_C(1) << 40;
	refuse(q, CN_FIELD);
	q = cn_world_request(&w, 0, 9, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	refuse(q, CN_INSTRUMENT);
	cn_world_free(&w);
}
END_TEST

START_TEST(shfe_splits_the_lots)
{
	begin();
	open_both(0, 1, GOLD, 4);
	ck_assert_int_eq(lots(0, GOLD, SIDE_BUY)->today, 4);
	ck_assert_int_eq(lots(1, GOLD, SIDE_SELL)->today, 4);
	refuse(cn_world_request(&w, 0, GOLD, SIDE_SELL, OFFSET_CLOSE, 1001, 1), CN_YESTERDAY_SHORT);
	next_day();
	open_both(0, 1, GOLD, 2);
	refuse(cn_world_request(&w, 0, GOLD, SIDE_SELL, OFFSET_CLOSE_TODAY, 1001, 3),
	       CN_TODAY_SHORT);
	refuse(cn_world_request(&w, 0, GOLD, SIDE_SELL, OFFSET_CLOSE_YESTERDAY, 1001, 5),
	       CN_YESTERDAY_SHORT);
	uint64_t id = order(0, GOLD, SIDE_SELL, OFFSET_CLOSE, 1001, 3);
	ck_assert_int_eq(lots(0, GOLD, SIDE_BUY)->frozen[CN_FROM_YESTERDAY], 3);
	refuse(cn_world_request(&w, 0, GOLD, SIDE_SELL, OFFSET_CLOSE, 1001, 2), CN_YESTERDAY_SHORT);
	ck_assert_int_eq(withdraw(0, id), CN_OK);
	ck_assert_int_eq(lots(0, GOLD, SIDE_BUY)->frozen[CN_FROM_YESTERDAY], 0);
	order(1, GOLD, SIDE_BUY, OFFSET_CLOSE, 1000, 4);
	order(0, GOLD, SIDE_SELL, OFFSET_CLOSE, 1000, 4);
	ck_assert_int_eq(lots(0, GOLD, SIDE_BUY)->yesterday, 0);
	ck_assert_int_eq(lots(0, GOLD, SIDE_BUY)->today, 2);
	ck_assert_int_eq(lots(1, GOLD, SIDE_SELL)->yesterday, 0);
	cn_world_free(&w);
}
END_TEST

START_TEST(elsewhere_one_close_takes_the_oldest)
{
	begin();
	open_both(0, 1, CORN, 4);
	next_day();
	open_both(0, 1, CORN, 2);
	refuse(cn_world_request(&w, 0, CORN, SIDE_SELL, OFFSET_CLOSE, 1001, 7), CN_OVER_CLOSE);
	order(1, CORN, SIDE_BUY, OFFSET_OPEN, 1000, 5);
	order(0, CORN, SIDE_SELL, OFFSET_CLOSE_TODAY, 1000, 5); /* taken as a close */
	ck_assert_int_eq(lots(0, CORN, SIDE_BUY)->yesterday, 0);
	ck_assert_int_eq(lots(0, CORN, SIDE_BUY)->today, 1);
	ck_assert_int_eq(lots(1, CORN, SIDE_BUY)->today, 5); /* beside his short: locked */
	ck_assert_int_eq(lots(1, CORN, SIDE_SELL)->today, 2);
	cn_world_free(&w);
}
END_TEST

START_TEST(money_is_locked_and_given_back)
{
	begin();
	const struct cn_account *a = cn_account_of(&w.x, 0);
	int64_t before = cn_account_available_e8(a);
	uint64_t id = order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 10);
	ck_assert_int_eq(a->locked_e8, (10000 + 20) * E8);
	order(1, GOLD, SIDE_SELL, OFFSET_OPEN, 1000, 4);
	ck_assert_int_eq(a->locked_e8, (6000 + 12) * E8);
	ck_assert_int_eq(withdraw(0, id), CN_OK);
	ck_assert_int_eq(a->locked_e8, 0);
	ck_assert_int_eq(cn_account_available_e8(a), before - (4000 + 8) * E8);
	order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 490);
	order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 490);
	refuse(cn_world_request(&w, 0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 20), CN_MONEY);
	cn_world_free(&w);
}
END_TEST

START_TEST(fak_and_fok_do_not_rest)
{
	begin();
	cn_world_market(&w, CORN, now, 999, 5, 1000, 5);
	struct cn_request q = cn_world_request(&w, 0, CORN, SIDE_BUY, OFFSET_OPEN, 1000, 7);
	q.tif = TIF_FOK;
	uint64_t id;
	ck_assert_int_eq(send(q, &id), CN_OK);
	ck_assert_int_eq(cn_order_of(&w.x, id)->state, CN_CANCELLED);
	ck_assert_int_eq(cn_order_of(&w.x, id)->why, WHY_FOK);
	ck_assert_int_eq(cn_order_of(&w.x, id)->cum, 0);
	q.tif = TIF_IOC;
	q.ref = ++w.ref;
	ck_assert_int_eq(send(q, &id), CN_OK);
	ck_assert_int_eq(cn_order_of(&w.x, id)->state, CN_CANCELLED);
	ck_assert_int_eq(cn_order_of(&w.x, id)->cum, 5);
	ck_assert_uint_eq(w.n_report, 4); /* taken in, its fill, the trade, the rest of it */
	ck_assert_int_eq(w.report[2].kind, CN_REPORT_TRADE);
	ck_assert_int_eq(cn_account_of(&w.x, 0)->locked_e8, 0);
	ck_assert_uint_eq(cn_count_of(&w.x, 0, CORN)->cancels, 2);
	q = cn_world_request(&w, 0, SUGAR, SIDE_BUY, OFFSET_OPEN, 1000, 7);
	q.tif = TIF_FOK;
	refuse(q, CN_UNSUPPORTED);
	cn_world_free(&w);
}
END_TEST

START_TEST(cancels_are_refused_in_words)
{
	begin();
	uint64_t id = order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	ck_assert_int_eq(withdraw(1, id), CN_NO_ORDER); /* not his */
	ck_assert_int_eq(withdraw(0, id + 1), CN_NO_ORDER);
	const struct cn_cancel by_ref = {
		.account = 0, .session = w.session[0], .order_session = w.session[0], .ref = w.ref
	};
	ck_assert_int_eq(cn_cancel(&w.x, now, &by_ref), CN_OK);
	ck_assert_int_eq(cn_cancel(&w.x, now, &by_ref), CN_DONE);
	ck_assert_int_eq(withdraw(0, id), CN_DONE);
	ck_assert_uint_eq(w.n_report, 1);
	ck_assert_int_eq(w.report[0].kind, CN_REPORT_CANCEL_REFUSED);
	ck_assert_uint_eq(w.report[0].order.id, id);
	ck_assert_uint_eq(cn_count_of(&w.x, 0, GOLD)->cancels, 1);
	id = order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	ck_assert(cn_expire(&w.x, now, id));
	ck_assert(!cn_expire(&w.x, now, id));
	ck_assert_int_eq(cn_order_of(&w.x, id)->why, WHY_VENUE);
	ck_assert_uint_eq(cn_count_of(&w.x, 0, GOLD)->cancels, 1);
	ck_assert_int_eq(cn_account_of(&w.x, 0)->locked_e8, 0);
	cn_world_free(&w);
}
END_TEST

START_TEST(a_second_takes_so_many_requests)
{
	begin();
	w.x.config.requests_per_second = 3;
	now += S_NS;
	for (int i = 0; i < 2; i++)
		order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	uint64_t id = order(0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	struct cn_request q = cn_world_request(&w, 0, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	ck_assert_int_eq(send(q, NULL), CN_FLOW);
	ck_assert_uint_eq(w.n_report, 0);
	ck_assert_int_eq(withdraw(0, id), CN_FLOW);
	order(1, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1); /* by account */
	now += S_NS;
	ck_assert_int_eq(send(q, NULL), CN_OK); /* its reference was not used up */
	ck_assert_int_eq(withdraw(0, id), CN_OK);
	cn_world_free(&w);
}
END_TEST

START_TEST(a_day_opens_so_many_lots)
{
	begin();
	w.contract[GOLD].open_limit = 10;
	uint64_t id = order(1, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 6);
	/* Accounts 1 and 2 are one owner's. */
	refuse(cn_world_request(&w, 2, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 5), CN_OPEN_LIMIT);
	order(0, GOLD, SIDE_SELL, OFFSET_OPEN, 1000, 2);
	ck_assert_int_eq(cn_count_of(&w.x, 2, GOLD)->opened, 2);
	ck_assert_int_eq(cn_count_of(&w.x, 2, GOLD)->opening, 4);
	ck_assert_int_eq(withdraw(1, id), CN_OK);
	order(2, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 8);
	refuse(cn_world_request(&w, 1, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 1), CN_OPEN_LIMIT);
	order(1, CORN, SIDE_BUY, OFFSET_OPEN, 1000, 1);
	order(1, GOLD, SIDE_SELL, OFFSET_CLOSE_TODAY, 1001, 2); /* closing is no opening */
	cn_close_only(&w.x, CORN, true);
	refuse(cn_world_request(&w, 1, CORN, SIDE_BUY, OFFSET_OPEN, 1000, 1), CN_CLOSE_ONLY);
	next_day();
	order(2, GOLD, SIDE_BUY, OFFSET_OPEN, 1000, 10);
	cn_world_free(&w);
}
END_TEST

START_TEST(a_self_trade_has_one_id_and_is_counted_once)
{
	begin();
	open_both(1, 1, GOLD, 2);
	ck_assert_uint_eq(cn_count_of(&w.x, 1, GOLD)->self_trades, 1);
	open_both(1, 2, GOLD, 2); /* one owner */
	ck_assert_uint_eq(cn_count_of(&w.x, 1, GOLD)->self_trades, 2);
	open_both(0, 2, GOLD, 2);
	ck_assert_uint_eq(cn_count_of(&w.x, 1, GOLD)->self_trades, 2);
	ck_assert_uint_eq(w.x.n_trades, 6);
	for (uint32_t i = 0; i < 6; i += 2) {
		ck_assert_uint_eq(w.x.trade[i].trade, w.x.trade[i + 1].trade);
		ck_assert_int_ne(w.x.trade[i].side, w.x.trade[i + 1].side);
	}
	open_both(0, 1, CORN, 1);
	ck_assert_uint_eq(w.x.trade[6].trade, w.x.trade[0].trade); /* contracts count alike */
	cn_world_free(&w);
}
END_TEST

START_TEST(a_login_tells_the_day_again)
{
	begin();
	open_both(1, 1, GOLD, 2);
	open_both(0, 1, CORN, 3);
	uint64_t id = order(1, GOLD, SIDE_BUY, OFFSET_OPEN, 999, 1);
	struct cn_trade before[8];
	uint32_t n = 0;
	for (uint32_t i = 0; i < w.x.n_trades; i++)
		if (w.x.trade[i].account == 1)
			before[n++] = w.x.trade[i];
	cn_logout(&w.x, now, 1);
	order(0, GOLD, SIDE_SELL, OFFSET_OPEN, 999, 1); /* fills while nobody listens */
	before[n] = w.x.trade[w.x.n_trades - 2];
	ck_assert_uint_eq(before[n].order, id);
	n++;
	for (int again = 0; again < 2; again++) {
		w.n_report = 0;
		cn_login(&w.x, now, 1);
		ck_assert_uint_eq(w.n_report, 4 + n);
		for (uint32_t i = 0; i < w.n_report; i++) {
			ck_assert(w.report[i].replayed);
			ck_assert_int_eq(w.report[i].account, 1);
			ck_assert_int_eq(w.report[i].kind,
					 i < 4 ? CN_REPORT_ORDER : CN_REPORT_TRADE);
			if (i >= 4) {
				const struct cn_trade *t = &w.report[i].trade, *b = &before[i - 4];
				ck_assert(t->trade == b->trade && t->order == b->order &&
					  t->side == b->side && t->instrument == b->instrument &&
					  t->qty == b->qty);
			}
		}
	}
	next_day();
	cn_login(&w.x, now, 1);
	ck_assert_uint_eq(w.n_report, 0);
	cn_world_free(&w);
}
END_TEST

SUITE("cn_orders", only_who_is_logged_in_and_has_confirmed,
      references_rise_and_are_never_used_twice, shfe_splits_the_lots,
      elsewhere_one_close_takes_the_oldest, money_is_locked_and_given_back, fak_and_fok_do_not_rest,
      cancels_are_refused_in_words, a_second_takes_so_many_requests, a_day_opens_so_many_lots,
      a_self_trade_has_one_id_and_is_counted_once, a_login_tells_the_day_again)
