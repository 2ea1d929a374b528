#include "core/cmd/ledger_statement.h"
#include "adapters/sim/ledger.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/row.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct names {
	char asset[LEDGER_ASSETS][LEDGER_TEXT], account[LEDGER_ACCOUNTS][LEDGER_TEXT],
		symbol[LEDGER_INSTRUMENTS][LEDGER_TEXT];
	uint8_t px_dp[LEDGER_INSTRUMENTS], qty_dp[LEDGER_INSTRUMENTS];
	FILE *f;
};

static void learn(struct names *n, const struct ledger_record *r)
{
	if (r->kind == LEDGER_ASSET && r->asset < LEDGER_ASSETS)
		snprintf(n->asset[r->asset], LEDGER_TEXT, "%s", r->text);
	else if (r->kind == LEDGER_ACCOUNT && r->account < LEDGER_ACCOUNTS)
		snprintf(n->account[r->account], LEDGER_TEXT, "%s", r->text);
	else if (r->kind == LEDGER_INSTRUMENT && r->instrument < LEDGER_INSTRUMENTS) {
		snprintf(n->symbol[r->instrument], LEDGER_TEXT, "%s", r->text);
		n->px_dp[r->instrument] = r->body.instrument.px_dp;
		n->qty_dp[r->instrument] = r->body.instrument.qty_dp;
	}
}

static int on_record(void *owner, const struct ledger_record *r)
{
	struct names *n = owner;
	char at[32], px[24], qty[24], fee[24];
	learn(n, r);
	if (r->kind != LEDGER_FILL || r->instrument >= LEDGER_INSTRUMENTS ||
	    r->account >= LEDGER_ACCOUNTS)
		return 0;
	row_time(r->at_ns, at);
	dec_format(r->body.fill.px, n->px_dp[r->instrument], 0, px);
	dec_format(r->body.fill.qty, n->qty_dp[r->instrument], 0, qty);
	dec_format(r->body.fill.fee_e8, 8, 0, fee);
	fprintf(n->f, "%s,%s,%" PRIu64 ",%" PRIu64 ",%s,%s,%s,%s,%s,%s,%s\n", at,
		n->symbol[r->instrument], r->order, r->body.fill.trade,
		r->side == SIDE_BUY ? "BUY" : "SELL", px, qty, fee,
		r->fee_asset < LEDGER_ASSETS ? n->asset[r->fee_asset] : "", n->account[r->account],
		r->maker ? "maker" : "taker");
	return 0;
}

int ledger_statement(const char *path, FILE *f)
{
	struct names *n = calloc(1, sizeof *n);
	if (!n)
		return err_set(ERR_NOMEM, "no memory for the names of a ledger");
	n->f = f;
	fputs("Time(UTC),Symbol,Order ID,Trade ID,Side,Price,Quantity,Fee,Fee Coin,Account,Role\n",
	      f);
	int rc = ledger_read(path, on_record, n, NULL);
	free(n);
	return rc;
}
