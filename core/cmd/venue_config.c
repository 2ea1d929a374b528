#include "core/cmd/venue_config.h"
#include "core/base/err.h"
#include "core/cmd/venue_config_cn.h"
#include "lua/schema.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---------------------------------------------------------------- symbols */

/* What a symbol's table says, with names where the instrument has numbers. */
struct symbol_form {
	struct instrument i;
	char base[12], quote[12], settle[12], fee_asset[12];
	int64_t band_ppm, mid_e8;
	struct cn_form cn;
	struct generator_follows follows;
};
#define SYM(m) FIELD_TO(struct symbol_form, m)
#define PX     .dp_at = (uint32_t)offsetof(struct symbol_form, i.px_dp)
#define QTY    .dp_at = (uint32_t)offsetof(struct symbol_form, i.qty_dp)

static const char *const charged[] = { "quote", "received", "fixed", NULL };
static const struct field fee_fields[] = {
	{ "maker", FIELD_RATE, SYM(i.rule[0].fee.maker_e8), .dp = 8, .flags = FIELD_REQUIRED,
	  .min = "-1%", .max = "10%",
	  .doc = "of the value of a fill that rested; below zero it is a rebate" },
	{ "taker", FIELD_RATE, SYM(i.rule[0].fee.taker_e8), .dp = 8, .flags = FIELD_REQUIRED,
	  .min = "0", .max = "10%", .doc = "of the value of a fill that took" },
	{ "charged_in", FIELD_ENUM, SYM(i.rule[0].fee.in), .names = charged, .def = "quote",
	  .doc = "the quote currency, what was received, or a fixed asset" },
	{ "asset", FIELD_NAME, SYM(fee_asset), .doc = "the asset of charged_in = \"fixed\"" },
	{ "per_lot", FIELD_DECIMAL, SYM(i.rule[0].fee.per_lot_e8), .dp = 8, .def = "0", .min = "0",
	  .unit = "quote currency", .doc = "of a lot, beside the rates" },
	{ "close_today", FIELD_RATE, SYM(i.rule[0].fee.close_today_e8), .dp = 8, .min = "0",
	  .max = "10%",
	  .doc = "of the value, where lots of the same day are closed; without it as any other" },
	{ "close_today_per_lot", FIELD_DECIMAL, SYM(i.rule[0].fee.close_today_per_lot_e8), .dp = 8,
	  .min = "0", .unit = "quote currency", .doc = "the same, of a lot" },
};
static const struct section fee_section = { "fees", "what trading costs", fee_fields,
					    COUNT(fee_fields), NULL };

