/* What answers about orders become: reports that say what the venue said, and unknown where it said nothing. */
#include "adapters/binance/bn_replies.h"
#include "adapters/codec/binance_code.h"
#include "core/base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The report that a request about an order ends in when there is no better one. */
static void report_order(struct binance *b, const struct bn_request *q, enum exec_kind kind,
			 const struct binance_message *m, int64_t recv_ns)
{
	struct exec_report r = q->report;
	r.kind = (uint8_t)kind;
	r.recv_ns = recv_ns;
	r.status = 0;
	r.has_cum = false;
	r.cum = 0;
	r.code = m->code;
	r.reject_class = binance_code_find(m->status, m->code, m->text)->reject_class;
	if (m->text[0])
		snprintf(r.text, sizeof(r.text), "%s", m->text);
	else if (!m->status)
		snprintf(r.text, sizeof(r.text), "no answer to the %s",
			 bn_ask_name((enum bn_ask)q->ask));
	bn_exec(b, &r);
}

static enum binance_fate fate(const struct binance_message *m)
{
	return (enum binance_fate)binance_code_find(m->status, m->code, m->text)->fate;
}

/* Reads an order out of a good answer; false when it cannot be read or is not the one that was asked about. */
static bool read_order(struct binance *b, const struct bn_request *q,
		       const struct binance_message *m, int64_t recv_ns, struct exec_report *r)
{
	struct binance_exec *c = &bn_session_of(b, q)->exec;
	if (binance_order_state(c, &m->result, recv_ns, r)) {
		bn_bad_input(b, q->instrument, c->bad, c->why, &m->result);
		return false;
	}
	if (r->order != q->order || r->instrument != q->instrument) {
		bn_bad_input(b, q->instrument, BAD_UNKNOWN, "an answer about another order",
			     &m->result);
		return false;
	}
	if (r->kind == EXEC_ACK) { /* it names neither */
		r->side = q->report.side;
		r->px = q->report.px;
		r->qty = q->report.qty;
	}
	/* Placing and cancelling happen between the two stamps; what a question finds happened whenever it did. */
	if (r->venue_ns && q->ask != BN_STATUS)
		b->venue.host.on_clock(b->venue.host.core, b->venue.index, q->sent_ns, r->venue_ns,
				       r->venue_ns, recv_ns);
	return true;
}

void bn_on_place(struct binance *b, struct bn_request *q, const struct binance_message *m,
		 int64_t recv_ns)
{
	struct exec_report r;
	if (!bn_good(m)) {
		report_order(b, q, fate(m) == FATE_REFUSED ? EXEC_REJECTED : EXEC_UNKNOWN, m,
			     recv_ns);
		return;
	}
	if (!read_order(b, q, m, recv_ns, &r)) {
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
		return;
	}
	/* Whatever state it shows beyond being taken, the account's events tell in their order. */
	r.kind = EXEC_ACK;
	r.has_cum = false;
	bn_exec(b, &r);
}

void bn_on_cancel(struct binance *b, struct bn_request *q, const struct binance_message *m,
		  int64_t recv_ns)
{
	struct exec_report r;
	const struct bn_order *e = bn_orders_find(&b->orders, q->order);
	if (!bn_good(m)) {
		report_order(b, q, fate(m) == FATE_UNKNOWN ? EXEC_UNKNOWN : EXEC_CANCEL_REJECTED, m,
			     recv_ns);
		return;
	}
	if (!read_order(b, q, m, recv_ns, &r)) {
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
		return;
	}
	/* Ahead of fills that are still on their way its end would be news out of order: the account's events bring it then. */
	if (r.kind != EXEC_STATUS || r.status != ORDER_CANCELLED || !e || e->cum != r.cum)
		return;
	r.kind = EXEC_CANCELLED;
	bn_exec(b, &r);
}

