/* Proves that each request is found by its own id only, and that a late reply finds nothing. */
#include "adapters/binance/bn_requests.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"

START_TEST(ids_are_never_used_twice)
{
	enum { STEPS = 20000 };
	struct bn_requests t;
	struct rng r;
	struct bn_request *live[16];
	uint64_t gone[64] = { 0 }, last = 0;
	unsigned n = 0, n_gone = 0;
	rng_seed(&r, 4);
	ck_assert_int_eq(bn_requests_init(&t, 10), 0);
	ck_assert_uint_eq(t.cap, 16);
	for (int i = 0; i < STEPS; i++) {
		struct bn_request *q =
			rng_chance(&r, 500000) ? bn_requests_add(&t, BN_PLACE) : NULL;
		if (q) {
			EXPECT(q->id / t.cap > last / t.cap && q->id < 1ull << 53);
			last = q->id;
			live[n++] = q;
		} else if (n && rng_chance(&r, 500000)) {
			unsigned k = (unsigned)rng_below(&r, n);
			gone[n_gone++ % 64] = live[k]->id;
			bn_requests_del(&t, live[k]);
			live[k] = live[--n];
		}
		for (unsigned k = 0; k < n; k++)
			EXPECT(bn_requests_find(&t, live[k]->id) == live[k]);
		EXPECT(!bn_requests_find(&t, gone[rng_below(&r, 64)]));
	}
	bn_requests_free(&t);
}
END_TEST

START_TEST(a_full_table_says_so)
{
	struct bn_requests t;
	ck_assert_int_eq(bn_requests_init(&t, 16), 0);
	struct bn_request *first = bn_requests_add(&t, BN_LOGON);
	for (int i = 1; i < 16; i++)
		ck_assert_ptr_nonnull(bn_requests_add(&t, BN_CANCEL));
	ck_assert_ptr_null(bn_requests_add(&t, BN_CANCEL));
	bn_requests_del(&t, first);
	ck_assert_ptr_nonnull(bn_requests_add(&t, BN_CANCEL));
	ck_assert(!bn_requests_find(&t, 0) && !bn_requests_find(&t, UINT64_MAX));
	bn_requests_free(&t);
}
END_TEST

START_TEST(names)
{
	for (int a = 0; a < bn_ask_max; a++)
		ck_assert(bn_ask_name((enum bn_ask)a)[0] != '?');
	ck_assert_str_eq(bn_ask_name(bn_ask_max), "?");
}
END_TEST

SUITE("bn_requests", ids_are_never_used_twice, a_full_table_says_so, names)
