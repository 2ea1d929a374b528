/* Proves how an order is changed in place, a contract cancelled whole, the dead-man switch armed, and executions are asked for that nobody heard. */
#include "core/base/err.h"
#include "tests/unit/binance/world.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world *w;

static void working(void)
{
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	EXECS(w, 0, EXEC_ACK);
}

static int replace(int64_t px, int64_t qty)
{
	struct order o = world_order(7);
	int rc = w->venue->ops->replace(w->venue, &o, px, qty);
	env_flush(w->host);
	world_run(w, 20);
	return rc;
}

START_TEST(an_order_is_changed_in_place)
{
	const char *asked;
	working();
	peer_script(
		&w->peer, "order.modify", 200,
		"\"result\":{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"" OURS
		"\",\"price\":\"61900\",\"origQty\":\"0.020\",\"executedQty\":\"0.004\","
		"\"status\":\"PARTIALLY_FILLED\",\"side\":\"BUY\",\"updateTime\":1767225600500}");
	ck_assert_int_eq(replace(6190000, 20), 0);
	ck_assert_uint_eq(peer_asked(&w->peer, "order.modify", &asked), 1);
	EXECS(w, 1, EXEC_REPLACED);
	const struct exec_report *r = world_last(w);
	ck_assert(r->px == 6190000 && r->qty == 20 && r->has_cum && r->cum == 4 && r->order == 7);
	/* Refused: it works on as it was. Not known to the venue: ask. A timeout there is no refusal. */
	static const struct {
		int status;
		const char *body;
		enum exec_kind kind;
		enum reject_class why;
	} rows[] = {
		{ 400, REFUSED("-5027", "No need to modify the order."), EXEC_REPLACE_REJECTED,
		  REJECT_OTHER },
		{ 400, REFUSED("-2013", "Order does not exist."), EXEC_REPLACE_REJECTED,
		  REJECT_GONE },
		{ 408, REFUSED("-1007", "Timeout"), EXEC_UNKNOWN, REJECT_TRANSIENT },
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned before = w->n_execs;
		peer_script(&w->peer, "order.modify", rows[i].status, rows[i].body);
		ck_assert_int_eq(replace(6190000, 30), 0);
		EXECS(w, before, rows[i].kind);
		ck_assert_int_eq(world_last(w)->reject_class, rows[i].why);
	}
	world_free(w);
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	ck_assert_int_eq(replace(6190000, 20), -ERR_UNSUPPORTED);
	world_free(w);
}
END_TEST

START_TEST(a_contract_is_cancelled_whole)
{
	const char *asked;
	working();
	peer_script(&w->peer, "DELETE /fapi/v1/allOpenOrders", 200,
		    "{\"code\":200,\"msg\":\"The operation of cancel all open order is done.\"}");
	ck_assert_int_eq(w->venue->ops->cancel_all(w->venue, 4, 1), 1);
	world_run(w, 20);
	ck_assert_uint_eq(peer_asked(&w->peer, "DELETE /fapi/v1/allOpenOrders?", &asked), 1);
	ck_assert(strstr(asked, "symbol=BTCUSDT") && strstr(asked, "&signature="));
	ck_assert_uint_eq(w->n_execs, 1); /* each order ends by its own report */
	ck_assert_int_lt(w->venue->ops->cancel_all(w->venue, 9, 1), 0);
	world_free(w);
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "openOrders.cancelAll", 400, REFUSED("-2011", "Unknown order sent."));
	ck_assert_int_eq(w->venue->ops->cancel_all(w->venue, 4, 1), 1);
	env_flush(w->host);
	world_run(w, 20);
	ck_assert_uint_eq(peer_asked(&w->peer, "openOrders.cancelAll", NULL), 1);
	ck_assert_uint_eq(w->n_execs, 0);
	world_free(w);
}
END_TEST

#define CANCELED                                                                                       \
	"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"T\":1,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"" OURS         \
	"\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"q\":\"0.010\",\"p\":\"61837.6\",\"x\":\"CANCELED\",\"X\":" \
	"\"CANCELED\",\"i\":28,\"l\":\"0\",\"z\":\"0\",\"L\":\"0\",\"T\":1,\"t\":0,\"m\":false}}"