/* Of one that ended meanwhile the account's events tell; the rest of them says what is in force now. */
void bn_on_replace(struct binance *b, struct bn_request *q, const struct binance_message *m,
		   int64_t recv_ns)
{
	struct exec_report r;
	if (!bn_good(m)) {
		report_order(b, q, fate(m) == FATE_UNKNOWN ? EXEC_UNKNOWN : EXEC_REPLACE_REJECTED,
			     m, recv_ns);
		return;
	}
	if (!read_order(b, q, m, recv_ns, &r) || r.kind != EXEC_STATUS) {
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
		return;
	}
	if (r.status == ORDER_CANCELLED || r.status == ORDER_REJECTED)
		return;
	r.kind = EXEC_REPLACED;
	bn_exec(b, &r);
}

/* Every order of it ends by its own report; of those that do not, silence says enough. */
void bn_on_cancel_all(struct binance *b, struct bn_request *q, const struct binance_message *m,
		      int64_t recv_ns)
{
	(void)recv_ns;
	if (!bn_good(m))
		log_warn("%s: %s could not be cancelled whole: %d %d %.90s", b->dialect->name,
			 b->instrument[q->instrument].name, m->status, m->code,
			 m->status ? m->text : "no answer");
}

/* Not found counts only once the venue had time to settle: before, the order may be on its way. */
static bool settled(const struct binance *b, const struct bn_request *q, int64_t recv_ns)
{
	int64_t sent = q->order_sent_ns > 0 && q->order_sent_ns <= recv_ns ? q->order_sent_ns
									   : b->started_ns;
	/* The answer is as old as its question. */
	return q->sent_ns - sent >= b->settle_ns;
}

void bn_on_status(struct binance *b, struct bn_request *q, const struct binance_message *m,
		  int64_t recv_ns)
{
	struct exec_report r;
	if (!bn_good(m)) {
		bool absent = fate(m) == FATE_ABSENT && settled(b, q, recv_ns);
		report_order(b, q, absent ? EXEC_NOT_FOUND : EXEC_UNKNOWN, m, recv_ns);
		return;
	}
	bool read = read_order(b, q, m, recv_ns, &r) && r.kind == EXEC_STATUS;
	if (read && r.cum <= q->known_cum)
		bn_exec(b, &r);
	else if (!read || bn_ask_trades(b, bn_session_of(b, q), q, &r, 0, 0))
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
}

void bn_on_trades(struct binance *b, struct bn_request *q, const struct binance_message *m,
		  int64_t recv_ns)
{
	struct binance_exec *c = &bn_session_of(b, q)->exec;
	struct exec_report r;
	struct json_scan j;
	struct json_value row;
	int64_t sum = q->summed, last = 0, rows = 0;
	bool complete = bn_good(m) && m->result.token == TOKEN_ARRAY;
	json_scan_value(&j, &m->result);
	if (complete)
		json_next(&j);
	while (complete && json_take(&j, &row)) {
		if (binance_trade(c, &row, recv_ns, &r) || r.instrument != q->instrument) {
			bn_bad_input(b, q->instrument, c->bad, c->why, &row);
			complete = false;
			break;
		}
		rows++;
		last = strtoll(r.exec, NULL, 10);
		if (strcmp(r.venue_order, q->report.venue_order) != 0)
			continue;
		r.order = q->order;
		memcpy(r.client, q->report.client, sizeof(r.client));
		r.forced = q->report.forced;
		sum += r.qty;
		bn_exec(b, &r);
	}
	/* A full page that does not explain the quantity has another one behind it. */
	if (complete && sum < q->report.cum && rows == BN_TRADES_LIMIT &&
	    !bn_ask_trades(b, bn_session_of(b, q), q, &q->report, last + 1, sum))
		return;
	/* A list that lags behind the order's own count leaves the outcome open. */
	bool whole = complete && sum >= q->report.cum;
	if (whole)
		bn_exec(b, &q->report);
	else if (q->report.order)
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
	if (q->history)
		bn_history_part(b, bn_session_of(b, q), q->id, whole);
}
