/* Proves that pools are zero, resident from the start (writing into one faults no page), and begin with a cache line. */
#include "core/base/mem.h"
#include "tests/unit/suite.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES 512

START_TEST(zero_and_resident)
{
	enum { page = 4096 };
	unsigned char *p = mem_take(PAGES, page), there[PAGES + 1];
	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < (size_t)PAGES * page; i++)
		EXPECT(p[i] == 0);
	free(p);
	/* Not read, only asked about. */
	p = mem_take(PAGES, page);
	ck_assert_ptr_nonnull(p);
	unsigned char *first = (unsigned char *)(((size_t)p + page - 1) / page * page);
	ck_assert_int_eq(mincore(first, (size_t)(PAGES - 1) * page, there), 0);
	for (size_t i = 0; i < PAGES - 1; i++)
		EXPECT(there[i] & 1);
	free(p);
}
END_TEST

/* Also of what is large enough for huge pages, and not a whole number of them. */
START_TEST(begins_with_a_cache_line)
{
	static const size_t n[] = { 1, 63, 65, 4096, (2u << 20) - 1, (2u << 20) + 1, 5u << 20 };
	for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
		unsigned char *p = mem_take(n[i], 1);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((size_t)p % 64, 0);
		EXPECT(p[0] == 0 && p[n[i] - 1] == 0);
		memset(p, 0xff, n[i]);
		free(p);
	}
	ck_assert_ptr_null(mem_take(SIZE_MAX / 2, 3));
	ck_assert_ptr_null(mem_take(SIZE_MAX - 100, 1));
}
END_TEST

/* The other way: a page is there once it was written, and not before. */
START_TEST(reserved_and_not_resident)
{
	enum { page = 4096 };
	unsigned char there[PAGES], *p = mem_reserve((size_t)PAGES * page);
	ck_assert_ptr_nonnull(p);
	p[7 * page] = 1;
	ck_assert_int_eq(mincore(p, (size_t)PAGES * page, there), 0);
	for (size_t i = 0; i < PAGES; i++)
		EXPECT((there[i] & 1) == (i == 7));
	for (size_t i = 0; i < (size_t)PAGES * page; i++)
		EXPECT(p[i] == (i == 7 * page));
	mem_unreserve(p, (size_t)PAGES * page);
	mem_unreserve(NULL, page);
	ck_assert_ptr_null(mem_reserve(SIZE_MAX / 2));
}
END_TEST

SUITE("mem", zero_and_resident, begins_with_a_cache_line, reserved_and_not_resident)
