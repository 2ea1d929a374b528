/* Proves that the DIFF adapter keeps the promises of the venue port whatever the counter says: what cannot be read brings no fill and no end that were none, a line that
 * breaks makes orders unknown and never rejected, nothing is sent a second time, and the next login tells each fill once. */
#include "core/base/err.h"
#include "tests/unit/diff/world.h"
#include "tests/unit/suite.h"
#include <string.h>

#define TRADE(fields)                                                                          \
	"{\"trade\":{\"u1\":{\"trades\":{\"" OURS "|9\":{\"order_id\":\"" OURS                 \
	"\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\",\"exchange_trade_id\":\"9\"" \
	",\"offset\":\"OPEN\"," fields "}}}}}"
#define DATA(patch) "{\"aid\":\"rtn_data\",\"data\":[" patch "]}"

static const struct {
	const char *name, *said;
} cases[] = {
	{ "nothing", "" },
	{ "no JSON", "<html>come again</html>" },
	{ "truncated", "{\"aid\":\"rtn_data\",\"data\":[{\"trade\":{\"u1\":{\"tra" },
	{ "no object", "[]" },
	{ "no list", "{\"aid\":\"rtn_data\",\"data\":7}" },
	{ "a pack of something else", "{\"aid\":\"rsp_login\",\"data\":[]}" },
	{ "a user that is not ours", DATA("{\"trade\":{\"u2\":{\"trade_more_data\":false}}}") },
	{ "orders that are a number", DATA("{\"trade\":{\"u1\":{\"orders\":7}}}") },
	{ "lots as words",
	  DATA(TRADE("\"direction\":\"BUY\",\"volume\":\"three\",\"price\":613.4")) },
	{ "lots beyond all bounds",
	  DATA(TRADE("\"direction\":\"BUY\",\"volume\":1e400,\"price\":613.4")) },
	{ "no lots", DATA(TRADE("\"direction\":\"BUY\",\"price\":613.4")) },
	{ "no direction", DATA(TRADE("\"volume\":1,\"price\":613.4")) },
	{ "a direction that is none",
	  DATA(TRADE("\"direction\":\"UP\",\"volume\":1,\"price\":613.4")) },
	{ "no price", DATA(TRADE("\"direction\":\"BUY\",\"volume\":1")) },
	{ "a price that is no number",
	  DATA(TRADE("\"direction\":\"BUY\",\"volume\":1,\"price\":\"-\"")) },
	{ "bad UTF-8", DATA("{\"trade\":{\"u1\":{\"trading_day\":\"\xff\xfe\"}}}") },
};

static int64_t filled(const struct world *w, const char *name)
{
	int64_t qty = 0;
	for (unsigned i = 0; i < w->n_execs; i++) {
		const struct exec_report *r = &w->exec[i];
		if (r->kind == EXEC_FILL) {
			ck_assert_msg(r->qty > 0 && r->px == 61340 && r->order == 7 && r->exec[0],
				      "%s: a fill of %lld at %lld", name, (long long)r->qty,
				      (long long)r->px);
			qty += r->qty;
		}
		ck_assert_msg(r->kind != EXEC_REJECTED && r->kind != EXEC_CANCELLED &&
				      r->kind != EXEC_NOT_FOUND,
			      "%s: told as %s", name, exec_kind_name((enum exec_kind)r->kind));
	}
	return qty;
}

static struct order working(struct world *w)
{
	struct order o = world_order(7);
	struct env_now now;
	env_now(w->host, &now);
	o.sent_mono_ns = now.mono_ns;
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), 0);
	env_flush(w->host);
	world_run(w, 10);
	world_trade(w, ORDER_7("ALIVE", "3", "11", ""));
	return o;
}

/* The counter takes a login again, if there was one, and tells the day: the order is filled. */
static void tells_the_day(struct world *w)
{
	world_run(w, 6000);
	world_trade(w, "\"trading_day\":\"20260101\",\"trade_more_data\":false," ORDER_7(
			       "FINISHED", "0", "11", "") ",\"trades\":{" TRADE_7("9", "3",
										  "BUY") "}");
	world_run(w, 200);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
}

