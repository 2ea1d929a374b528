/* What an account holds: the parts of a reconciliation, and the account's own events. */
#include "adapters/binance/bn_replies.h"
#include "core/base/err.h"

/* ---- reconciliation ---- */

typedef int (*bn_row)(struct binance *b, struct bn_session *s, const struct json_value *row,
		      int64_t recv_ns);

static int row_order(struct binance *b, struct bn_session *s, const struct json_value *row,
		     int64_t recv_ns)
{
	struct exec_report r;
	int rc = binance_order_state(&s->exec, row, recv_ns, &r);
	if (!rc)
		bn_exec(b, &r);
	return rc;
}

static int row_balance(struct binance *b, struct bn_session *s, const struct json_value *row,
		       int64_t venue_ns)
{
	struct binance_balance x;
	int rc = binance_balance(&s->exec, row, &x);
	if (!rc && x.asset)
		b->venue.host.on_balance(b->venue.host.core, s->account, x.asset, x.free_e8,
					 x.locked_e8, venue_ns);
	return rc;
}

static int row_position(struct binance *b, struct bn_session *s, const struct json_value *row,
			int64_t venue_ns)
{
	struct binance_position x;
	(void)venue_ns;
	int rc = binance_position(&s->exec, row, &x);
	if (rc)
		return rc;
	b->qty_long[x.instrument] += x.qty_long;
	b->qty_short[x.instrument] += x.qty_short;
	b->qty_ns[x.instrument] = x.venue_ns;
	return 0;
}

/* Each row of an array; rows of instruments that are not ours are passed by. False: not all could be read. */
static bool each_row(struct binance *b, struct bn_session *s, const struct json_value *array,
		     bn_row fn, int64_t t)
{
	struct json_scan j;
	struct json_value row;
	if (array->token != TOKEN_ARRAY)
		return false;
	json_scan_value(&j, array);
	json_next(&j);
	while (json_take(&j, &row)) {
		int rc = fn(b, s, &row, t);
		if (rc && rc != -ERR_NOTFOUND) {
			bn_bad_input(b, BAD_NO_BOOK, s->exec.bad, s->exec.why, &row);
			return false;
		}
	}
	return !j.error;
}

void bn_on_open_orders(struct binance *b, struct bn_request *q, const struct binance_message *m,
		       int64_t recv_ns)
{
	struct bn_session *s = bn_session_of(b, q);
	bn_reconcile_part(b, s, BN_OPEN_ORDERS, q->id,
			  bn_good(m) && each_row(b, s, &m->result, row_order, recv_ns));
}

void bn_on_positions(struct binance *b, struct bn_request *q, const struct binance_message *m,
		     int64_t recv_ns)
{
	struct bn_session *s = bn_session_of(b, q);
	(void)recv_ns;
	for (uint32_t i = 0; i < b->n_mine; i++)
		b->qty_long[b->mine[i]] = b->qty_short[b->mine[i]] = b->qty_ns[b->mine[i]] = 0;
	bool whole = bn_good(m) && each_row(b, s, &m->result, row_position, 0);
	/* The whole list names what there is: an instrument that is not in it has no position. */
	for (uint32_t i = 0; whole && i < b->n_mine; i++)
		b->venue.host.on_position(b->venue.host.core, s->account, b->mine[i],
					  b->qty_long[b->mine[i]], b->qty_short[b->mine[i]],
					  b->qty_ns[b->mine[i]]);
	bn_reconcile_part(b, s, BN_POSITIONS, q->id, whole);
}

void bn_on_balances(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns)
{
	static const char *const name[] = { "balances" };
	struct bn_session *s = bn_session_of(b, q);
	struct json_value rows = m->result;
	struct json_scan j;
	(void)recv_ns;
	json_scan_value(&j, &m->result);
	if (rows.token == TOKEN_OBJECT && !json_members(&j, name, &rows, 1)) /* spot wraps them */
		rows = (struct json_value){ 0 };
	bn_reconcile_part(b, s, BN_BALANCES, q->id,
			  bn_good(m) && each_row(b, s, &rows, row_balance, 0));
}

/* ---- an account's own events ---- */

/* Positions as ACCOUNT_UPDATE lists them: only those that changed. */
static int row_changed(struct binance *b, struct bn_session *s, const struct json_value *row,
		       int64_t venue_ns)
{
	struct binance_position x;
	int rc = binance_position(&s->exec, row, &x);
	if (!rc && x.hedge)
		s->due |= 1u << BN_POSITIONS;
	else if (!rc)
		b->venue.host.on_position(b->venue.host.core, s->account, x.instrument, x.qty_long,
					  x.qty_short, venue_ns);
	return rc;
}

void bn_user_event(struct binance *b, struct bn_session *s, const struct json_value *event,
		   int64_t recv_ns)
{
	struct binance_event ev;
	if (binance_event(&s->exec, event, recv_ns, &ev)) {
		bn_bad_input(b, BAD_NO_BOOK, s->exec.bad, s->exec.why, event);
		/* It may have been a fill: as good as a broken line. */
		bn_session_break(s, false, "an event of the account could not be read");
		return;
	}
	switch ((enum binance_event_kind)ev.kind) {
	case BINANCE_EV_EXEC:
		bn_exec(b, &ev.exec);
		break;
	case BINANCE_EV_BALANCES:
		each_row(b, s, &ev.array, row_balance, ev.venue_ns);
		break;
	case BINANCE_EV_ACCOUNT:
		each_row(b, s, &ev.array, row_changed, ev.venue_ns);
		s->due |= 1u << BN_BALANCES; /* it tells wallets, not what is free in them */
		break;
	case BINANCE_EV_LISTEN_KEY:
	case BINANCE_EV_TERMINATED:
	case BINANCE_EV_SHUTDOWN:
		s->api.failures = 0;
		bn_session_break(s, false,
				 binance_event_kind_name((enum binance_event_kind)ev.kind));
		break;
	case BINANCE_EV_TRADE_LITE: /* the whole report follows, with the fee */
	case BINANCE_EV_OTHER:
	case binance_event_kind_max:
		break;
	}
}
