/* Proves that the simulated venue keeps its rules and its books: every refusal has its class, money moves exactly, nobody is told
 * before the ledger knows, and a restart goes on where it stopped. */
#include "adapters/sim/exchange.h"
#include "core/base/err.h"
#include "tests/unit/sim/venue_fixture.h"
#include <fcntl.h>

static struct fixture fix;
static struct exchange venue;
static struct exchange_event told[64];
static unsigned n_told;

static void hear(void *owner, const struct exchange_event *e)
{
	(void)owner;
	ck_assert_uint_lt(n_told, 64);
	told[n_told++] = *e;
}

static void begin(enum market_kind kind, const char *ledger, struct knobs *knobs)
{
	n_told = 0;
	fixture_init(&fix, kind, ledger);
	int rc = exchange_init(&venue, &fix.config, knobs, 0, hear, NULL);
	ck_assert_msg(rc == 0, "%s", err_text());
	n_told = 0;
}

static enum outcome place(const struct exchange_request *r, const struct exchange_order **o)
{
	n_told = 0;
	return exchange_place(&venue, venue.last_ns + 1, r, o);
}

static int64_t money(uint16_t account, asset_id asset)
{
	const struct funds_money *m = &exchange_funds(&venue, account)->money[asset];
	return m->free_e8 + m->locked_e8;
}

static void end(void)
{
	exchange_free(&venue);
	if (*fix.path)
		unlink(fix.path);
}

START_TEST(rules_refuse_with_their_class)
{
	begin(MARKET_SPOT, NULL, NULL);
	fixture_quote(&venue, 60000, 5, 60001, 5, 1);
	struct exchange_request good = fixture_order(SIDE_BUY, E8(59000), E8(1), TIF_GTC);
	strcpy(good.client, "one");
	static const struct {
		enum outcome want;
		int64_t px, qty;
		uint8_t side, type, tif;
	} cases[] = {
		{ OUT_TICK, E8(59000) + 1, E8(1), SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_TICK, 0, E8(1), SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_LOT, E8(59000), E8(1) + 1, SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_MIN_QTY, E8(59000), 0, SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_MIN_QTY, E8(59000), -E8(1), SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_MAX_QTY, E8(59000), E8(1001), SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_NOTIONAL, E8(59000), 1000, SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_PERCENT, E8(63100), E8(1), SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_PERCENT, E8(56900), E8(1), SIDE_SELL, ORD_LIMIT, TIF_GTC },
		{ OUT_MONEY, E8(59000), E8(100), SIDE_BUY, ORD_LIMIT, TIF_GTC },
		{ OUT_MONEY, E8(61000), E8(11), SIDE_SELL, ORD_LIMIT, TIF_GTC },
		{ OUT_UNSUPPORTED, E8(59000), E8(1), SIDE_BUY, ORD_POST_ONLY, TIF_IOC },
		{ OUT_UNSUPPORTED, E8(59000), E8(1), SIDE_BUY, ORD_LIMIT, TIF_DAY },
		{ OUT_WOULD_TAKE, E8(60001), E8(1), SIDE_BUY, ORD_POST_ONLY, TIF_GTC },
	};
	const struct exchange_order *o;
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct exchange_request r = good;
		r.px = cases[k].px;
		r.qty = cases[k].qty;
		r.side = cases[k].side;
		r.type = cases[k].type;
		r.tif = cases[k].tif;
		ck_assert_str_eq(outcome_name(place(&r, &o)), outcome_name(cases[k].want));
		ck_assert_ptr_null(o);
		ck_assert_uint_eq(n_told, 0);
		ck_assert_int_lt(outcome_code(cases[k].want, MARKET_SPOT), 0);
		ck_assert_ptr_null(exchange_order(&venue, 0, 0, 0, "one"));
	}
	ck_assert_int_eq(money(0, USDT), E8(1000000));
	ck_assert_int_eq(exchange_funds(&venue, 0)->money[USDT].locked_e8, 0);
	ck_assert_int_eq(place(&good, &o), OUT_OK);
	ck_assert_int_eq(place(&good, &o), OUT_DUPLICATE);
	good.account = 1; /* another account may use the name */
	ck_assert_int_eq(place(&good, &o), OUT_OK);
	good.instrument = 7;
	ck_assert_int_eq(place(&good, &o), OUT_SYMBOL);
	exchange_halt(&venue, venue.last_ns + 100);
	good.instrument = 0;
	strcpy(good.client, "two");
	ck_assert_int_eq(place(&good, &o), OUT_HALTED);
	end();
}
END_TEST

