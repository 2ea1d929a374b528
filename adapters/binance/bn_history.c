/* Executions that may have come while nobody listened: whose they are is asked by the venue's number, then they are told as any order's. */
#include "adapters/binance/bn_replies.h"
#include <string.h>

#define ORDERS_AT_ONCE 32 /* of one answer; those behind them come with the next reconciliation */

struct met {
	char venue_order[ORDERS_AT_ONCE][VENUE_ID_TEXT];
	unsigned n;
};

static bool first_met(struct met *t, const char *venue_order)
{
	for (unsigned i = 0; i < t->n; i++)
		if (!strcmp(t->venue_order[i], venue_order))
			return false;
	memcpy(t->venue_order[t->n++], venue_order, VENUE_ID_TEXT);
	return true;
}

/* Each order once; its fills are asked for behind it. False: not all could be. */
static bool ask_whose(struct binance *b, struct bn_session *s, struct bn_request *q,
		      const struct binance_message *m, int64_t recv_ns)
{
	struct met met = { .n = 0 };
	struct exec_report r;
	struct json_scan j;
	struct json_value row;
	unsigned rows = 0;
	json_scan_value(&j, &m->result);
	json_next(&j);
	while (json_take(&j, &row)) {
		rows++;
		if (binance_trade(&s->exec, &row, recv_ns, &r) || r.instrument != q->instrument) {
			bn_bad_input(b, q->instrument, s->exec.bad, s->exec.why, &row);
			return false;
		}
		if (!first_met(&met, r.venue_order))
			continue;
		s->history_open++;
		if (bn_ask_whose(b, s, &r)) {
			s->history_open--;
			return false;
		}
		if (met.n == ORDERS_AT_ONCE)
			return false;
	}
	return !j.error && rows < BN_TRADES_LIMIT;
}

void bn_on_history(struct binance *b, struct bn_request *q, const struct binance_message *m,
		   int64_t recv_ns)
{
	struct bn_session *s = bn_session_of(b, q);
	bool whole = bn_good(m) && m->result.token == TOKEN_ARRAY && ask_whose(b, s, q, m, recv_ns);
	bn_history_part(b, s, q->id, whole);
}

void bn_on_whose(struct binance *b, struct bn_request *q, const struct binance_message *m,
		 int64_t recv_ns)
{
	struct bn_session *s = bn_session_of(b, q);
	struct exec_report r;
	if (!bn_good(m) || binance_order_state(&s->exec, &m->result, recv_ns, &r) ||
	    r.kind != EXEC_STATUS || strcmp(r.venue_order, q->report.venue_order)) {
		bn_history_part(b, s, q->id, false);
		return;
	}
	/* What it says of the order comes behind its fills. */
	q->order = r.order;
	if (bn_ask_trades(b, s, q, &r, 0, 0))
		bn_history_part(b, s, q->id, false);
}