/* F72: armed for what is traded; a cancel after it has run out is laid to it, one before is not. */
START_TEST(the_dead_man_switch)
{
	const char *asked;
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	peer_script(&w->peer, "POST /fapi/v1/countdownCancelAll", 200,
		    "{\"symbol\":\"BTCUSDT\",\"countdownTime\":\"3000\"}");
	peer_script(&w->peer, "order.place", 200, ACK_7);
	ck_assert_int_eq(w->venue->ops->arm(w->venue, 4, 3000000000), 0); /* nothing is traded */
	world_place_7(w);
	world_run(w, 50);
	ck_assert_uint_eq(peer_asked(&w->peer, "POST /fapi/v1/countdownCancelAll?", &asked), 1);
	ck_assert(strstr(asked, "countdownTime=3000") && strstr(asked, "symbol=BTCUSDT"));
	ck_assert(peer_say(&w->peer, DOOR_USER, CANCELED));
	world_run(w, 20);
	ck_assert_int_eq(world_last(w)->why, CANCEL_UNSAID);
	ck_assert_int_eq(w->venue->ops->arm(w->venue, 4, 3000000000), 1);
	world_run(w, 2000);
	ck_assert(peer_say(&w->peer, DOOR_USER, CANCELED));
	world_run(w, 20);
	ck_assert_int_eq(world_last(w)->why, CANCEL_UNSAID);
	world_run(w, 1200);
	ck_assert(peer_say(&w->peer, DOOR_USER, CANCELED));
	world_run(w, 20);
	ck_assert_int_eq(world_last(w)->why, CANCEL_DEAD_MAN);
	world_free(w);
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	ck_assert_int_eq(w->venue->ops->arm(w->venue, 4, 3000000000), -ERR_UNSUPPORTED);
	world_free(w);
}
END_TEST

/* More fills than one answer holds: page by page, from the number behind the last. */
START_TEST(fills_come_in_pages)
{
	static char page[2][400000];
	const char *asked;
	size_t n = 0;
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	n += (size_t)snprintf(page[0] + n, sizeof page[0] - n, "[");
	for (int i = 0; i < 1000; i++) /* of other orders but for one */
		n += (size_t)snprintf(
			page[0] + n, sizeof page[0] - n,
			"%s{\"symbol\":\"BTCUSDT\",\"id\":%d,\"orderId\":%d,\"price\":\"61837.5\",\"qty\":\"0.004\",\"commission\":\"0\",\"commissionAsset\":\"USDT\",\"time\":1,\"buyer\":true,\"maker\":false}",
			i ? "," : "", 100 + i, i == 500 ? 28 : 27);
	snprintf(page[0] + n, sizeof page[0] - n, "]");
	snprintf(
		page[1], sizeof page[1],
		"[{\"symbol\":\"BTCUSDT\",\"id\":1100,\"orderId\":28,\"price\":\"61837.5\",\"qty\":\"0.006\",\"commission\":\"0\",\"commissionAsset\":\"USDT\",\"time\":1,\"buyer\":true,\"maker\":false}]");
	peer_script(&w->peer, "order.status", 200, STATE_7("FILLED", "0.010"));
	peer_script(&w->peer, "GET /fapi/v1/userTrades", 200, page[0]);
	struct order o = world_order(7);
	o.cum = 0;
	ck_assert_int_eq(w->venue->ops->query(w->venue, &o), 0);
	env_flush(w->host);
	for (int i = 0; i < 200 && !peer_asked(&w->peer, "GET /fapi/v1/userTrades?", NULL); i++)
		world_run(w, 1);
	world_run(w, 3); /* the first page is on its way */
	peer_script(&w->peer, "GET /fapi/v1/userTrades", 200, page[1]);
	world_run(w, 200);
	ck_assert_uint_eq(peer_asked(&w->peer, "GET /fapi/v1/userTrades?", &asked), 2);
	ck_assert(strstr(asked, "fromId=1100") && strstr(asked, "orderId=28"));
	EXECS(w, 0, EXEC_FILL, EXEC_FILL, EXEC_STATUS);
	ck_assert(w->exec[0].qty == 4 && w->exec[1].qty == 6);
	world_free(w);
}
END_TEST

static int64_t since(void *core, uint16_t account, uint32_t instrument, char exec[VENUE_ID_TEXT])
{
	(void)core, (void)account;
	snprintf(exec, VENUE_ID_TEXT, "90");
	return instrument == 1 ? 1767225600000000000 : 0;
}

/* What filled while nobody listened is asked for at the log-on, and told as fills of the order that it was of. */
START_TEST(missed_executions_are_asked_for)
{
	const char *asked;
	w = world_open(BINANCE_SPOT, false);
	w->venue->host.fills_since = since;
	peer_script(&w->peer, "myTrades", 200, "\"result\":[" TRADE("91", "0.010") "]");
	peer_script(&w->peer, "order.status", 200, STATE_7("FILLED", "0.010"));
	world_up(w);
	ck_assert(w->full);
	ck_assert_uint_eq(peer_asked(&w->peer, "myTrades", &asked),
			  2); /* since, and of the order */
	ck_assert_uint_eq(peer_asked(&w->peer, "order.status", NULL), 1);
	EXECS(w, 0, EXEC_FILL, EXEC_STATUS);
	ck_assert(w->exec[0].replayed && w->exec[0].order == 7 && w->exec[0].qty == 10);
	ck_assert_str_eq(w->exec[0].client, OURS);
	world_free(w);
	/* Without the answer the account is not known whole. */
	w = world_open(BINANCE_SPOT, false);
	w->venue->host.fills_since = since;
	peer_script(&w->peer, "myTrades", 400, REFUSED("-1000", "An unknown error"));
	w->venue->ops->start(w->venue);
	world_run(w, 3000);
	ck_assert(w->n_reconciled > 0 && !w->full);
	ck_assert_int_ne(w->venue->state, VENUE_UP);
	world_free(w);
}
END_TEST