START_TEST(a_spot_purchase_moves_money_exactly)
{
	begin(MARKET_SPOT, NULL, NULL);
	fixture_quote(&venue, 60000, 5, 60001, 2, 1);
	struct exchange_request r = fixture_order(SIDE_BUY, E8(60010), E8(3), TIF_GTC);
	const struct exchange_order *o;
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	ck_assert_str_eq(order_status_name(o->status), "PARTIALLY_FILLED");
	ck_assert_int_eq(o->cum, E8(2));
	ck_assert_int_eq(o->cum_value_e8, E8(120002));
	/* One basis point, in what arrives. */
	const struct exchange_trade *t;
	ck_assert_uint_eq(exchange_trades(&venue, 0, 0, o->id, 0, 0, &t, 1), 1);
	ck_assert_int_eq(t->fee_e8, E8(2) / 10000);
	ck_assert_uint_eq(t->fee_asset, BTC);
	ck_assert_int_eq(money(0, BTC), E8(12) - E8(2) / 10000);
	ck_assert_int_eq(money(0, USDT), E8(1000000) - E8(120002));
	ck_assert_int_eq(exchange_funds(&venue, 0)->money[USDT].locked_e8, E8(60010));
	ck_assert_int_eq(told[0].kind, EVENT_NEW);
	ck_assert_int_eq(told[1].kind, EVENT_TRADE);
	ck_assert_int_eq(told[2].kind, EVENT_BALANCE);
	ck_assert_uint_eq(n_told, 4);
	const struct exchange_order *gone;
	ck_assert_int_eq(exchange_cancel(&venue, 10, 0, 0, o->id, NULL, &gone), OUT_OK);
	ck_assert_str_eq(order_status_name(gone->status), "CANCELED");
	ck_assert_int_eq(exchange_funds(&venue, 0)->money[USDT].locked_e8, 0);
	ck_assert_int_eq(exchange_cancel(&venue, 10, 0, 0, o->id, NULL, &gone), OUT_UNKNOWN_ORDER);
	end();
}
END_TEST

START_TEST(a_fixed_coin_pays_until_it_is_short)
{
	begin(MARKET_SPOT, NULL, NULL);
	struct instrument *i = &fix.instrument[0];
	i->rule[0].fee.in = FEE_IN_FIXED;
	i->rule[0].fee.fixed = BNB;
	fixture_quote(&venue, 60000, 9, 60001, 9, 1);
	ck_assert_int_eq(exchange_move(&venue, 2, 0, BNB, E8(7), "coins"), 0);
	struct exchange_request r = fixture_order(SIDE_SELL, E8(60000), E8(1), TIF_IOC);
	const struct exchange_order *o;
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	ck_assert_int_eq(money(0, BNB), E8(1));
	ck_assert_int_eq(money(0, USDT), E8(1060000));
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	ck_assert_int_eq(money(0, BNB), E8(1));
	ck_assert_int_eq(money(0, USDT), E8(1120000 - 6));
	end();
}
END_TEST

