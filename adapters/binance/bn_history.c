/* Executions that may have come while nobody listened: whose they are is asked by the venue's number, then they are told as any order's. */
#include "adapters/binance/bn_replies.h"
#include <stdlib.h>
#include <string.h>

#define ORDERS_AT_ONCE \
	32 /* of one answer; those behind them are asked for in a page of their own */

struct met {
	char venue_order[ORDERS_AT_ONCE][VENUE_ID_TEXT];
	unsigned n;
};

static bool is_met(const struct met *t, const char *venue_order)
{
	for (unsigned i = 0; i < t->n; i++)
		if (!strcmp(t->venue_order[i], venue_order))
			return true;
	return false;
}

static bool is_known(const struct binance *b, const struct met *t, const struct exec_report *r)
{
	const struct venue_host *h = &b->venue.host;
	return is_met(t, r->venue_order) || (h->is_counted && h->is_counted(h->core, r));
}

static bool ask_order(struct binance *b, struct bn_session *s, struct met *t,
		      const struct exec_report *r)
{
	memcpy(t->venue_order[t->n++], r->venue_order, VENUE_ID_TEXT);
	s->history_open++;
	if (bn_ask_whose(b, s, r) == 0)
		return true;
	s->history_open--;
	return false;
}

/* Until the last one is read nothing of it counts as known, so a page that has others behind it asks for them itself. */
static bool ask_page(struct binance *b, struct bn_session *s, const struct bn_request *q,
		     int64_t from_id)
{
	if (from_id <= q->from_id)
		return false; /* it does not go on: rather than ask for ever */
	s->history_open++;
	if (bn_ask_history(b, s, q->instrument, from_id, 0) == 0)
		return true;
	s->history_open--;
	return false;
}

/* Each order once, but for executions that are counted already, so that a round which ends before its time (F43) leaves less to the next one; its fills are asked
 * for behind it. False: not all could be. */
static bool ask_whose(struct binance *b, struct bn_session *s, const struct bn_request *q,
		      const struct binance_message *m, int64_t recv_ns)
{
	struct met met = { .n = 0 };
	struct exec_report r;
	struct json_scan j;
	struct json_value row;
	int64_t rows = 0, last = 0, left = INT64_MAX; /* the first one whose order had no room */
	json_scan_value(&j, &m->result);
	json_next(&j);
	while (json_take(&j, &row)) {
		if (binance_trade(&s->exec, &row, recv_ns, &r) || r.instrument != q->instrument) {
			bn_bad_input(b, q->instrument, s->exec.bad, s->exec.why, &row);
			return false;
		}
		int64_t id = strtoll(r.exec, NULL, 10);
		rows++;
		last = id > last ? id : last;
		if (is_known(b, &met, &r))
			continue;
		if (met.n == ORDERS_AT_ONCE)
			left = id < left ? id : left;
		else if (!ask_order(b, s, &met, &r))
			return false;
	}
	if (left == INT64_MAX && rows >= BN_TRADES_LIMIT)
		left = last + 1;
	return !j.error && (left == INT64_MAX || ask_page(b, s, q, left));
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
