/* Proves that the table holds exactly the orders that may still work. */
#include "adapters/binance/bn_orders.h"
#include "tests/unit/suite.h"
#include <string.h>

static struct order order(uint64_t id)
{
	return (struct order){ .id = id, .qty = 10, .px = 5, .instrument = 1, .side = SIDE_SELL };
}

static struct exec_report report(uint64_t id, enum exec_kind kind, enum order_state st, int64_t cum)
{
	return (struct exec_report){ .order = id,
				     .kind = kind,
				     .status = st,
				     .has_cum = cum >= 0,
				     .cum = cum,
				     .venue_order = "28" };
}

START_TEST(ends_take_an_order_out)
{
	static const struct {
		enum exec_kind kind;
		enum order_state st;
		int64_t cum;
		bool ends;
	} rows[] = {
		{ EXEC_ACK, ORDER_LIVE, -1, false },
		{ EXEC_FILL, ORDER_LIVE, 9, false },
		{ EXEC_FILL, ORDER_LIVE, 10, true },
		{ EXEC_FILL, ORDER_LIVE, -1, false },
		{ EXEC_CANCELLED, ORDER_LIVE, 3, true },
		{ EXEC_REJECTED, ORDER_LIVE, -1, true },
		{ EXEC_NOT_FOUND, ORDER_LIVE, -1, true },
		{ EXEC_UNKNOWN, ORDER_LIVE, -1, false },
		{ EXEC_CANCEL_REJECTED, ORDER_LIVE, -1, false },
		{ EXEC_STATUS, ORDER_LIVE, 2, false },
		{ EXEC_STATUS, ORDER_FILLED, 10, true },
		{ EXEC_STATUS, ORDER_CANCELLED, 2, true },
		{ EXEC_STATUS, ORDER_REJECTED, 0, true },
		{ EXEC_BUST, ORDER_LIVE, -1, false },
	};
	struct bn_orders t;
	ck_assert_int_eq(bn_orders_init(&t, 4), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct order o = order(i + 1);
		struct exec_report r = report(i + 1, rows[i].kind, rows[i].st, rows[i].cum);
		ck_assert_ptr_nonnull(bn_orders_add(&t, &o, 0));
		bn_orders_report(&t, &r);
		const struct bn_order *e = bn_orders_find(&t, i + 1);
		ck_assert_msg((e == NULL) == rows[i].ends, "row %zu", i);
		if (e) {
			ck_assert_str_eq(e->venue_order, "28");
			ck_assert_int_eq(e->cum, rows[i].cum > 0 ? rows[i].cum : 0);
		}
		bn_orders_del(&t, i + 1);
		ck_assert_uint_eq(t.n_free, 4);
	}
	bn_orders_free(&t);
}
END_TEST

START_TEST(bounded_and_without_doubles)
{
	struct bn_orders t;
	struct order o = order(1);
	ck_assert_int_eq(bn_orders_init(&t, 2), 0);
	struct bn_order *e = bn_orders_add(&t, &o, 3);
	ck_assert(e && e->session == 3 && bn_orders_add(&t, &o, 4) == e && e->session == 3);
	o.id = 2;
	ck_assert_ptr_nonnull(bn_orders_add(&t, &o, 0));
	o.id = 3;
	ck_assert_ptr_null(bn_orders_add(&t, &o, 0));
	o.id = 0;
	ck_assert_ptr_null(bn_orders_add(&t, &o, 0));
	bn_orders_del(&t, 1);
	bn_orders_del(&t, 77);
	o.id = 3;
	ck_assert_ptr_nonnull(bn_orders_add(&t, &o, 0));
	struct exec_report r = report(99, EXEC_CANCELLED, ORDER_LIVE, 1);
	bn_orders_report(&t, &r); /* not one of ours: nothing */
	bn_orders_free(&t);
}
END_TEST

SUITE("bn_orders", ends_take_an_order_out, bounded_and_without_doubles)