static const struct field symbol_fields[] = {
	{ "symbol", FIELD_NAME, SYM(i.symbol), .flags = FIELD_REQUIRED,
	  .doc = "as the wire says it: \"BTCUSDT\"" },
	{ "base", FIELD_NAME, SYM(base), .flags = FIELD_REQUIRED,
	  .doc = "the asset that is traded" },
	{ "quote", FIELD_NAME, SYM(quote), .flags = FIELD_REQUIRED,
	  .doc = "the currency of its price" },
	{ "settle", FIELD_NAME, SYM(settle),
	  .doc = "the currency of margin and profit; without it the quote currency" },
	{ "px_dp", FIELD_INT, SYM(i.px_dp), .flags = FIELD_UNSIGNED, .def = "2", .min = "0",
	  .max = "8", .unit = "decimals", .doc = "the scale of prices" },
	{ "qty_dp", FIELD_INT, SYM(i.qty_dp), .flags = FIELD_UNSIGNED, .def = "5", .min = "0",
	  .max = "8", .unit = "decimals", .doc = "the scale of quantities" },
	{ "multiplier", FIELD_RATIO, SYM(i.expo.num), .def = "1",
	  .doc = "base units of one unit of quantity; futures only" },
	{ "tick", FIELD_DECIMAL, SYM(i.rule[0].tick), PX, .flags = FIELD_REQUIRED, .min = "0",
	  .unit = "price", .doc = "the price step" },
	{ "lot", FIELD_DECIMAL, SYM(i.rule[0].lot), QTY, .flags = FIELD_REQUIRED, .min = "0",
	  .unit = "quantity", .doc = "the quantity step" },
	{ "min_qty", FIELD_DECIMAL, SYM(i.rule[0].min_qty), QTY, .min = "0", .unit = "quantity",
	  .doc = "the least of one order" },
	{ "max_qty", FIELD_DECIMAL, SYM(i.rule[0].max_qty), QTY, .min = "0", .unit = "quantity",
	  .doc = "the most of one order" },
	{ "mid", FIELD_DECIMAL, SYM(mid_e8), .dp = 8, .min = "0.00000001", .max = "1000000",
	  .unit = "quote currency",
	  .doc = "where its price begins in a made market; without it the generator's mid. Symbols of one name share the price of the first" },
	{ "follows", FIELD_NAME, SYM(follows.symbol),
	  .doc = "of a made market: the symbol whose price this one's is made of, on the other side of the basis" },
	{ "rate", FIELD_NAME, SYM(follows.rate),
	  .doc = "the currency pair that the followed price is multiplied with" },
	{ "part", FIELD_RATIO, SYM(follows.num), .def = "1",
	  .doc = "how much of the followed price: \"1/31.1034768\" makes USD/ozt USD/g" },
	{ "calendar", FIELD_NAME, SYM(cn.calendar),
	  .doc = "domestic futures: when it is traded, one that ships, such as \"SHFE.au\"" },
	{ "settle_px", FIELD_DECIMAL, SYM(cn.settle_px), PX, .min = "0", .unit = "price",
	  .doc = "domestic futures: the settlement price of the day before the first" },
	{ "open_limit", FIELD_INT, SYM(cn.open_limit), .def = "0", .min = "0", .unit = "lots",
	  .doc = "domestic futures: what an owner may open in a day; 0: any number" },
	{ "min_notional", FIELD_DECIMAL, SYM(i.rule[0].min_notional_e8), .dp = 8, .min = "0",
	  .unit = "quote currency", .doc = "the least value of one order" },
	{ "percent_price", FIELD_RATE, SYM(band_ppm), .dp = 6, .min = "0", .max = "100%",
	  .doc = "how far from the market (domestic futures: from the settlement price) a price may be; without it anything goes" },
	{ "margin", FIELD_RATE, SYM(i.rule[0].margin_e8), .dp = 8, .min = "0", .max = "100%",
	  .doc = "initial margin, of the value; futures only" },
	{ "fees", FIELD_SECTION, .offset = 0, .flags = FIELD_REQUIRED, .sub = &fee_section,
	  .doc = "what trading costs" },
};
static const struct field_order symbol_order[] = { { "min_qty", "max_qty" },
						   { "lot", "max_qty" },
						   { NULL, NULL } };
static const struct section symbol_section = { "symbols", "what is traded, a list of tables",
					       symbol_fields, COUNT(symbol_fields), symbol_order };

/* ---------------------------------------------------------------- accounts, limits, venues */

static const struct field account_fields[] = {
	{ "name", FIELD_NAME, FIELD_TO(struct exchange_account, name), .flags = FIELD_REQUIRED,
	  .doc = "names its key files" },
	{ "leverage", FIELD_INT, FIELD_TO(struct exchange_account, leverage), .def = "20",
	  .min = "1", .max = "125", .doc = "futures only" },
	{ "owner", FIELD_INT, FIELD_TO(struct exchange_account, owner), .flags = FIELD_UNSIGNED,
	  .def = "0", .min = "0", .max = "4",
	  .doc = "domestic futures: accounts of one number above 0 are counted together" },
	{ "balances", FIELD_TABLE, .offset = 0,
	  .doc = "what it starts with, by asset: { USDT = 100000, BTC = \"0.5\" }" },
};
static const struct section account_section = { "accounts", "the logins, a list of tables",
						account_fields, COUNT(account_fields), NULL };

#define LIM(m) FIELD_TO(struct wire_limits_config, m)
static const struct field limit_fields[] = {
	{ "weight_per_min", FIELD_INT, LIM(weight_per_min), .min = "0", .max = "1000000",
	  .doc = "request weight; 0: the real venue's" },
	{ "orders_per_10s", FIELD_INT, LIM(orders_per_10s), .min = "0", .max = "1000000",
	  .doc = "orders of an account; 0: the real venue's" },
	{ "orders_per_long", FIELD_INT, LIM(orders_per_long), .min = "0", .max = "10000000",
	  .doc = "orders of an account in a day (spot) or a minute (USD-M); 0: the real venue's" },
};
static const struct section limit_section = { "limits", "how much clients may ask for",
					      limit_fields, COUNT(limit_fields), NULL };

