/* Any bytes as a statement: the first line its header, the others its rows. What is taken has a number, a symbol and a side, and its decimals are in range. */
#include "adapters/import/statement.h"
#include "core/base/dec.h"
#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static size_t line_of(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	return end ? (size_t)(end - p) : n;
}

static void good(struct statement_dec d)
{
	check(!d.known || d.dp <= DEC_DP_MAX);
	check(statement_dec_cmp(d, d) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct statement s;
	struct statement_row row;
	const char *p = (const char *)data;
	uint64_t line = 1;
	size_t len = line_of(p, n);
	int rc = statement_open(&s, p, len, NULL);
	s.comma = n % 2;
	for (; rc == 0 && len < n; line++) {
		p += len + 1;
		n -= len + 1;
		len = line_of(p, n);
		if (statement_row(&s, line, p, len, &row) != 1)
			continue;
		check(row.exec[0] || row.order[0] || row.symbol[0]);
		check(row.side == SIDE_BUY || row.side == SIDE_SELL);
		check(row.px.known && row.qty.known && row.qty.v >= 0);
		good(row.px);
		good(row.qty);
		good(row.fee);
	}
	statement_close(&s);
	return 0;
}