START_TEST(a_futures_round_realises_its_profit)
{
	begin(MARKET_FUTURES, NULL, NULL);
	fixture_quote(&venue, 60000, 50, 60001, 50, 1);
	struct exchange_request r = fixture_order(SIDE_SELL, E8(60000), E8(2), TIF_IOC);
	const struct exchange_order *o;
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	const struct funds *f = exchange_funds(&venue, 0);
	ck_assert_int_eq(f->position[0].qty, -E8(2));
	ck_assert_int_eq(f->position[0].entry_e8, E8(120000));
	ck_assert_int_eq(money(0, USDT), E8(1000000) - E8(6)); /* 0.5 bp */
	fixture_quote(&venue, 58999, 50, 59000, 50, 2);
	r = fixture_order(SIDE_BUY, E8(59000), E8(3), TIF_IOC);
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	ck_assert_int_eq(f->position[0].qty, E8(1));
	ck_assert_int_eq(f->position[0].entry_e8, E8(59000));
	ck_assert_int_eq(money(0, USDT), E8(1002000) - E8(6) - E8(59000) * 3 / 20000);
	end();
}
END_TEST

START_TEST(margin_bounds_what_opens_and_lets_close)
{
	begin(MARKET_FUTURES, NULL, NULL);
	fixture_quote(&venue, 60000, 900, 60001, 900, 1);
	const struct exchange_order *o;
	struct exchange_request r = fixture_order(SIDE_BUY, E8(60001), E8(167), TIF_IOC);
	ck_assert_int_eq(place(&r, &o), OUT_MARGIN); /* ten times a million at most */
	r.qty = E8(160);
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	r.qty = E8(20);
	ck_assert_int_eq(place(&r, &o), OUT_MARGIN);
	fixture_quote(&venue, 58000, 900, 58001, 900, 2);
	r = fixture_order(SIDE_SELL, E8(58000), E8(160), TIF_IOC);
	r.reduce_only = true;
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	ck_assert_int_eq(place(&r, &o), OUT_REDUCE_ONLY);
	end();
}
END_TEST

START_TEST(faults_refuse_and_cut)
{
	struct knobs_config c;
	struct knobs k;
	knobs_config_init(&c);
	c.ppm[FAULT_PARTIAL] = 1000000;
	c.partial_ppm_lo = c.partial_ppm_hi = 250000;
	ck_assert_int_eq(knobs_init(&k, &c, 1, 0), 0);
	begin(MARKET_SPOT, NULL, &k);
	fixture_quote(&venue, 60000, 5, 60001, 5, 1);
	struct exchange_request r = fixture_order(SIDE_SELL, E8(60000), E8(2), TIF_IOC);
	const struct exchange_order *o;
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	ck_assert_int_eq(o->cum, E8(2) / 4);
	ck_assert_str_eq(order_status_name(o->status), "EXPIRED");
	k.config.ppm[FAULT_REJECT] = 1000000;
	ck_assert_int_eq(place(&r, &o), OUT_BUSY);
	ck_assert_int_eq(outcome_class(OUT_BUSY), REJECT_TRANSIENT);
	k.config.ppm[FAULT_REJECT] = 0;
	k.config.ppm[FAULT_UNSOLICITED] = 1000000;
	r = fixture_order(SIDE_SELL, E8(60100), E8(2), TIF_GTC);
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	n_told = 0;
	fixture_quote(&venue, 60000, 5, 60001, 5, 2);
	ck_assert_int_eq(told[0].kind, EVENT_EXPIRED);
	ck_assert_int_eq(o->why, WHY_VENUE);
	end();
}
END_TEST

