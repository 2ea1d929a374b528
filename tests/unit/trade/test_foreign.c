/* Proves what becomes of orders and executions that are not this host's: whose they are, what they are booked at, and that each end of them lifts what it should and nothing else. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <string.h>

static struct config_instance two[2];

static struct exec_report news(unsigned leg, enum exec_kind kind, const char *order, int64_t qty)
{
	struct exec_report r = { .kind = (uint8_t)kind,
				 .venue = (uint16_t)leg,
				 .account = (uint16_t)leg,
				 .instrument = leg,
				 .side = SIDE_BUY,
				 .status = ORDER_LIVE,
				 .px = leg == SPOT ? 6000000 : 601000,
				 .qty = qty };
	snprintf(r.venue_order, sizeof r.venue_order, "%s", order);
	snprintf(r.client, sizeof r.client, "web-%s", order);
	return r;
}

static struct exec_report fill(unsigned leg, const char *order, const char *exec, int64_t qty)
{
	struct exec_report r = news(leg, EXEC_FILL, order, qty);
	snprintf(r.exec, sizeof r.exec, "%s", exec);
	return r;
}

/* Two orders in one contract and one in another: the fence of each stands until the last of its own is gone. */
START_TEST(a_fence_until_the_last_is_gone)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct exec_report a = news(PERP, EXEC_ACK, "A", 5), b = news(PERP, EXEC_REPLACED, "B", 5);
	struct exec_report c = news(SPOT, EXEC_ACK, "A", 5); /* the same name elsewhere */
	router_on_exec(d, &a);
	router_on_exec(d, &b);
	router_on_exec(d, &c);
	ck_assert_uint_eq(d->foreign.n, 3);
	a.kind = EXEC_CANCELLED;
	snprintf(a.text, sizeof a.text, "by its owner");
	router_on_exec(d, &a);
	ck_assert_ptr_nonnull(strstr(rig_latest(r, FACT_FOREIGN_ORDER)->text, "by its owner"));
	ck_assert_ptr_nonnull(fence_at(d, PERP, PERP));
	ck_assert_ptr_nonnull(fence_at(d, SPOT, SPOT));
	b.kind = EXEC_NOT_FOUND;
	router_on_exec(d, &b);
	ck_assert_ptr_null(fence_at(d, PERP, PERP));
	ck_assert_ptr_nonnull(fence_at(d, SPOT, SPOT));
	c.kind = EXEC_STATUS;
	c.status = ORDER_FILLED; /* an answer that is an end */
	router_on_exec(d, &c);
	ck_assert_ptr_null(fence_at(d, SPOT, SPOT));
	ck_assert_uint_eq(d->foreign.n, 0);
	router_on_exec(d, &c); /* an end of what is not known */
	ck_assert_uint_eq(d->foreign.n, 0);
	rig_free(r);
}
END_TEST

/* Its price and size are the newest that were told; what has filled of it never falls. */
START_TEST(as_it_was_told_last)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct exec_report a = news(PERP, EXEC_ACK, "A", 50);
	router_on_exec(d, &a);
	a.kind = EXEC_REPLACED;
	a.px = 600500;
	a.qty = 40;
	a.has_cum = true;
	a.cum = 7;
	router_on_exec(d, &a);
	const struct foreign_order *o = &d->foreign.row[0];
	ck_assert(o->px == 600500 && o->qty == 40 && o->cum == 7);
	a.px = a.qty = 0; /* not said: as before */
	a.cum = 3;
	router_on_exec(d, &a);
	ck_assert(o->px == 600500 && o->qty == 40 && o->cum == 7);
	a.has_cum = false;
	a.cum = 30;
	router_on_exec(d, &a);
	ck_assert_int_eq(o->cum, 7);
	/* fills: by what the venue says of the sum, else one by one; filled up it is gone */
	struct exec_report f = fill(PERP, "A", "1", 10);
	router_on_exec(d, &f);
	ck_assert_int_eq(o->cum, 17);
	f = fill(PERP, "A", "2", 10);
	f.has_cum = true;
	f.cum = 30;
	router_on_exec(d, &f);
	ck_assert_int_eq(o->cum, 30);
	f = fill(PERP, "A", "3", 10);
	f.has_cum = true;
	f.cum = 12; /* an older word: this one still counts */
	router_on_exec(d, &f);
	ck_assert_uint_eq(d->foreign.n, 0);
	ck_assert_int_eq(positions_total(&d->positions, PERP, PERP), 30);
	rig_free(r);
}
END_TEST