#define VEN(m) FIELD_TO(struct setup_venue, m)
static const char *const wires[] = { "binance_spot", "binance_usdm", "diff", NULL };
_Static_assert(COUNT(wires) == setup_kind_max + 1, "a wire for every kind of venue");
static const char *const stps[] = { "none", "expire_taker", "expire_maker", NULL };
_Static_assert(COUNT(stps) == match_stp_max + 1, "a name for every prevention");
static const struct field venue_fields[] = {
	{ "name", FIELD_NAME, VEN(name), .flags = FIELD_REQUIRED,
	  .doc = "names its ledger and key files" },
	{ "wire", FIELD_ENUM, VEN(kind), .flags = FIELD_REQUIRED, .names = wires,
	  .doc = "which protocol it speaks" },
	{ "host", FIELD_STRING, VEN(host), .def = "127.0.0.1",
	  .doc = "the address that it listens on" },
	{ "port", FIELD_INT, VEN(port), .flags = FIELD_UNSIGNED, .def = "0", .min = "0",
	  .max = "65535", .doc = "0: any, and the same one after a restart" },
	{ "symbols", FIELD_TABLE, .offset = 0, .flags = FIELD_REQUIRED,
	  .doc = "what is traded: a list of tables" },
	{ "accounts", FIELD_TABLE, .offset = 0, .flags = FIELD_REQUIRED,
	  .doc = "the logins: a list of tables" },
	{ "knobs", FIELD_TABLE, .offset = 0,
	  .doc = "faults and delays by name: { reject = \"0.5%\", [\"delay.in\"] = \"uniform:1ms:3ms\", plan = { \"disconnect@12s\" } }" },
	{ "limits", FIELD_SECTION, VEN(limits), .sub = &limit_section,
	  .doc = "how much clients may ask for" },
	{ "requests_per_s", FIELD_INT, VEN(requests_per_second), .flags = FIELD_UNSIGNED,
	  .def = "0", .min = "0", .max = "100000",
	  .doc = "domestic futures: orders and cancels that the counter takes of an account in a second; 0: any number" },
	{ "self_trade_prevention", FIELD_ENUM, VEN(stp), .names = stps, .def = "expire_maker",
	  .doc = "for orders that name none" },
	{ "ping_every", FIELD_DURATION, VEN(ping_every_ns), .min = "10ms", .max = "1h",
	  .doc = "without it 20 s (spot) or 3 min (USD-M)" },
	{ "pong_within", FIELD_DURATION, VEN(pong_within_ns), .min = "10ms", .max = "1h",
	  .doc = "without it 60 s or 10 min" },
	{ "life", FIELD_DURATION, VEN(life_ns), .min = "100ms", .max = "24h",
	  .doc = "of a connection; without it 24 h" },
};
static const struct section venue_section = { "venues", "the markets, a list of tables",
					      venue_fields, COUNT(venue_fields), NULL };

/* ---------------------------------------------------------------- the source and the whole */

#define GEN(m) FIELD_TO(struct generator_config, m)
static const struct field generator_fields[] = {
	{ "seed", FIELD_INT, GEN(seed), .flags = FIELD_UNSIGNED, .def = "0",
	  .doc = "0: the seed of the file" },
	{ "start", FIELD_TIME, GEN(start_ns),
	  .doc = "what UTC it is in this world at the beginning; without it the machine's" },
	{ "mid", FIELD_DECIMAL, GEN(mid_e8), .dp = 8, .def = "61800", .min = "1000",
	  .max = "1000000", .unit = "quote currency",
	  .doc = "the common price at the beginning, unless the first symbols state their own" },
	{ "rate_pct", FIELD_INT, GEN(rate_pct), .flags = FIELD_UNSIGNED, .def = "100", .min = "1",
	  .max = "10000", .unit = "per cent", .doc = "events, against the measured rate" },
	{ "basis", FIELD_RATE, GEN(basis_mean_ppb), .dp = 9, .def = "0", .min = "-5%", .max = "5%",
	  .doc = "the perpetual over spot, in the mean" },
	{ "basis_dev", FIELD_RATE, GEN(basis_dev_ppb), .dp = 9, .def = "0.6bp", .min = "0",
	  .max = "1%", .doc = "its everyday deviation" },
	{ "excursion_every", FIELD_DURATION, GEN(excursion_ns), .def = "4s", .min = "1ms",
	  .max = "24h", .doc = "the mean time between wide excursions" },
	{ "excursion", FIELD_RATE, GEN(excursion_ppb), .dp = 9, .def = "25bp", .min = "0",
	  .max = "5%", .doc = "their typical size" },
};
static const struct section generator_section = {
	"source.generator",
	"a made market: a spot and a perpetual book, and a quiet one for every further symbol",
	generator_fields, COUNT(generator_fields), NULL
};