START_TEST(what_cannot_be_read_is_no_news)
{
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct world *w = world_open();
		world_up(w);
		struct order o = working(w);
		ck_assert(peer_say(&w->peer, DOOR_API, cases[k].said));
		world_run(w, 30);
		ck_assert_int_eq(filled(w, cases[k].name), 0);
		/* A line that was given up leaves it unknown, and nothing goes out on it. */
		bool unknown = w->exec[w->n_execs - 1].kind == EXEC_UNKNOWN;
		ck_assert_msg(unknown == (w->venue->state != VENUE_UP), "%s", cases[k].name);
		ck_assert_msg(!unknown || w->n_bad > 0, "%s: nobody is told", cases[k].name);
		struct order other = world_order(8);
		ck_assert_msg((w->venue->ops->place(w->venue, &other) == 0) != unknown, "%s",
			      cases[k].name);
		ck_assert_int_ne(w->venue->ops->place(w->venue, &o), 0); /* sent once, for ever */
		tells_the_day(w);
		ck_assert_msg(filled(w, cases[k].name) == 3, "%s: %lld", cases[k].name,
			      (long long)filled(w, cases[k].name));
		ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"insert_order\"", NULL),
				  unknown ? 1 : 2);
		world_free(w);
	}
}
END_TEST

/* Broken at any moment of an order's life: unknown, and told whole by the next login, each fill once. */
START_TEST(a_broken_line_is_never_an_end)
{
	static const char *const before[] = {
		"\"trading_day\":\"20260101\"", ORDER_7("ALIVE", "3", "", ""),
		ORDER_7("ALIVE", "3", "11", ""), ORDER_7("ALIVE", "2", "11", ""),
		ORDER_7("ALIVE", "2", "11", "") ",\"trades\":{" TRADE_7("8", "1", "BUY") "}"
	};
	for (size_t k = 0; k < sizeof before / sizeof *before; k++) {
		struct world *w = world_open();
		world_up(w);
		working(w);
		world_trade(w, before[k]);
		env_sim_cut(w->sim, 0);
		world_run(w, 50);
		ck_assert_uint_eq(w->exec[w->n_execs - 1].kind, EXEC_UNKNOWN);
		world_run(w, 6000);
		world_trade(w, "\"trading_day\":\"20260101\",\"trade_more_data\":false," ORDER_7(
				       "FINISHED", "0", "11",
				       "") ",\"trades\":{" TRADE_7("8", "1",
								   "BUY") "," TRADE_7("9", "2",
										      "BUY") "}");
		world_run(w, 200);
		int64_t of_9 = 0;
		for (unsigned i = 0; i < w->n_execs; i++)
			of_9 += w->exec[i].kind == EXEC_FILL && strcmp(w->exec[i].exec, "9") == 0;
		ck_assert_int_eq(of_9, 1);
		ck_assert_int_ge(filled(w, "cut"), 3);
		world_free(w);
	}
}
END_TEST

/* What the port says it cannot do is said before anything is sent. */
START_TEST(what_it_cannot_do_is_said)
{
	struct world *w = world_open();
	const struct venue_ops *ops = w->venue->ops;
	struct order o = world_order(7);
	char id[VENUE_CLIENT_ID];
	ck_assert(!ops->replace && !ops->cancel_all && !ops->arm);
	ck_assert_int_eq(ops->place(w->venue, &o), -ERR_STATE); /* not logged in */
	ck_assert_int_eq(ops->cancel(w->venue, &o), -ERR_STATE);
	ck_assert_int_eq(ops->query(w->venue, &o), -ERR_STATE);
	ck_assert_int_eq(ops->reconcile(w->venue), -ERR_STATE);
	world_up(w);
	ck_assert_uint_eq(peer_asked(&w->peer, "insert_order", NULL), 0); /* nothing waited */
	o.type = ORD_MARKET;
	ck_assert_int_ne(ops->place(w->venue, &o), 0);
	for (uint64_t n = 1; n; n <<= 7)
		ck_assert_uint_eq(ops->decode_id(id, ops->encode_id(n, id)), n);
	ck_assert_uint_eq(ops->decode_id("somebody", 8), 0);
	world_free(w);
}
END_TEST

SUITE("contract_diff", what_cannot_be_read_is_no_news, a_broken_line_is_never_an_end,
      what_it_cannot_do_is_said)
