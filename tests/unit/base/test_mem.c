/* Proves that pools are zero, and resident from the start: writing into one faults no page. */
#include "core/base/mem.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
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

SUITE("mem", zero_and_resident)