/* Of what nobody here trades with that account, an order is listed by its own venue alone. */
START_TEST(listed_by_its_own_venue)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct exec_report a = news(PERP, EXEC_ACK, "A", 5), b = news(SPOT, EXEC_ACK, "B", 5);
	router_on_exec(d, &a);
	router_on_exec(d, &b);
	d->venue[PERP].reconcile.round++;
	d->venue[SPOT].reconcile.round++;
	router_on_exec(d, &b); /* told in this round too */
	foreign_listed(d, PERP);
	ck_assert(!foreign_works(d, PERP, PERP, true));
	ck_assert(foreign_works(d, SPOT, SPOT, true));
	foreign_listed(d, SPOT);
	ck_assert(foreign_works(d, SPOT, SPOT, true));
	/* an operator lets it work: of his own account and contract only, once */
	unsigned n = rig_count(r, FACT_FOREIGN_ORDER);
	foreign_accept(d, PERP, SPOT);
	foreign_accept(d, SPOT, PERP);
	ck_assert_uint_eq(rig_count(r, FACT_FOREIGN_ORDER), n);
	foreign_accept(d, SPOT, SPOT);
	foreign_accept(d, SPOT, SPOT);
	ck_assert_uint_eq(rig_count(r, FACT_FOREIGN_ORDER), n + 1);
	ck_assert(!foreign_works(d, SPOT, SPOT, false));
	ck_assert(foreign_works(d, SPOT, SPOT, true));
	rig_free(r);
}
END_TEST

/* A late fill of an order of ours that is forgotten: its instance's, if only one trades there; nobody's and fenced, if two do or none. */
START_TEST(a_late_fill_long_forgotten)
{
	for (unsigned traders = 0; traders < 3; traders++) {
		struct rig *r = rig_new();
		struct desk *d = &r->d;
		two[0] = two[1] = r->ci[0];
		snprintf(two[1].name, sizeof two[1].name, "other");
		if (traders < 2)
			two[1].account[PERP] = two[1].account[SPOT] = SPOT;
		if (traders < 1)
			two[0].account[PERP] = SPOT;
		r->cfg.instance = two;
		r->cfg.n_instances = 2;
		d->names.instance[1] = 41;
		struct exec_report x = fill(PERP, "Z", "5", 4);
		x.order = 0x0001000000000077; /* of an earlier life */
		router_on_exec(d, &x);
		bool his = traders == 1;
		const struct fact *f = rig_latest(r, FACT_FOREIGN);
		ck_assert_ptr_nonnull(f);
		ck_assert_uint_eq(f->instance, his ? 40 : 0);
		ck_assert_int_eq(fence_at(d, PERP, PERP) == NULL, his);
		if (!his)
			ck_assert_ptr_nonnull(
				strstr(rig_latest(r, FACT_FENCE)->text, "long forgotten"));
		ck_assert_int_eq(positions_total(&d->positions, PERP, PERP), 4);
		r->cfg.n_instances = 1;
		rig_free(r);
	}
}
END_TEST

/* Fees in the money of the contract, in what was bought, and in a third coin: each is booked as what it is. */
START_TEST(fees_in_any_coin)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	asset_id coin[] = { r->in[SPOT].quote, r->in[SPOT].base, 3 };
	for (unsigned k = 0; k < 3; k++) {
		foreign_book(d, SPOT, SPOT, 0, SIDE_BUY, 6000000, 100, 7, coin[k]);
		ck_assert_int_eq(position_fee_in(d->instance[0].row[SPOT], coin[k]), 7);
	}
	/* the base of a contract that is not spot is no asset that is held: its fee takes nothing away */
	foreign_book(d, PERP, PERP, 0, SIDE_SELL, 601000, 100, 7, r->in[PERP].base);
	ck_assert_int_eq(position_net(d->instance[0].row[PERP]), -100);
	rig_free(r);
}
END_TEST