START_TEST(orders_are_found_until_forgotten)
{
	begin(MARKET_SPOT, NULL, NULL);
	fixture_quote(&venue, 60000, 900, 60001, 900, 1);
	const struct exchange_order *o;
	struct exchange_request keep = fixture_order(SIDE_BUY, E8(59000), E8(1), TIF_GTC);
	strcpy(keep.client, "keep");
	ck_assert_int_eq(place(&keep, &o), OUT_OK);
	uint64_t kept = o->id;
	for (int i = 0; i < 500; i++) { /* more than the memory holds */
		struct exchange_request r =
			fixture_order(SIDE_BUY, E8(60001), E8(1) / 1000, TIF_IOC);
		snprintf(r.client, sizeof r.client, "c%d", i);
		ck_assert_int_eq(place(&r, &o), OUT_OK);
		const struct exchange_trade *t[4];
		ck_assert_uint_eq(exchange_trades(&venue, 0, 0, o->id, 0, 0, t, 4), 1);
		ck_assert_uint_eq(t[0]->trade, (uint64_t)i + 1);
	}
	ck_assert_ptr_null(exchange_order(&venue, 0, 0, 0, "c1"));
	ck_assert_ptr_nonnull(exchange_order(&venue, 0, 0, 0, "c499"));
	ck_assert_ptr_null(exchange_order(&venue, 1, 0, 0, "c499"));
	ck_assert_uint_eq(exchange_order(&venue, 0, 0, 0, "keep")->id, kept);
	const struct exchange_trade *t[300];
	ck_assert_uint_eq(exchange_trades(&venue, 0, 0, 0, 491, 0, t, 300), 10);
	ck_assert_uint_eq(exchange_trades(&venue, 0, 0, 0, 0, 0, t, 300), 256);
	ck_assert_uint_eq(t[0]->trade, 245);
	const struct exchange_order *open[4];
	ck_assert_uint_eq(exchange_open(&venue, 0, LEDGER_NONE, open, 4), 1);
	ck_assert_uint_eq(open[0]->id, kept);
	ck_assert_int_eq(exchange_cancel_all(&venue, 999, 0, LEDGER_NONE), 1);
	ck_assert_uint_eq(exchange_open(&venue, 0, 0, open, 4), 0);
	end();
}
END_TEST

/* The callback reads the ledger: what it hears is there. */
static uint64_t on_disk;

static int count(void *owner, const struct ledger_record *r)
{
	uint64_t *fills = owner;
	*fills += r->kind == LEDGER_FILL;
	return 0;
}

static void hear_after_disk(void *owner, const struct exchange_event *e)
{
	(void)owner;
	if (e->kind != EVENT_TRADE)
		return;
	on_disk = 0;
	ck_assert_int_eq(ledger_read(fix.path, count, &on_disk, NULL), 0);
	ck_assert_uint_eq(on_disk, venue.n_fills);
}

START_TEST(nobody_is_told_before_the_ledger)
{
	begin(MARKET_SPOT, "test_exchange_told", NULL);
	venue.fn = hear_after_disk;
	fixture_quote(&venue, 60000, 5, 60001, 5, 1);
	const struct exchange_order *o;
	for (int i = 0; i < 3; i++) {
		struct exchange_request r = fixture_order(SIDE_BUY, E8(60001), E8(1), TIF_IOC);
		ck_assert_int_eq(place(&r, &o), OUT_OK);
	}
	ck_assert_uint_eq(on_disk, 3);
	end();
}
END_TEST

