/* Proves that a peek at a receipt sees what the whole receipt says, of facts with anything in them; and that it refuses what is none. */
#include "core/base/err.h"
#include "store/peek.h"
#include "store/receipt.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/suite.h"

START_TEST(sees_what_the_receipt_says)
{
	struct receipt_encoder *e = receipt_encoder_new();
	struct rng r;
	rng_seed(&r, 4);
	for (int i = 0; i < 20000; i++) {
		struct fact f = facts_any(&r);
		struct peek p;
		const void *bytes;
		size_t n;
		EXPECT(receipt_encode(e, &f, &bytes, &n) == 0);
		EXPECT_MSG(peek_receipt(bytes, n, &p), "fact %d", i);
		EXPECT(p.seq == f.seq && p.kind == f.kind && p.utc_ns == f.utc_ns &&
		       p.pair == f.pair && p.order == f.order && p.instance == f.instance);
	}
	receipt_encoder_free(e);
}
END_TEST

START_TEST(refuses_what_is_none)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "", 0 },
		{ "\x93\x01\x02\x03", 4 },	       /* a list */
		{ "\x82\x01\x05", 3 },		       /* cut */
		{ "\x82\x02\x05\x01\x05", 5 },	       /* falling */
		{ "\x82\x01\x05\x01\x05", 5 },	       /* twice */
		{ "\x81\xa1x\x05", 4 },		       /* a key that is a text */
		{ "\x81\x01\xa1x", 4 },		       /* a sequence that is a text */
		{ "\x81\x01\xcf\x01\x02", 5 },	       /* a number that is cut */
		{ "\x81\x02\xce\x00\x01\x00\x00", 7 }, /* a kind beyond its field */
	};
	struct peek p;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		EXPECT_MSG(!peek_receipt(bad[i].bytes, bad[i].n, &p), "case %zu", i);
}
END_TEST

SUITE("peek", sees_what_the_receipt_says, refuses_what_is_none)
