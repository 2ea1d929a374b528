/* Proves that no bytes make the reader of the ledger or its totals leave their memory; records are also given right checksums and
 * numbers, so that what they say is reached. */
#include "adapters/sim/ledger.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The checksum of the format, written here once more: FNV-1a over what follows it. */
static void seal(struct ledger_record *r, uint64_t seq)
{
	const uint8_t *p = (const uint8_t *)r;
	uint64_t h = 0xcbf29ce484222325ull;
	r->magic = 0x544c4452u;
	r->seq = seq;
	r->kind %= ledger_kind_max;
	r->text[LEDGER_TEXT - 1] = '\0';
	for (size_t i = sizeof r->check; i < sizeof *r; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	r->check = h;
}

static void look(const uint8_t *bytes, size_t len)
{
	static struct ledger_totals t;
	int64_t end = -1;
	if (ledger_scan(bytes, len, NULL, NULL, &end) == 0 && (end < 0 || (size_t)end > len))
		abort();
	if (ledger_totals_scan(bytes, len, &t) != 0)
		return;
	ledger_check(&t);
	ledger_base_e8(&t, 0, t.asset[1]);
	ledger_find_symbol(&t, t.symbol[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	look(bytes, len);
	uint8_t *sealed = malloc(len ? len : 1);
	if (!sealed)
		return 0;
	memcpy(sealed, bytes, len);
	for (size_t i = 0; i < len / sizeof(struct ledger_record); i++) {
		struct ledger_record r;
		memcpy(&r, sealed + i * sizeof r, sizeof r);
		seal(&r, i + 1);
		memcpy(sealed + i * sizeof r, &r, sizeof r);
	}
	look(sealed, len);
	free(sealed);
	return 0;
}