START_TEST(a_restart_goes_on_where_it_stopped)
{
	begin(MARKET_SPOT, "test_exchange_restart", NULL);
	fixture_quote(&venue, 60000, 5, 60001, 2, 1);
	const struct exchange_order *o;
	struct exchange_request r = fixture_order(SIDE_BUY, E8(60001), E8(3), TIF_GTC);
	strcpy(r.client, "rests");
	ck_assert_int_eq(place(&r, &o), OUT_OK);
	struct exchange_order before = *o;
	struct funds funds = *exchange_funds(&venue, 0);
	uint64_t next_id = venue.next_id, next_trade = venue.book[0].next_trade;
	int64_t last = venue.last_ns;
	exchange_free(&venue);

	ck_assert_int_eq(exchange_init(&venue, &fix.config, NULL, 0, hear, NULL), 0);
	ck_assert_uint_eq(venue.next_id, next_id);
	ck_assert_uint_eq(venue.book[0].next_trade, next_trade);
	ck_assert_int_ge(venue.last_ns, last);
	for (int s = 0; s < LEDGER_ASSETS; s++) {
		ck_assert_int_eq(exchange_funds(&venue, 0)->money[s].free_e8,
				 funds.money[s].free_e8);
		ck_assert_int_eq(exchange_funds(&venue, 0)->money[s].locked_e8,
				 funds.money[s].locked_e8);
	}
	const struct exchange_order *after = exchange_order(&venue, 0, 0, 0, "rests");
	ck_assert_ptr_nonnull(after);
	ck_assert_uint_eq(after->id, before.id);
	ck_assert_int_eq(after->cum, E8(2));
	ck_assert_int_eq(after->cum_value_e8, before.cum_value_e8);
	ck_assert_int_eq(after->lock_e8, before.lock_e8);
	const struct exchange_trade *t;
	ck_assert_uint_eq(exchange_trades(&venue, 0, 0, after->id, 0, 0, &t, 1), 1);
	n_told = 0;
	fixture_quote(&venue, 59000, 5, 60000, 9, 2); /* the market comes to it */
	ck_assert_int_eq(told[0].kind, EVENT_TRADE);
	ck_assert_uint_eq(told[0].trade.trade, next_trade);
	ck_assert_int_eq(after->status, STATUS_FILLED);
	end();
}
END_TEST

START_TEST(another_configuration_is_refused_in_words)
{
	begin(MARKET_SPOT, "test_exchange_other", NULL);
	struct exchange second;
	ck_assert_int_eq(exchange_init(&second, &fix.config, NULL, 0, hear, NULL), -ERR_BUSY);
	exchange_free(&venue);
	fix.account[1].deposit[0].amount_e8++;
	ck_assert_int_eq(exchange_init(&venue, &fix.config, NULL, 0, hear, NULL), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "another configuration"));
	fix.account[1].deposit[0].amount_e8--;
	strcpy(fix.config.name, "OTHER");
	ck_assert_int_eq(exchange_init(&venue, &fix.config, NULL, 0, hear, NULL), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "SPOT"));
	fix.instrument[0].expo.kind = EXPO_LINEAR;
	ck_assert_int_eq(exchange_init(&venue, &fix.config, NULL, 0, hear, NULL), -ERR_CONFIG);
	end();
}
END_TEST

START_TEST(a_full_disk_stops_the_venue)
{
	begin(MARKET_SPOT, "test_exchange_full", NULL);
	fixture_quote(&venue, 60000, 5, 60001, 5, 1);
	int fd = venue.ledger.fd, full = open("/dev/full", O_RDWR);
	ck_assert_int_ge(full, 0);
	ck_assert_int_ge(dup2(full, fd), 0);
	struct exchange_request r = fixture_order(SIDE_BUY, E8(60001), E8(1), TIF_IOC);
	const struct exchange_order *o;
	ck_assert_int_eq(place(&r, &o), OUT_DISK);
	ck_assert_uint_eq(n_told, 0);
	ck_assert_int_eq(place(&r, &o), OUT_DISK);
	struct quote q = { .px = { E8(1), E8(2) }, .qty = { 1, 1 }, .seq = 9 };
	ck_assert_int_eq(exchange_market_quote(&venue, 0, 9, &q), -ERR_IO);
	close(full);
	end();
}
END_TEST

SUITE("exchange", rules_refuse_with_their_class, a_spot_purchase_moves_money_exactly,
      a_fixed_coin_pays_until_it_is_short, a_futures_round_realises_its_profit,
      margin_bounds_what_opens_and_lets_close, faults_refuse_and_cut,
      orders_are_found_until_forgotten, nobody_is_told_before_the_ledger,
      a_restart_goes_on_where_it_stopped, another_configuration_is_refused_in_words,
      a_full_disk_stops_the_venue)