static const char *const times[] = { "market", "machine", NULL };
static const char *const starts[] = { "subscribed", "now", NULL };
_Static_assert(COUNT(times) == setup_time_max + 1 && COUNT(starts) == setup_start_max + 1,
	       "a name for every choice");
#define SET(m) FIELD_TO(struct venue_setup, m)
static const struct field source_fields[] = {
	{ "generator", FIELD_TABLE, .offset = 0, .doc = "a made market" },
	{ "recording", FIELD_TABLE, .offset = 0,
	  .doc = "a store that was imported or recorded, \"DB\", or by venue { spot = \"DB#BN.SPOT\" }; or recorded frames, "
		 "files by venue: { spot = \"a.gz\", usdm = { \"b.gz\", \"c.gz\" } }" },
	{ "time", FIELD_ENUM, SET(time), .names = times, .def = "market",
	  .doc = "of a recording: what UTC it is for those who follow the clock page, the recording's or the machine's" },
};
static const struct section source_section = {
	"source", "where the market comes from: generator or recording", source_fields,
	COUNT(source_fields), NULL
};

static const struct field top_fields[] = {
	{ "dir", FIELD_PATH, SET(dir), .flags = FIELD_REQUIRED,
	  .doc = "the folder of ledgers, keys, certificates and state; a restart on it goes on" },
	{ "clock_page", FIELD_PATH, SET(clock_page),
	  .doc = "the clock that host and venues share; without it DIR/clock" },
	{ "seed", FIELD_INT, SET(seed), .flags = FIELD_UNSIGNED, .def = "1", .min = "1",
	  .doc = "of the made market and of all chance in faults and delays" },
	{ "speed", FIELD_DECIMAL, SET(speed_milli), .dp = 3, .flags = FIELD_UNSIGNED, .def = "1",
	  .min = "0.001", .max = "1000",
	  .doc = "times the market's own pace, or \"max\": as fast as host and venues can" },
	{ "start", FIELD_ENUM, SET(start), .names = starts, .def = "subscribed",
	  .doc = "when the market begins: once each venue has a subscriber, or at once" },
	{ "duration", FIELD_DURATION, SET(duration_ns), .def = "0", .min = "0", .max = "10000h",
	  .doc = "of market time; 0: to the end" },
	{ "plaintext", FIELD_BOOL, SET(plaintext), .def = "false", .doc = "no TLS" },
	{ "source", FIELD_TABLE, .offset = 0, .flags = FIELD_REQUIRED,
	  .doc = "where the market comes from" },
	{ "venues", FIELD_TABLE, .offset = 0, .flags = FIELD_REQUIRED,
	  .doc = "the markets: a list of tables" },
};
static const struct section top_section = { "venue", "simulated venues", top_fields,
					    COUNT(top_fields), NULL };

void venue_config_explain(FILE *f)
{
	static const struct section *const all[] = { &top_section,	 &source_section,
						     &generator_section, &venue_section,
						     &symbol_section,	 &account_section };
	for (size_t i = 0; i < COUNT(all); i++)
		schema_explain(all[i], f);
}

/* ---------------------------------------------------------------- reading symbols */

static asset_id intern(struct schema *s, const struct tree_node *at, struct assets *a,
		       const char *name)
{
	asset_id id = name[0] ? asset_intern(a, name) : 0;
	if (name[0] && (!id || id >= LEDGER_ASSETS))
		schema_error(
			s, at,
			"\"%s\" is one asset too many; a ledger knows %d; take unused ones out",
			name, LEDGER_ASSETS - 1);
	return id;
}

