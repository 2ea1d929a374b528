/* Proves that messages leave in their order and never before their time, that a later one never overtakes, and that the bound holds. */
#include "adapters/sim/server_fifo.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <string.h>

START_TEST(test_order_and_time)
{
	struct server_fifo f = { 0 };
	const uint8_t *p;
	ck_assert_int_eq(server_fifo_next(&f), INT64_MAX);
	ck_assert_int_eq(server_fifo_put(&f, 50, "one", 3), 0);
	ck_assert_int_eq(server_fifo_put(&f, 20, "", 0), 0);
	ck_assert_int_eq(server_fifo_put(&f, 90, "three", 5), 0);
	static const int64_t at[] = { 50, 50, 90 };
	static const char *const text[] = { "one", "", "three" };
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(server_fifo_next(&f), at[i]);
		size_t n = server_fifo_peek(&f, &p);
		ck_assert(n == strlen(text[i]) && memcmp(p, text[i], n) == 0);
		server_fifo_drop(&f);
	}
	ck_assert_int_eq(server_fifo_next(&f), INT64_MAX);
	server_fifo_free(&f);
}
END_TEST

START_TEST(test_many)
{
	struct server_fifo f = { 0 };
	uint8_t text[300];
	const uint8_t *p;
	uint32_t in = 0, out = 0;
	srand(1);
	for (int i = 0; i < 200000; i++) {
		if (rand() % 100 < 52 && in - out < 5000) {
			memset(text, (int)(in & 0xff), sizeof text);
			EXPECT(server_fifo_put(&f, in, text, in % sizeof text) == 0);
			in++;
		} else if (out < in) {
			EXPECT(server_fifo_next(&f) == out);
			size_t n = server_fifo_peek(&f, &p);
			EXPECT(n == out % sizeof text);
			EXPECT(n == 0 || (p[0] == (out & 0xff) && p[n - 1] == (out & 0xff)));
			server_fifo_drop(&f);
			out++;
		}
	}
	server_fifo_free(&f);
}
END_TEST

START_TEST(test_bound)
{
	struct server_fifo f = { 0 };
	uint8_t *big = calloc(1, 1 << 20);
	int n = 0, rc;
	while ((rc = server_fifo_put(&f, 1, big, 1 << 20)) == 0)
		n++;
	ck_assert_int_eq(rc, -ERR_FULL);
	ck_assert_int_eq(n, 15);
	server_fifo_drop(&f);
	ck_assert_int_eq(server_fifo_put(&f, 1, big, 1 << 20), 0);
	server_fifo_free(&f);
	free(big);
}
END_TEST

SUITE("server_fifo", test_order_and_time, test_many, test_bound)
