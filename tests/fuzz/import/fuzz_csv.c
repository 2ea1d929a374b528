/* Any bytes as a table of best prices: what is found points into it, what is accepted is sane, and what is refused says why. */
#include "adapters/import/csv.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void inside(struct field f, const uint8_t *bytes, size_t len)
{
	const char *p = (const char *)bytes;
	check(!f.n || (f.p >= p && f.p + f.n <= p + len));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct csv c;
	/* The first line may be a map, to reach that too. */
	const char *p = (const char *)bytes, *end = p + len, *map = NULL;
	char map_text[64] = "";
	if (len && *p == '!') {
		const char *eol = memchr(p, '\n', len);
		size_t n = eol ? (size_t)(eol - p) - 1 : 0;
		memcpy(map_text, p + 1, n < 63 ? n : 63);
		map = map_text;
		p = eol ? eol + 1 : end;
	}
	if (csv_open(&c, p, (size_t)(end - p), map) != 0) {
		check(err_text()[0]);
		return 0;
	}
	check(c.columns.at[COLUMN_BID] >= 0 && c.columns.at[COLUMN_ASK] >= 0 &&
	      c.columns.used <= COLUMNS_MAX);
	check(csv_decimals(&c.px, 3) <= 18 && csv_decimals(&c.qty, 5) <= 18);
	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p)), *stop = eol ? eol : end;
		struct csv_row row;
		struct quote q;
		const char *why = NULL;
		int rc = csv_row(&c, p, (size_t)(stop - p), &row, &why);
		if (rc == 0) {
			check(row.at_ns >= 0 && row.stamp_ns >= 0);
			inside(row.venue, bytes, len);
			inside(row.symbol, bytes, len);
			rc = csv_quote(&c, &row, csv_decimals(&c.px, 3), 2, &q, &why);
			check(rc || (q.qty[SIDE_BUY] >= 0 && q.qty[SIDE_SELL] >= 0));
		}
		check(rc == 0 || (why && *why));
		p = eol ? eol + 1 : end;
	}
	return 0;
}
