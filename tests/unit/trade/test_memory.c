/* Proves that a desk that finds no memory, at whichever of its requests, says so, and that what it had taken is given back. */
#include "core/base/err.h"
#include "core/base/mem.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned left = UINT32_MAX; /* so many requests are still met */

/* The linker puts these in the place of the two (tests.cmake). */
void *__real_calloc(size_t n, size_t size);
void *__real_mem_take(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_mem_take(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	if (left != UINT32_MAX && left-- == 0)
		return left = UINT32_MAX, NULL;
	return __real_calloc(n, size);
}

void *__wrap_mem_take(size_t n, size_t size)
{
	if (left != UINT32_MAX && left-- == 0)
		return left = UINT32_MAX, NULL;
	return __real_mem_take(n, size);
}

START_TEST(at_every_request)
{
	static const struct desk_sizes sizes = {
		.orders = 64, .pairs = 8, .positions = 32, .timers = 512, .book_levels = 64
	};
	struct rig *r = rig_new();
	snprintf(r->in[PERP].exchange, sizeof r->in[PERP].exchange,
		 "X"); /* there is something to count */
	unsigned refused = 0;
	for (unsigned n = 0;; n++) {
		struct desk d = { .cfg = &r->cfg, .instrument = r->in, .env = r->d.env };
		left = n;
		int rc = desk_init(&d, &sizes);
		bool all_met = left != UINT32_MAX;
		left = UINT32_MAX;
		desk_free(&d);
		if (all_met) {
			ck_assert_int_eq(rc, 0);
			break;
		}
		ck_assert_msg(rc == -ERR_NOMEM, "request %u: %d", n, rc);
		ck_assert_msg(strstr(err_text(), "no memory") != NULL, "%s", err_text());
		refused++;
	}
	ck_assert_uint_gt(refused, 30);
	rig_free(r);
}
END_TEST

SUITE("memory", at_every_request)
