/* Proves UTF-8 validation against a decoder that takes the definition literally, on chance bytes
 * and on every code point. */
#include "core/base/rng.h"
#include "core/io/utf8.h"
#include <check.h>
#include <string.h>

/* The definition: decode by the lead byte's length, then check range and shortest form. */
static bool naive(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = p[i] < 0x80       ? 1
			     : p[i] >> 5 == 6  ? 2
			     : p[i] >> 4 == 14 ? 3
			     : p[i] >> 3 == 30 ? 4
					       : 0;
		if (len == 0 || n - i < len)
			return false;
		uint32_t c = len == 1 ? p[i] : p[i] & (0x7fu >> len);
		for (size_t k = 1; k < len; k++) {
			if (p[i + k] >> 6 != 2)
				return false;
			c = c << 6 | (p[i + k] & 63);
		}
		static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
		if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return false;
		i += len;
	}
	return true;
}

static size_t encode(uint32_t c, uint8_t *p)
{
	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t k = len; k-- > 1; c >>= 6)
		p[k] = (uint8_t)(0x80 | (c & 63));
	p[0] = (uint8_t)((0xf00u >> len) | c);
	return len;
}

START_TEST(every_code_point)
{
	uint8_t p[4];
	int wrong = 0;
	for (uint32_t c = 0; c < 0x200000; c++) {
		size_t n = encode(c, p);
		bool ok = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
		wrong += utf8_valid(p, n) != ok;
		if (ok && n > 1)
			wrong += utf8_valid(p, n - 1);
	}
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(chance_bytes_in_chance_pieces)
{
	struct rng r;
	uint8_t p[200];
	int good = 0, bad = 0, wrong = 0;
	rng_seed(&r, 5);
	for (int i = 0; i < 200000; i++) {
		size_t n = 0, want = (size_t)rng_below(&r, 190);
		while (n < want)
			n += encode((uint32_t)rng_below(&r, rng_chance(&r, 900000) ? 128 : 0x11000),
				    p + n);
		if (n && rng_chance(&r, 300000))
			p[rng_below(&r, n)] = (uint8_t)rng_next(&r);
		bool ok = naive(p, n);
		wrong += utf8_valid(p, n) != ok;
		size_t cut = (size_t)rng_below(&r, n + 1);
		uint32_t state = utf8_step(utf8_step(UTF8_OK, p, cut), p + cut, n - cut);
		wrong += (state == UTF8_OK) != ok;
		good += ok;
		bad += !ok;
	}
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_gt(good, 20000);
	ck_assert_int_gt(bad, 20000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("utf8");
	TCase *t = tcase_create("utf8");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_code_point);
	tcase_add_test(t, chance_bytes_in_chance_pieces);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
