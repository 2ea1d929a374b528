/* Any bytes as DIFF packs: what is accepted is sane, what is refused says why, and numbers that were read are within their scale. */
#include "adapters/codec/diff_md.h"
#include "adapters/codec/diff_pack.h"
#include "adapters/codec/diff_trade.h"
#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static const struct instrument instruments[] = {
	{ .symbol = "SHFE.au2704", .px_dp = 2, .qty_dp = 0 },
	{ .symbol = "SHFE.cu1612", .px_dp = 1, .qty_dp = 0 },
};
static struct symbols symbols;
static struct diff_md md;
static struct diff_user user;

static void look(void)
{
	struct level level[side_max][DIFF_LEVELS];
	struct depth d;
	for (uint32_t k = 0; k < md.n_changed; k++) {
		uint32_t i = md.changed[k];
		check(i < 2);
		if (!diff_md_book(&md, i, instruments[i].px_dp, 0, 1800000000000000000, level,
				  &d)) {
			check(md.why[0]);
			continue;
		}
		check(d.venue_ns >= 0);
		for (unsigned s = 0; s < side_max; s++)
			for (uint32_t l = 0; l < d.n[s]; l++)
				check(level[s][l].qty > 0);
	}
	diff_md_taken(&md);
	for (uint32_t k = 0; k < user.orders.n_listed; k++)
		check(user.orders.listed[k] < user.orders.n &&
		      diff_order_at(&user, user.orders.listed[k])->listed);
	diff_table_taken(&user.orders);
	check(user.trades.n <= 4 && user.n_notifies <= DIFF_NOTIFIES);
	user.n_notifies = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct diff_user_sizes sizes = { 4, 4, 4 };
	struct diff_pack p;
	struct json_value part[diff_part_max];
	if (!symbols.n)
		check(!symbols_init(&symbols, instruments, 2, 0) &&
		      !diff_md_init(&md, &symbols, 2) && !diff_user_init(&user, "user1", &sizes));
	diff_md_reset(&md);
	diff_user_reset(&user);
	if (!diff_pack_open(&p, (const char *)bytes, len)) {
		check(p.why && p.why[0]);
		return 0;
	}
	int rc = 0;
	while (!rc && diff_pack_next(&p, part)) {
		if (part[DIFF_QUOTES].token)
			rc = diff_md_quotes(&md, &part[DIFF_QUOTES]);
		if (!rc && part[DIFF_STATUS].token)
			rc = diff_md_status(&md, &part[DIFF_STATUS]);
		check(!rc || md.why[0]);
		if (!rc && part[DIFF_TRADE].token)
			rc = diff_user_trade(&user, &part[DIFF_TRADE]);
		if (!rc && part[DIFF_NOTIFY].token)
			rc = diff_user_notify(&user, &part[DIFF_NOTIFY]);
		check(rc <= 0);
	}
	look();
	return 0;
}
