/* Proves which offset an order bears: what is held is closed before anything is opened, the cheaper lots first, and today's are locked only where that is allowed and cheaper. */
#include "core/trade/offset.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

struct want {
	enum offset offset;
	int64_t part;
};

/* All orders that qty comes to, in their order. */
static void comes_to(const struct offset_terms *t, int64_t today, int64_t yesterday, int64_t qty,
		     const struct want *want, unsigned n)
{
	int64_t held[2] = { today, yesterday };
	for (unsigned i = 0; i < n; i++) {
		int64_t part;
		ck_assert_int_gt(qty, 0);
		enum offset got = offset_next(t, held, qty, &part);
		ck_assert_msg(got == want[i].offset && part == want[i].part,
			      "order %u is offset %d for %lld", i, got, (long long)part);
		if (got == OFFSET_CLOSE_TODAY)
			held[0] -= part;
		if (got == OFFSET_CLOSE_YESTERDAY)
			held[1] -= part;
		if (got == OFFSET_CLOSE) {
			int64_t early = held[1] < part ? held[1] : part;
			held[1] -= early;
			held[0] -= part - early;
		}
		qty -= part;
	}
	ck_assert_int_eq(qty, 0);
}
#define COMES_TO(t, today, yesterday, qty, ...)                                  \
	comes_to(t, today, yesterday, qty, (const struct want[]){ __VA_ARGS__ }, \
		 sizeof((const struct want[]){ __VA_ARGS__ }) / sizeof(struct want))

START_TEST(split_exchanges)
{
	const struct offset_terms same = { .splits = true,
					   .today_fee_e8 = 5,
					   .yesterday_fee_e8 = 5 };
	const struct offset_terms dear = { .splits = true,
					   .today_fee_e8 = 9,
					   .yesterday_fee_e8 = 2 };
	COMES_TO(&same, 0, 0, 3, { OFFSET_OPEN, 3 });
	COMES_TO(&same, 5, 5, 3, { OFFSET_CLOSE_TODAY, 3 });
	COMES_TO(&same, 2, 5, 3, { OFFSET_CLOSE_TODAY, 2 }, { OFFSET_CLOSE_YESTERDAY, 1 });
	COMES_TO(&same, 2, 3, 9, { OFFSET_CLOSE_TODAY, 2 }, { OFFSET_CLOSE_YESTERDAY, 3 },
		 { OFFSET_OPEN, 4 });
	/* Closing today costs more: earlier lots first. */
	COMES_TO(&dear, 2, 3, 4, { OFFSET_CLOSE_YESTERDAY, 3 }, { OFFSET_CLOSE_TODAY, 1 });
	COMES_TO(&dear, 2, 0, 2, { OFFSET_CLOSE_TODAY, 2 });
}
END_TEST

START_TEST(one_close_elsewhere)
{
	const struct offset_terms t = { .today_fee_e8 = 9, .yesterday_fee_e8 = 2 };
	COMES_TO(&t, 2, 3, 4, { OFFSET_CLOSE, 4 });
	COMES_TO(&t, 2, 3, 6, { OFFSET_CLOSE, 5 }, { OFFSET_OPEN, 1 });
	COMES_TO(&t, 0, 0, 1, { OFFSET_OPEN, 1 });
}
END_TEST

/* Locked lots are closed later, both sides of them as earlier ones: 2 + 2 x 2 against 9, and not against 6. */
START_TEST(locking)
{
	struct offset_terms t = { .splits = true,
				  .may_lock = true,
				  .today_fee_e8 = 9,
				  .yesterday_fee_e8 = 2,
				  .open_fee_e8 = 2 };
	COMES_TO(&t, 2, 1, 3, { OFFSET_CLOSE_YESTERDAY, 1 }, { OFFSET_OPEN, 2 });
	t.today_fee_e8 = 6;
	COMES_TO(&t, 2, 1, 3, { OFFSET_CLOSE_YESTERDAY, 1 }, { OFFSET_CLOSE_TODAY, 2 });
	t.today_fee_e8 = 9;
	t.may_lock = false;
	COMES_TO(&t, 2, 1, 3, { OFFSET_CLOSE_YESTERDAY, 1 }, { OFFSET_CLOSE_TODAY, 2 });
	t = (struct offset_terms){
		.may_lock = true, .today_fee_e8 = 9, .yesterday_fee_e8 = 2, .open_fee_e8 = 2
	};
	COMES_TO(&t, 2, 1, 3, { OFFSET_CLOSE, 1 }, { OFFSET_OPEN, 2 });
}
END_TEST

/* Closing lots of two days is two orders of one leg: both intents before any bytes (I6), both sent, and the pair is one. */
START_TEST(two_orders_of_one_leg)
{
	struct rig *r = rig_new();
	struct instrument *in = &r->d.instrument[PERP];
	struct order *leg[4] = { 0 };
	unsigned n = 0;
	in->caps.offsets = 1u << OFFSET_OPEN | 1u << OFFSET_CLOSE | 1u << OFFSET_CLOSE_TODAY |
			   1u << OFFSET_CLOSE_YESTERDAY;
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	struct position *row = r->d.instance[0].row[PERP];
	int64_t held = row->qty[SIDE_SELL][0];
	ck_assert(held > 3 && row->qty[SIDE_BUY][0] == 0);
	row->qty[SIDE_SELL][1] = held / 3; /* some of them are yesterday's now */
	row->qty[SIDE_SELL][0] = held - held / 3;
	uint32_t places = r->venue[PERP].places;
	p = rig_propose(r, INTENT_CLOSE, 100);
	ck_assert_ptr_nonnull(p);
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&r->d.blotter, &at));)
		if (o->leg == PERP)
			leg[n++] = o;
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(r->venue[PERP].places, places + 2);
	ck_assert_uint_eq(leg[0]->parent, leg[1]->id);
	ck_assert(leg[1]->offset == OFFSET_CLOSE_TODAY && leg[1]->qty == held - held / 3);
	ck_assert(leg[0]->offset == OFFSET_CLOSE_YESTERDAY && leg[0]->qty == held / 3);
	rig_finish(r, p, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	for (unsigned day = 0; day < 2; day++)
		ck_assert(row->qty[SIDE_SELL][day] == 0 && row->qty[SIDE_BUY][day] == 0);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* A close that works holds its lots: what is ordered meanwhile opens. */
START_TEST(lots_that_are_being_closed)
{
	struct rig *r = rig_new();
	r->d.instrument[PERP].caps.offsets = 1u << OFFSET_OPEN | 1u << OFFSET_CLOSE;
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, 5 * RIG_SECOND);
	rig_plan(r, PERP, FATE_SILENT_REST, FATE_FILL);
	p = rig_propose(r, INTENT_CLOSE, 100);
	ck_assert_ptr_nonnull(p);
	struct order *o =
		router_order(&r->d, p, PERP, SIDE_BUY, p->leg[PERP].limit_px, 5, true, p->cause);
	ck_assert_ptr_nonnull(o);
	ck_assert_int_eq(o->offset, OFFSET_OPEN);
	rig_free(r);
}
END_TEST

SUITE("offset", two_orders_of_one_leg, lots_that_are_being_closed, split_exchanges,
      one_close_elsewhere, locking)
