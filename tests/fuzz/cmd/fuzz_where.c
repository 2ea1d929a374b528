/* Any bytes as a condition on receipts: what is not understood is refused with a caret within what was written, and what is understood answers for every kind of receipt, the
 * same each time, and never both itself and its contrary. */
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/cmd/where.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 4096

/* Names are asked of a reader; receipts without names need none. */
static void look(const struct where *w, const struct where * not )
{
	for (unsigned k = 1; k < fact_kind_max; k++) {
		struct fact f;
		fact_init(&f, (enum fact_kind)k);
		f.seq = k;
		f.utc_ns = 1723161241000000000;
		f.pair = 0x0100010000000005u * (k % 3);
		f.order = k % 2 ? 11 : 0;
		f.leg = k % 5 ? (uint8_t)(k % 2) : 0xff;
		f.side = k % 2;
		f.state = (uint8_t)(k % 7);
		f.px_dp = (uint8_t)(k % 9);
		f.qty_dp = 5;
		f.px = 6183730;
		f.qty = 1000;
		f.fee_e8 = 6183000;
		for (unsigned i = 0; i < FACT_NUMS; i++)
			f.num[i] = (int64_t)(k * 1000 + i) - 30000;
		fact_text(&f, "IOC remainder");
		bool holds = where_holds(w, NULL, &f);
		must(holds == where_holds(w, NULL, &f));
		must(holds != where_holds(not, NULL, &f));
	}
}

static void check_refusal(void)
{
	const char *said = err_text(), *line = strchr(said, '\n');
	must(line != NULL);
	const char *caret = strrchr(said, '^');
	must(caret && caret > line && caret[1] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct where w, not ;
	char text[TEXT_MAX + 1], contrary[TEXT_MAX + 8];
	size_t n = size < TEXT_MAX ? size : TEXT_MAX;
	memcpy(text, data, n);
	text[n] = 0;
	where_all(&w);
	where_all(&not );
	if (where_parse(&w, text)) {
		check_refusal();
		return 0;
	}
	must(w.root >= 0 && w.n <= WHERE_NODES && w.n_columns <= WHERE_NODES);
	strcat(strcat(strcpy(contrary, "not ("), text), ")");
	if (where_parse(&not, contrary)) /* it may have been as long as it may be */
		return 0;
	look(&w, &not );
	struct reader_filter f = { .kind = 1, .instance = 1 };
	where_narrow(&w, NULL, &f);
	return 0;
}