static void finish_symbol(struct schema *s, const struct tree_node *node, struct venue_setup *u,
			  const struct setup_venue *v, struct symbol_form *form)
{
	struct instrument *i = &form->i;
	struct rule *r = &i->rule[0];
	bool spot = v->kind == MARKET_SPOT;
	snprintf(i->name, sizeof i->name, "%.20s.%.26s", v->name, i->symbol);
	i->venue = (uint16_t)(v - u->venue);
	i->n_rules = 1;
	i->expo.kind = spot ? EXPO_SPOT : EXPO_LINEAR;
	i->caps = (struct caps){ .types = 1u << ORD_LIMIT | 1u << ORD_MARKET | 1u << ORD_POST_ONLY,
				 .tifs = 1u << TIF_GTC | 1u << TIF_IOC | 1u << TIF_FOK,
				 .reduce_only = !spot,
				 .mass_cancel = true,
				 .self_trades = 1u << SELF_TRADE_TAKER | 1u << SELF_TRADE_MAKER };
	r->band_up_ppm = r->band_down_ppm = form->band_ppm;
	i->base = intern(s, node, &u->assets, form->base);
	i->quote = intern(s, node, &u->assets, form->quote);
	i->settle = form->settle[0] ? intern(s, node, &u->assets, form->settle) : i->quote;
	r->fee.fixed = intern(s, node, &u->assets, form->fee_asset);
	if (!spot && !r->margin_e8)
		r->margin_e8 = 5000000;
	if (tree_get(node, "tick") && r->tick <= 0)
		schema_error(
			s, tree_get(node, "tick"),
			"tick must be above 0; prices stand on its multiples; write the price step");
	if (tree_get(node, "lot") && r->lot <= 0)
		schema_error(
			s, tree_get(node, "lot"),
			"lot must be above 0; quantities stand on its multiples; write the quantity step");
	if ((r->fee.in == FEE_IN_FIXED) != (form->fee_asset[0] != 0))
		schema_error(
			s, node,
			"fees name an asset without charged_in = \"fixed\", or the other way round; they could not be "
			"booked; write both or neither");
	if (spot && (i->expo.num != 1 || i->expo.den != 1))
		schema_error(
			s, node,
			"a multiplier is for futures; one unit of spot is one unit; take it out");
}

static void read_symbols(struct schema *s, const struct tree_node *list, struct venue_setup *u,
			 struct setup_venue *v)
{
	if (!list || !schema_is_list(s, list, "symbols"))
		return;
	for (const struct tree_node *n = list->child; n; n = n->next) {
		if (v->n_instruments == SETUP_SYMBOLS) {
			schema_error(
				s, n,
				"more than %d symbols; a venue has room for no more; take some out",
				SETUP_SYMBOLS);
			return;
		}
		struct symbol_form form = { .i = { .expo = { .num = 1, .den = 1 },
						   .rule[0].fee = { .close_today_e8 = -1,
								    .close_today_per_lot_e8 =
									    -1 } } };
		schema_read(s, n, &symbol_section, &form);
		finish_symbol(s, n, u, v, &form);
		for (uint16_t k = 0; k < v->n_instruments; k++)
			if (strcmp(v->instrument[k].symbol, form.i.symbol) == 0)
				schema_error(
					s, n,
					"\"%s\" stands twice; a symbol names one market; take one out",
					form.i.symbol);
		if (v->kind == SETUP_CN_FUTURES)
			venue_config_contract(s, n, &form.cn, &form.i,
					      &v->contract[v->n_instruments]);
		v->mid_e8[v->n_instruments] = form.mid_e8;
		v->follows[v->n_instruments] = form.follows;
		v->instrument[v->n_instruments++] = form.i;
	}
	if (!v->n_instruments)
		schema_error(s, list,
			     "no symbols; a venue must trade something; write a table for one");
}

/* ---------------------------------------------------------------- reading accounts and knobs */

static void read_balances(struct schema *s, const struct tree_node *map, struct venue_setup *u,
			  struct exchange_account *a)
{
	static const struct field amount = { "balance",	  FIELD_DECIMAL,
					     .offset = 0, .size = sizeof(int64_t),
					     .dp = 8,	  .min = "0",
					     .doc = "" };
	if (!map || !schema_is_map(s, map, "balances"))
		return;
	for (const struct tree_node *n = map->child; n; n = n->next) {
		if (a->n_deposits == EXCHANGE_DEPOSITS) {
			schema_error(
				s, n,
				"more than %d balances; an account has room for no more; take some out",
				EXCHANGE_DEPOSITS);
			return;
		}
		int64_t v;
		if (!schema_value(s, n, &amount, &v))
			continue;
		a->deposit[a->n_deposits].asset = intern(s, n, &u->assets, n->key);
		a->deposit[a->n_deposits++].amount_e8 = v;
	}
}