/* A page of n executions from number 91 on, the last of them of another order than all before; `each`: no two of one order. */
static char *page_of(char *out, size_t cap, int n, bool each)
{
	size_t k = (size_t)snprintf(out, cap, "[");
	for (int i = 0; i < n; i++)
		k += (size_t)snprintf(
			out + k, cap - k,
			"%s{\"symbol\":\"BTCUSDT\",\"id\":%d,\"orderId\":%d,\"price\":\"61837.5\",\"qty\":\"0.004\",\"commission\":\"0\",\"commissionAsset\":\"USDT\",\"time\":1,\"buyer\":true,\"maker\":false}",
			i ? "," : "", 91 + i, each ? 28 + i : 28);
	snprintf(out + k, cap - k, "]");
	return out;
}

static bool counted(void *core, const struct exec_report *r)
{
	(void)core;
	return atoi(r->exec) < 1091 && r->account == 4 && r->instrument == 1 &&
	       r->side == SIDE_BUY && !strcmp(r->venue_order, "28");
}

/* More orders than one answer is followed by questions for, or more executions than it holds: the rest is asked for at once, from the first that is left; but nobody
 * asks whose those are that are counted. A venue that does not go on is not asked for ever, and its account is not known whole. */
START_TEST(a_long_history_is_asked_for_in_pages)
{
	static char text[400000];
	static const struct {
		int n;
		bool each, counted;
		const char *next;
		unsigned orders;
	} rows[] = { { 40, true, false, "fromId=123&", 64 },
		     { 1000, false, false, "fromId=1091&", 2 },
		     { 1000, false, true, "fromId=1091&", 0 } };
	const char *history = "GET /fapi/v1/userTrades?fromId=", *asked;
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		w = world_open(BINANCE_USDM, false);
		w->venue->ops->free(w->venue);
		w->options.messages_per_s = 1000;
		w->options.host.fills_since = since;
		w->options.host.is_counted = rows[i].counted ? counted : NULL;
		w->venue = binance_open(&w->options);
		peer_script(&w->peer, "GET /fapi/v1/userTrades", 200,
			    page_of(text, sizeof text, rows[i].n, rows[i].each));
		w->venue->ops->start(w->venue);
		env_flush(w->host);
		for (int k = 0; k < 1000 && !peer_asked(&w->peer, history, &asked); k++)
			world_run(w, 1);
		ck_assert_msg(asked && strstr(asked, "fromId=91&"), "%s", asked);
		for (int k = 0; k < 200 && strstr(asked, "fromId=91&"); k++) {
			world_run(w, 1);
			peer_asked(&w->peer, history, &asked);
		}
		ck_assert_msg(strstr(asked, rows[i].next), "%s", asked);
		world_run(w, 2000);
		ck_assert(w->n_reconciled > 0 && !w->full);
		ck_assert_uint_eq(peer_asked(&w->peer, history, NULL), 2);
		ck_assert_uint_eq(peer_asked(&w->peer, "order.status", NULL), rows[i].orders);
		world_free(w);
	}
}
END_TEST

/* Two accounts are asked; the line of one breaks before the other was answered. What was asked then is void, and the next round waits for its own answers only. */
START_TEST(a_round_that_a_broken_line_ends_leaves_nothing_open)
{
	struct binance_account both[2];
	w = world_open(BINANCE_SPOT, false);
	w->venue->ops->free(w->venue);
	both[0] = both[1] = w->account;
	w->options.account = both;
	w->options.n_accounts = 2;
	w->options.host.fills_since = since;
	w->venue = binance_open(&w->options);
	peer_script(&w->peer, "myTrades", 200, NULL);
	w->venue->ops->start(w->venue);
	env_flush(w->host);
	world_run(w, 200);
	ck_assert_uint_eq(peer_asked(&w->peer, "myTrades", NULL), 2);
	ck_assert(peer_raw(&w->peer, DOOR_API, "\xff\xff\xff\xff", 4));
	peer_script(&w->peer, "myTrades", 200, "\"result\":[]");
	world_run(w, 3000);
	ck_assert_uint_gt(peer_asked(&w->peer, "myTrades", NULL), 2);
	ck_assert(w->full);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	world_free(w);
}
END_TEST

SUITE("bn_change", an_order_is_changed_in_place, a_contract_is_cancelled_whole, the_dead_man_switch,
      fills_come_in_pages, missed_executions_are_asked_for, a_long_history_is_asked_for_in_pages,
      a_round_that_a_broken_line_ends_leaves_nothing_open)
