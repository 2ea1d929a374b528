/* Proves that a receipt gives back the fact that it was made of, that its bytes are those of FORMAT.md, and that bytes from a bad disk are refused. */
#include "core/base/err.h"
#include "store/receipt.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/suite.h"

START_TEST(any_fact_comes_back)
{
	struct rng rng;
	rng_seed(&rng, 1);
	struct receipt_encoder *e = receipt_encoder_new();
	for (int i = 0; i < 20000; i++) {
		struct fact in = facts_any(&rng), out;
		const void *bytes;
		size_t n;
		EXPECT(receipt_encode(e, &in, &bytes, &n) == 0);
		EXPECT(n <= 640);
		EXPECT_MSG(receipt_decode(bytes, n, &out) == 0, "%s", err_text());
		/* Texts may differ behind their end. */
		EXPECT(strcmp(in.text, out.text) == 0 && strcmp(in.exec, out.exec) == 0);
		EXPECT(memcmp(&in, &out, offsetof(struct fact, venue_order)) == 0);
		EXPECT(strcmp(in.venue_order, out.venue_order) == 0);
	}
	receipt_encoder_free(e);
}
END_TEST

/* A fill, byte by byte as FORMAT.md writes it. */
START_TEST(golden_bytes)
{
	struct fact f;
	fact_init(&f, FACT_FILL);
	f.seq = 300;
	f.cause = 299;
	f.utc_ns = 1;
	f.leg = 0;
	f.side = 1;
	f.px = -5;
	f.px_dp = 2;
	f.qty = 70000;
	strcpy(f.exec, "X9");
	f.num[1] = 3;
	static const uint8_t want[] = {
		0x8c,				       /* twelve fields */
		0,    1,			       /* version */
		1,    0xcd,	 1,   44,	       /* seq 300 */
		2,    FACT_FILL,		       /* kind */
		3,    0xcd,	 1,   43,	       /* cause 299 */
		5,    1,			       /* utc_ns */
		12,   0,			       /* leg 0: 0xff would be left out */
		13,   1,			       /* side: sell */
		16,   2,			       /* px_dp */
		24,   0xfb,			       /* px -5 */
		25,   0xce,	 0,   1,   0x11, 0x70, /* qty 70000 */
		28,   0xa2,	 'X', '9',	       /* exec */
		30,   0x92,	 0,   3, /* num[0..1]; zeros at the end are left out */
	};
	struct receipt_encoder *e = receipt_encoder_new();
	const void *bytes;
	size_t n;
	ck_assert_int_eq(receipt_encode(e, &f, &bytes, &n), 0);
	ck_assert_uint_eq(n, sizeof(want));
	ck_assert_mem_eq(bytes, want, n);
	receipt_encoder_free(e);
}
END_TEST

START_TEST(unknown_fields_are_skipped)
{
	/* Of a version to come: key 77 holds a list of maps, key 30 has nine numbers, a text is a key. */
	static const uint8_t later[] = { 0x85, 0,  9,	 1, 5, 77, 0x91, 0x81, 1, 2, 0xa1, 'k',
					 7,    30, 0x99, 1, 2, 3,  4,	 5,    6, 7, 8,	   9 };
	struct fact f;
	ck_assert_int_eq(receipt_decode(later, sizeof(later), &f), 0);
	ck_assert_uint_eq(f.seq, 5);
	ck_assert_uint_eq(f.version, 9);
	ck_assert_uint_eq(f.side, FACT_NO_SIDE);
	ck_assert_int_eq(f.num[7], 8);
}
END_TEST

START_TEST(bad_bytes_are_refused)
{
	static const struct {
		const char *what;
		size_t n;
		uint8_t bytes[12];
	} bad[] = {
		{ "nothing", 0, { 0 } },
		{ "an array", 2, { 0x91, 1 } },
		{ "a map that asks for 4 billion entries", 5, { 0xdf, 0xff, 0xff, 0xff, 0xff } },
		{ "an array of 4 billion", 7, { 0x81, 77, 0xdd, 0xff, 0xff, 0xff, 0xff } },
		{ "a text longer than the bytes", 4, { 0x81, 29, 0xd9, 200 } },
		{ "a cut number", 3, { 0x81, 1, 0xcd } },
		{ "the byte that is never used", 3, { 0x81, 1, 0xc1 } },
		{ "bytes behind the end", 4, { 0x81, 1, 1, 1 } },
		{ "too deep", 9, { 0x81, 77, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 1 } },
		{ "a negative sequence", 3, { 0x81, 1, 0xff } },
		{ "leg 300", 5, { 0x81, 12, 0xcd, 1, 44 } },
		{ "19 decimals", 3, { 0x81, 16, 19 } },
		{ "a price of text", 4, { 0x81, 24, 0xa1, 'x' } },
		{ "a price beyond 64 bits with sign",
		  11,
		  { 0x81, 24, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
		{ "a number for a text", 3, { 0x81, 29, 1 } },
		{ "a number for numbers", 3, { 0x81, 30, 1 } },
		{ "numbers of text", 5, { 0x81, 30, 0x91, 0xa1, 'x' } },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fact f;
		int rc = receipt_decode(bad[i].bytes, bad[i].n, &f);
		ck_assert_msg(rc == -ERR_CORRUPT, "%s gave %d", bad[i].what, rc);
	}
	static const uint8_t huge[RECEIPT_BYTES_MAX + 1] = { 0x80 };
	struct fact f;
	ck_assert_int_eq(receipt_decode(huge, sizeof(huge), &f), -ERR_CORRUPT);
}
END_TEST

START_TEST(long_texts_are_refused)
{
	struct rng rng;
	rng_seed(&rng, 2);
	uint8_t bytes[160] = { 0x81, 29, 0xd9, 128 };
	struct fact f;
	ck_assert_int_eq(receipt_decode(bytes, 4 + 128, &f), -ERR_CORRUPT);
	bytes[3] = 127;
	ck_assert_int_eq(receipt_decode(bytes, 4 + 127, &f), 0);
}
END_TEST

SUITE("receipt", any_fact_comes_back, golden_bytes, unknown_fields_are_skipped,
      bad_bytes_are_refused, long_texts_are_refused)