/* By force, more than any holder has and in parts of a lot: whole lots to whoever holds it, the rest to nobody. */
START_TEST(by_force_and_held_by_nobody)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct exec_report x = fill(PERP, "L", "1", 9);
	x.forced = FORCED_ADL;
	router_on_exec(d, &x); /* nobody holds what it would close */
	ck_assert_int_eq(position_net(positions_at(&d->positions, PERP, PERP, POSITION_NOBODY)), 9);
	ck_assert(!d->instance[0].paused);
	r->in[PERP].rule[0].lot = 10;
	foreign_book(d, PERP, PERP, 0, SIDE_SELL, 601000, 25, 0, 0);
	x = fill(PERP, "L", "2", 40);
	x.forced = FORCED_LIQUIDATION;
	router_on_exec(d, &x);
	ck_assert_int_eq(position_net(d->instance[0].row[PERP]), -5); /* 20 of its 25 */
	ck_assert_int_eq(position_net(positions_at(&d->positions, PERP, PERP, POSITION_NOBODY)),
			 29);
	ck_assert(d->instance[0].paused);
	foreign_book(d, PERP, PERP, 0, SIDE_BUY, 601000, 1, 0, 0);
	x = fill(PERP, "L", "3", 8); /* its 4 are less than a lot: nobody's */
	x.forced = FORCED_LIQUIDATION;
	router_on_exec(d, &x);
	ck_assert_int_eq(position_net(d->instance[0].row[PERP]), -4);
	x = fill(PERP, "L", "4", 8); /* one that sells closes what is long: nobody is */
	x.side = SIDE_SELL;
	x.forced = FORCED_LIQUIDATION;
	router_on_exec(d, &x);
	ck_assert_int_eq(position_net(d->instance[0].row[PERP]), -4);
	rig_free(r);
}
END_TEST

/* Receipts of a table that is full, of a row twice, and of an end without a beginning. */
START_TEST(after_a_restart)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct fact f;
	fact_init(&f, FACT_FOREIGN_ORDER);
	f.qty = 5;
	f.num[1] = 1;
	f.num[2] = 1;
	snprintf(f.venue_order, sizeof f.venue_order, "A");
	fact_text(&f, "works; client id web-A");
	foreign_recall(d, PERP, PERP, &f);
	foreign_recall(d, PERP, PERP, &f);
	ck_assert_uint_eq(d->foreign.n, 1);
	ck_assert_str_eq(d->foreign.row[0].client, "web-A");
	ck_assert(d->foreign.row[0].accepted);
	fact_text(&f, "works");
	f.num[2] = 0;
	foreign_recall(d, PERP, PERP, &f);
	ck_assert_str_eq(d->foreign.row[0].client, "");
	ck_assert(!d->foreign.row[0].accepted);
	f.num[1] = 0;
	foreign_recall(d, SPOT, SPOT, &f); /* ends what was never told */
	ck_assert_uint_eq(d->foreign.n, 1);
	foreign_recall(d, PERP, PERP, &f);
	ck_assert_uint_eq(d->foreign.n, 0);
	f.num[1] = 1;
	for (unsigned i = 0; i <= FOREIGN_ORDERS; i++) {
		snprintf(f.venue_order, sizeof f.venue_order, "S%u", i);
		foreign_recall(d, PERP, PERP, &f);
	}
	ck_assert_uint_eq(d->foreign.n, FOREIGN_ORDERS);
	rig_free(r);
}
END_TEST

SUITE("foreign", a_fence_until_the_last_is_gone, as_it_was_told_last, listed_by_its_own_venue,
      a_late_fill_long_forgotten, fees_in_any_coin, by_force_and_held_by_nobody, after_a_restart)
