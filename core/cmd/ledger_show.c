#include "core/cmd/ledger_show.h"
#include "adapters/sim/ledger.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include <stdlib.h>

static void put_trading(struct json_out *j, const struct ledger_totals *t, unsigned a, unsigned i)
{
	const struct ledger_trading *at = &t->trading[a][i];
	unsigned dp = t->instrument[i].body.instrument.qty_dp;
	if (!at->fills && !at->has_position)
		return;
	json_obj(j, NULL);
	json_str(j, "account", t->account[a]);
	json_str(j, "symbol", t->symbol[i]);
	json_uint(j, "fills", at->fills);
	json_dec(j, "bought", at->qty[SIDE_BUY], dp);
	json_dec(j, "sold", at->qty[SIDE_SELL], dp);
	json_dec(j, "position", at->position, dp);
	json_dec(j, "realised", at->pnl_e8, 8);
	json_obj_end(j);
}

static void describe(struct json_out *j, const struct ledger_totals *t, int checked)
{
	json_obj(j, NULL);
	json_str(j, "venue", t->venue);
	json_uint(j, "orders", t->orders);
	json_uint(j, "fills", t->fills);
	json_uint(j, "rejects", t->rejects);
	json_bool(j, "adds_up", checked == 0);
	if (checked)
		json_str(j, "why", err_text());
	json_arr(j, "trading");
	for (unsigned a = 0; a < LEDGER_ACCOUNTS; a++)
		for (unsigned i = 0; i < LEDGER_INSTRUMENTS; i++)
			put_trading(j, t, a, i);
	json_arr_end(j);
	json_obj_end(j);
}

int ledger_show(const char *path, FILE *f)
{
	char text[32768];
	struct json_out j;
	struct ledger_totals *t = malloc(sizeof *t);
	if (!t)
		return err_set(ERR_NOMEM, "no memory for the sums of a ledger");
	int rc = ledger_totals(path, t);
	if (!rc) {
		rc = ledger_check(t);
		json_out_init(&j, text, sizeof text);
		describe(&j, t, rc);
		fprintf(f, "%s\n", text);
	}
	free(t);
	return rc;
}