static void read_accounts(struct schema *s, const struct tree_node *list, struct venue_setup *u,
			  struct setup_venue *v)
{
	if (!list || !schema_is_list(s, list, "accounts"))
		return;
	for (const struct tree_node *n = list->child; n; n = n->next) {
		if (v->n_accounts == SETUP_ACCOUNTS) {
			schema_error(
				s, n,
				"more than %d accounts; a venue has room for no more; take some out",
				SETUP_ACCOUNTS);
			return;
		}
		struct exchange_account *a = &v->account[v->n_accounts++];
		schema_read(s, n, &account_section, a);
		read_balances(s, tree_get(n, "balances"), u, a);
		for (uint16_t k = 0; k + 1 < v->n_accounts; k++)
			if (strcmp(v->account[k].name, a->name) == 0)
				schema_error(
					s, n,
					"account \"%s\" stands twice; names tell their keys apart; rename one",
					a->name);
	}
	if (v->kind == SETUP_CN_FUTURES)
		venue_config_members(v);
	if (!v->n_accounts)
		schema_error(s, list, "no accounts; nobody could trade; write a table for one");
}

static void read_knob(struct schema *s, const struct tree_node *n, const char *name,
		      struct knobs_config *k)
{
	if (n->kind != TREE_STRING && n->kind != TREE_NUMBER)
		schema_error(s, n,
			     "%s is %s; knobs are written as texts; write \"0.5%%\" or \"20ms\"",
			     name, tree_kind_name(n->kind));
	else if (knobs_set(k, name, n->text) != 0)
		schema_error(
			s, n,
			"%s; the venue could not do it; the README of the simulated venue lists the knobs",
			err_text());
}

static void read_knobs(struct schema *s, const struct tree_node *map, struct knobs_config *k)
{
	struct knobs probe;
	if (!map || !schema_is_map(s, map, "knobs"))
		return;
	for (const struct tree_node *n = map->child; n; n = n->next) {
		if (strcmp(n->key, "plan") != 0 || n->kind != TREE_TABLE) {
			read_knob(s, n, n->key, k);
			continue;
		}
		for (const struct tree_node *p = n->child; p; p = p->next)
			read_knob(s, p, "plan", k);
	}
	if (knobs_init(&probe, k, 1, 0) != 0)
		schema_error(s, map, "%s; the venue could not do it; correct it", err_text());
}

/* ---------------------------------------------------------------- reading venues and the source */

static void read_venues(struct schema *s, const struct tree_node *list, struct venue_setup *u)
{
	if (!list || !schema_is_list(s, list, "venues"))
		return;
	for (const struct tree_node *n = list->child; n; n = n->next) {
		if (u->n_venues == SETUP_VENUES) {
			schema_error(
				s, n,
				"more than %d venues; a process has room for no more; start another",
				SETUP_VENUES);
			return;
		}
		struct setup_venue *v = &u->venue[u->n_venues++];
		knobs_config_init(&v->knobs);
		schema_read(s, n, &venue_section, v);
		read_symbols(s, tree_get(n, "symbols"), u, v);
		read_accounts(s, tree_get(n, "accounts"), u, v);
		read_knobs(s, tree_get(n, "knobs"), &v->knobs);
		venue_config_check_knobs(s, tree_get(n, "knobs"), v);
		for (uint16_t k = 0; k + 1 < u->n_venues; k++)
			if (strcmp(u->venue[k].name, v->name) == 0)
				schema_error(
					s, n,
					"venue \"%s\" stands twice; names tell their ledgers apart; rename one",
					v->name);
	}
	if (!u->n_venues)
		schema_error(s, list,
			     "no venues; there would be nothing to run; write a table for one");
}

static void add_file(struct schema *s, const struct tree_node *n, struct venue_setup *u,
		     uint16_t venue)
{
	static const struct field path = { "file", FIELD_PATH, .offset = 0,
					   .size = sizeof(u->file[0].path), .doc = "" };
	if (u->n_files == SETUP_FILES) {
		schema_error(s, n, "more than %d files; there is room for no more; join some",
			     SETUP_FILES);
		return;
	}
	struct setup_file *f = &u->file[u->n_files];
	f->venue = venue;
	if (schema_value(s, n, &path, f->path))
		u->n_files++;
}

