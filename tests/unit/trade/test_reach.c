/* Proves what of a market is counted on: nothing better than the newest best price, nothing that our own orders took or did not find, until the market says otherwise. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

/* An order that buys the perpetual and takes at once: its offers are at 60,100.1 and up, 5,000 each. */
static struct order buys(int64_t px, enum tif tif)
{
	return (struct order){
		.instrument = PERP, .side = SIDE_BUY, .tif = (uint8_t)tif, .px = px
	};
}

static int64_t offers(const struct rig *r, int64_t limit)
{
	__int128 value;
	int64_t worst;
	return reach_walk(&r->d, PERP, SIDE_SELL, 100000, limit, &value, &worst);
}

static void newest(struct rig *r, int64_t ask, int64_t qty)
{
	struct quote q = r->d.feed[PERP].top.q;
	q.seq++;
	q.px[SIDE_SELL] = ask;
	q.qty[SIDE_SELL] = qty;
	ck_assert_uint_eq(feed_quote(&r->d.feed[PERP], &q).refused, REFUSED_NOT);
}

START_TEST(test_walk)
{
	struct rig *r = rig_new();
	__int128 value;
	int64_t worst, px;
	ck_assert_int_eq(reach_walk(&r->d, PERP, SIDE_SELL, 7000, 0, &value, &worst), 7000);
	ck_assert_int_eq(worst, 601002);
	ck_assert(value == (__int128)5000 * 601001 + (__int128)2000 * 601002);
	ck_assert_int_eq(offers(r, 601003), 15000);
	newest(r, 601003, 300); /* what the depth shows better than that is gone */
	ck_assert_int_eq(offers(r, 601002), 0);
	ck_assert_int_eq(offers(r, 601003), 300);
	ck_assert_int_eq(offers(r, 601004), 5300);
	newest(r, 601000, 40); /* before all of the depth */
	ck_assert_int_eq(offers(r, 601001), 5040);
	ck_assert(reach_best(&r->d, PERP, SIDE_SELL, &px));
	ck_assert_int_eq(px, 601000);
	newest(r, 601000, 0); /* nobody offers */
	ck_assert(!reach_best(&r->d, PERP, SIDE_SELL, &px));
	rig_free(r);
}
END_TEST

START_TEST(test_own_takes)
{
	struct rig *r = rig_new();
	struct order o = buys(601001, TIF_IOC), rests = buys(601001, TIF_GTC);
	reach_on_sent(&r->d, &rests);
	reach_on_fill(&r->d, &rests, 1000); /* of the other side of the book: nothing is taken */
	ck_assert_int_eq(offers(r, 601001), 5000);
	reach_on_sent(&r->d, &o);
	reach_on_fill(&r->d, &o, 4900);
	ck_assert_int_eq(offers(r, 601001), 100);
	reach_on_fill(&r->d, &o, 600); /* and of the next level */
	ck_assert_int_eq(offers(r, 601002), 4500);
	newest(r, 601001, 4999); /* the market has spoken since */
	ck_assert_int_eq(offers(r, 601001), 4999);
	reach_on_fill(&r->d, &o, 10); /* a report that is older than that */
	ck_assert_int_eq(offers(r, 601001), 4999);
	rig_free(r);
}
END_TEST

START_TEST(test_what_was_not_there)
{
	struct rig *r = rig_new();
	struct order o = buys(601002, TIF_IOC), all_or_none = buys(601009, TIF_FOK);
	int64_t px;
	reach_on_sent(&r->d, &o);
	reach_on_short(&r->d, &o);
	ck_assert_int_eq(offers(r, 601002), 10000); /* once may be the venue's own doing */
	reach_on_short(&r->d, &all_or_none);	    /* and that says nothing of a part */
	ck_assert_int_eq(offers(r, 601002), 10000);
	reach_on_sent(&r->d, &o);
	reach_on_short(&r->d, &o);
	ck_assert_int_eq(offers(r, 601002), 0);
	ck_assert_int_eq(offers(r, 601003), 5000);
	ck_assert(reach_best(&r->d, PERP, SIDE_SELL, &px));
	ck_assert_int_eq(px, 601003);
	r->d.now.mono_ns += RIG_SECOND; /* it is not believed for ever */
	ck_assert_int_eq(offers(r, 601002), 10000);
	reach_on_sent(&r->d, &o);
	reach_on_short(&r->d, &o);
	reach_on_sent(&r->d, &o);
	reach_on_short(&r->d, &o);
	ck_assert_int_eq(offers(r, 601002), 0);
	newest(r, 601001, 5001);
	ck_assert_int_eq(offers(r, 601002), 10001);
	rig_free(r);
}
END_TEST

SUITE("reach", test_walk, test_own_takes, test_what_was_not_there)