static void read_recording(struct schema *s, const struct tree_node *map, struct venue_setup *u)
{
	if (!schema_is_map(s, map, "recording"))
		return;
	for (const struct tree_node *n = map->child; n; n = n->next) {
		uint16_t v = 0;
		while (v < u->n_venues && strcmp(u->venue[v].name, n->key) != 0)
			v++;
		if (v == u->n_venues) {
			schema_error(
				s, n,
				"no venue is called \"%s\"; files belong to a venue; write the name of one of them",
				n->key);
			continue;
		}
		if (n->kind != TREE_TABLE)
			add_file(s, n, u, v);
		for (const struct tree_node *f = n->child; f; f = f->next)
			add_file(s, f, u, v);
	}
	if (!u->n_files && !s->errs->n)
		schema_error(s, map, "no files; there would be no market; write spot = \"FILE\"");
}

/* One store for all venues. */
static void read_store(struct schema *s, const struct tree_node *node, struct venue_setup *u)
{
	for (uint16_t v = 0; v < u->n_venues; v++)
		add_file(s, node, u, v);
}

static void read_source(struct schema *s, const struct tree_node *node, struct venue_setup *u)
{
	const struct tree_node *generator = tree_get(node, "generator"),
			       *recording = tree_get(node, "recording");
	struct field fields[COUNT(source_fields)];
	struct section section = source_section;
	if (!node)
		return;
	memcpy(fields, source_fields, sizeof fields);
	section.field = fields;
	bool store = recording && recording->kind == TREE_STRING;
	for (size_t i = 0; store && i < COUNT(fields); i++)
		if (strcmp(fields[i].key, "recording") == 0) /* a path instead of a table */
			fields[i] = (struct field){ "recording", FIELD_PATH,
						    FIELD_TO(struct venue_setup, file[0].path),
						    .doc = "a store" };
	schema_read(s, node, &section, u);
	if (!generator == !recording) {
		schema_error(
			s, node,
			"source needs one of generator and recording; the market comes from one place; write one");
		return;
	}
	u->source = recording ? SETUP_RECORDING : SETUP_GENERATOR;
	if (store)
		read_store(s, recording, u);
	if (recording && recording->kind == TREE_TABLE)
		read_recording(s, recording, u);
	if (generator && generator->kind == TREE_TABLE) {
		schema_read(s, generator, &generator_section, &u->generator);
		u->has_start = tree_get(generator, "start") != NULL;
	}
}

int venue_config_speed(const char *text, uint32_t *milli)
{
	char *end;
	double v = strtod(text, &end);
	*milli = 0;
	if (strcmp(text, "max") == 0)
		return 0;
	if (end == text || *end || !isfinite(v) || v < 0.001 || v > 1000)
		return err_set(ERR_CONFIG,
			       "speed is \"%s\"; it must be a number from 0.001 to 1000, or max",
			       text);
	*milli = (uint32_t)(v * 1000 + 0.5);
	return 0;
}

/* speed = "max" is no number: then the schema of that key is another. */
static void read_top(struct schema *s, const struct tree_node *root, struct venue_setup *u)
{
	static const char *const words[] = { "max", NULL };
	struct field fields[COUNT(top_fields)];
	struct section section = top_section;
	const struct tree_node *speed = tree_get(root, "speed");
	bool max = speed && speed->kind == TREE_STRING && strcmp(speed->text, "max") == 0;
	memcpy(fields, top_fields, sizeof fields);
	section.field = fields;
	for (size_t i = 0; max && i < COUNT(fields); i++)
		if (strcmp(fields[i].key, "speed") == 0) {
			/* Where the word goes does not matter: 0 says it. */
			fields[i] = (struct field){ "speed", FIELD_ENUM,
						    FIELD_TO(struct venue_setup, source),
						    .names = words, .doc = "" };
		}
	schema_read(s, root, &section, u);
	if (max)
		u->speed_milli = 0;
}

int venue_config_read(const char *path, struct venue_setup *out, struct config_errors *errs)
{
	struct tree t;
	memset(out, 0, sizeof *out);
	out->assets.n = 1;
	int rc = tree_read(path, &t, errs);
	if (rc < 0)
		return rc;
	struct schema s = { .tree = &t, .errs = errs };
	read_top(&s, t.root, out);
	read_venues(&s, tree_get(t.root, "venues"), out);
	read_source(&s, tree_get(t.root, "source"), out);
	tree_free(&t);
	config_errors_sort(errs);
	return errs->n ? -ERR_CONFIG : 0;
}
