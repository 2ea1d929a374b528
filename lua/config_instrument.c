#include "core/base/err.h"
#include "core/base/frac.h"
#include "core/market/unit.h"
#include "lua/config_part.h"
#include <string.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct instrument_form, m)
#define PX	 .dp_at = (uint32_t)offsetof(struct instrument_form, i.px_dp)
#define QTY	 .dp_at = (uint32_t)offsetof(struct instrument_form, i.qty_dp)

/* What the file says; assets are names there and numbers in the instrument. */
struct instrument_form {
	struct instrument i;
	struct schema_measure multiplier;
	char calendar[CALENDAR_NAME];
	char base[12], quote[12], settle[12], fee_asset[12];
};

static const char *const kinds[] = { "linear", "inverse", "spot", NULL };
_Static_assert(COUNT(kinds) == expo_kind_max + 1, "a word for every kind of exposure");
static const char *const fee_ins[] = { "quote", "received", "fixed", NULL };
_Static_assert(COUNT(fee_ins) == fee_in_max + 1, "a word for every asset that a fee is taken in");

static const char *const feed_models[] = { "sequenced", "conflated", "snapshot",
					   "on_change", "probed",    NULL };
_Static_assert(COUNT(feed_models) == feed_model_max + 1, "a word for every model of a feed");

static const struct field fee_fields[] = {
	{ "maker", FIELD_RATE, TO(i.rule[0].fee.maker_e8), .flags = FIELD_REQUIRED, .dp = 8,
	  .min = "-100bp", .max = "1000bp",
	  .doc = "what a fill costs that rested in the book, of its notional; less than 0 for a rebate" },
	{ "taker", FIELD_RATE, TO(i.rule[0].fee.taker_e8), .flags = FIELD_REQUIRED, .dp = 8,
	  .min = "-100bp", .max = "1000bp",
	  .doc = "what a fill costs that took from the book, of its notional" },
	{ "per_lot", FIELD_DECIMAL, TO(i.rule[0].fee.per_lot_e8), .dp = 8, .def = "0", .min = "0",
	  .unit = "the fee's asset", .doc = "what a fill costs beside that, by quantity" },
	{ "close_today", FIELD_RATE, TO(i.rule[0].fee.close_today_e8), .dp = 8, .min = "0",
	  .max = "1000bp",
	  .doc = "what closing a position of the same day costs, where that differs" },
	{ "close_today_per_lot", FIELD_DECIMAL, TO(i.rule[0].fee.close_today_per_lot_e8), .dp = 8,
	  .min = "0", .unit = "the fee's asset", .doc = "the same, by quantity" },
	{ "tax_buy", FIELD_RATE, TO(i.rule[0].fee.tax_buy_e8), .dp = 8, .def = "0", .min = "0",
	  .max = "1000bp", .doc = "tax on buying, of the notional, beside the commission" },
	{ "tax_sell", FIELD_RATE, TO(i.rule[0].fee.tax_sell_e8), .dp = 8, .def = "0", .min = "0",
	  .max = "1000bp", .doc = "tax on selling, of the notional: stamp duty" },
	{ "charged_in", FIELD_ENUM, TO(i.rule[0].fee.in), .def = "quote", .names = fee_ins,
	  .doc = "which asset it is taken in: the quote currency, what is received (spot), or a fixed one such as the venue's coin" },
	{ "asset", FIELD_NAME, TO(fee_asset), .doc = "the asset, where charged_in is \"fixed\"" },
};

static const struct section fees = { "fees", "what trading costs in this account's tier",
				     fee_fields, COUNT(fee_fields), NULL };

static const struct field instrument_fields[] = {
	{ "name", FIELD_NAME, TO(i.name), .flags = FIELD_REQUIRED,
	  .doc = "what it is called in this file and in receipts, such as \"BINANCE.BTCUSDT\"" },
	{ "venue", FIELD_REF, TO(i.venue), .flags = FIELD_REQUIRED | FIELD_UNSIGNED,
	  .ref = LIST_VENUE, .doc = "where it is traded" },
	{ "symbol", FIELD_STRING, TO(i.symbol), .flags = FIELD_REQUIRED,
	  .doc = "what the venue calls it" },
	{ "base", FIELD_NAME, TO(base), .flags = FIELD_REQUIRED,
	  .doc = "the asset that exposure is counted in; legs of a pair must agree on it" },
	{ "quote", FIELD_NAME, TO(quote), .flags = FIELD_REQUIRED,
	  .doc = "the currency of its price; USD, USDT and USDC are three" },
	{ "settle", FIELD_NAME, TO(settle),
	  .doc = "the currency of margin and profit; without it the quote currency" },
	{ "px_dp", FIELD_INT, TO(i.px_dp), .flags = FIELD_UNSIGNED, .def = "8", .min = "0",
	  .max = "12", .unit = "decimals",
	  .doc = "the scale of prices; fixed for the life of the instrument" },
	{ "qty_dp", FIELD_INT, TO(i.qty_dp), .flags = FIELD_UNSIGNED, .def = "8", .min = "0",
	  .max = "12", .unit = "decimals",
	  .doc = "the scale of quantities; fixed for the life of the instrument" },
	{ "kind", FIELD_ENUM, TO(i.expo.kind), .flags = FIELD_REQUIRED, .names = kinds,
	  .doc = "how a quantity becomes base units: linear (times multiplier), inverse (contracts of so much quote currency: divided by the "
		 "price), spot (linear, and fees may be taken out of it)" },
	{ "multiplier", FIELD_MEASURE, TO(multiplier), .def = "1",
	  .doc = "base units (inverse: quote currency) of one unit of quantity; with a unit of its own, \"100 ozt\", it is converted to base_unit" },
	{ "unit", FIELD_STRING, TO(i.px_unit),
	  .doc = "what a price says, such as \"CNY/g\" or \"USD/ozt\"; without it quote per base unit" },
	{ "base_unit", FIELD_STRING, TO(i.base_unit),
	  .doc = "what base units are counted in, such as \"g\" or \"t\"; without it the base asset itself" },
	{ "vat", FIELD_RATE, TO(i.vat_e8), .dp = 8, .def = "0", .min = "0", .max = "100%",
	  .doc = "the tax that its price contains, of the price before it: \"13%\" for metals in China" },
	{ "calendar", FIELD_NAME, TO(calendar),
	  .doc = "when it is traded: one of calendars, or one that ships, such as \"SHFE.au\"; without it round the clock" },
	{ "exchange", FIELD_NAME, TO(i.exchange),
	  .doc = "whose exchange_rules bind it, such as \"SHFE\"; without it nothing is counted" },
	{ "feed_model", FIELD_ENUM, TO(i.feed_model), .names = feed_models,
	  .doc = "what silence of its feed means: sequenced (every change is sent and numbered), conflated (changes are merged, every cadence), "
		 "snapshot (the whole top at a cadence, changed or not), on_change (without numbers), probed (a stream of its own: when it is quiet the venue is asked whether it has anything newer); without it as the venue's adapter works" },
	{ "cadence", FIELD_DURATION, TO(i.cadence_ns), .min = "1us", .max = "1h",
	  .doc = "how often a conflated or snapshot feed speaks" },
	{ "fees", FIELD_SECTION, .offset = 0, .sub = &fees,
	  .doc = "what trading costs: needed where it is a leg, not for what is only priced" },
	{ "tick", FIELD_DECIMAL, TO(i.rule[0].tick), PX, .min = "0", .unit = "price",
	  .doc = "the price step; without it the venue's own" },
	{ "lot", FIELD_DECIMAL, TO(i.rule[0].lot), QTY, .min = "0", .unit = "quantity",
	  .doc = "the quantity step; without it the venue's own" },
	{ "min_qty", FIELD_DECIMAL, TO(i.rule[0].min_qty), QTY, .min = "0", .unit = "quantity",
	  .doc = "the least that an order may be for" },
	{ "max_qty", FIELD_DECIMAL, TO(i.rule[0].max_qty), QTY, .min = "0", .unit = "quantity",
	  .doc = "the most that an order may be for" },
	{ "min_notional", FIELD_DECIMAL, TO(i.rule[0].min_notional_e8), .dp = 8, .min = "0",
	  .unit = "quote currency", .doc = "the least value that an order may have" },
	{ "margin", FIELD_RATE, TO(i.rule[0].margin_e8), .dp = 8, .min = "0", .max = "100%",
	  .doc = "the initial margin, of the notional" },
	{ "lock_today", FIELD_BOOL, TO(i.may_lock), .def = "false",
	  .doc = "whether lots of the same day may be locked by opening the other side where closing them costs more than that" },
	{ "negative_prices", FIELD_BOOL, TO(i.px_may_be_negative), .def = "false",
	  .doc = "whether a price of 0 or less is one (spreads, some energy)" },
	{ "expiry", FIELD_TIME, TO(i.expiry_utc_ns),
	  .doc = "when it ends to be traded; none for spot and perpetuals" },
};
static const struct field_order instrument_order[] = { { "min_qty", "max_qty" },
						       { "lot", "max_qty" },
						       { NULL, NULL } };

const struct section config_instruments = { "instruments",
					    "what is traded or priced, a list of tables",
					    instrument_fields, COUNT(instrument_fields),
					    instrument_order };

static asset_id intern(struct config_part *p, const struct tree_node *node, const char *name)
{
	asset_id id = name[0] ? asset_intern(&p->config->assets, name) : 0;
	if (name[0] && id == 0)
		schema_error(
			&p->schema, node,
			"\"%s\" is one asset too many; %d are possible; take unused instruments out",
			name, ASSET_MAX - 1);
	return id;
}

static void read_assets(struct config_part *p, const struct tree_node *node,
			struct instrument_form *form)
{
	struct instrument *i = &form->i;
	struct fee_rule *fee = &i->rule[0].fee;
	const struct tree_node *fee_node = config_at(node, "fees");
	i->base = intern(p, node, form->base);
	i->quote = intern(p, node, form->quote);
	i->settle = form->settle[0] ? intern(p, node, form->settle) : i->quote;
	fee->fixed = intern(p, fee_node, form->fee_asset);
	if (i->base && i->base == i->quote)
		schema_error(
			&p->schema, config_at(node, "quote"),
			"quote and base of \"%s\" are both %s; a price is one asset in another; "
			"correct one of them",
			i->name, form->base);
	if (fee->in == FEE_IN_FIXED && !fee->fixed)
		schema_error(&p->schema, config_at(fee_node, "charged_in"),
			     "the fees of \"%s\" are charged in a fixed asset that is not named; "
			     "they could not be booked; add asset = \"...\"",
			     i->name);
	if (fee->in != FEE_IN_FIXED && fee->fixed)
		schema_error(
			&p->schema, config_at(fee_node, "asset"),
			"the fees of \"%s\" name an asset but are not charged in it; one of the "
			"two is meant; write charged_in = \"fixed\", or take asset out",
			i->name);
}

/* A rule needs both steps; with neither of them the venue's rules come with the first connection. */
static void read_rule(struct config_part *p, const struct tree_node *node, struct instrument *i)
{
	static const char *const steps[] = { "tick", "lot" };
	bool given[2] = { tree_get(node, "tick") != NULL, tree_get(node, "lot") != NULL };
	const int64_t value[2] = { i->rule[0].tick, i->rule[0].lot };
	for (unsigned k = 0; k < 2; k++)
		if (given[k] && value[k] <= 0)
			schema_error(
				&p->schema, tree_get(node, steps[k]),
				"%s of \"%s\" is 0; prices and quantities move in steps; write the "
				"step, or take it out to use the venue's",
				steps[k], i->name);
		else if (given[k] && !given[!k])
			schema_error(
				&p->schema, tree_get(node, steps[k]),
				"\"%s\" has %s but no %s; a rule needs both; add %s, or take %s out "
				"to use the venue's",
				i->name, steps[k], steps[!k], steps[!k], steps[k]);
	i->n_rules = given[0] && given[1];
	if (i->expo.kind == EXPO_INVERSE && i->px_may_be_negative)
		schema_error(&p->schema, config_at(node, "negative_prices"),
			     "\"%s\" is inverse and may have negative prices; its exposure is "
			     "divided by the price; take negative_prices out",
			     i->name);
}

/* 1 unit of quantity in base units: "100 ozt" in g is 19439673 / 6250. */
static void read_multiplier(struct config_part *p, const struct tree_node *node,
			    struct instrument_form *form)
{
	const struct schema_measure *m = &form->multiplier;
	struct expo *x = &form->i.expo;
	int64_t num = 1, den = 1;
	x->num = m->num;
	x->den = m->den;
	if (!m->unit[0])
		return;
	const struct tree_node *at = config_at(node, "multiplier");
	if (x->kind == EXPO_INVERSE || !form->i.base_unit[0]) {
		schema_error(
			&p->schema, at,
			"the multiplier of \"%s\" is in %s, and %s; it could not be converted; %s",
			form->i.name, m->unit,
			x->kind == EXPO_INVERSE
				? "it is inverse, so that it counts quote currency"
				: "it is not said what its base units are counted in",
			x->kind == EXPO_INVERSE ? "write the number alone"
						: "add base_unit = \"g\"");
		return;
	}
	if (unit_ratio(m->unit, form->i.base_unit, &num, &den)) {
		schema_error(&p->schema, at,
			     "the multiplier of \"%s\" is in %s, which is not so many %s: %s; its "
			     "exposure would be wrong; correct one of the two",
			     form->i.name, m->unit, form->i.base_unit, err_text());
		return;
	}
	struct frac of = { m->num, m->den }, by = { num, den }, product;
	if (frac_mul(of, by, &product)) {
		x->num = product.num;
		x->den = product.den;
	} else {
		schema_error(
			&p->schema, at,
			"the multiplier of \"%s\" in %s needs more than 64 bits; it could not be "
			"kept exactly; choose a base_unit nearer to it",
			form->i.name, form->i.base_unit);
	}
}

/* Do the price's unit, the base unit and the quote currency measure the same thing? */
static void check_units(struct config_part *p, const struct tree_node *node,
			const struct instrument_form *form)
{
	const struct instrument *i = &form->i;
	struct unit counted;
	int64_t num, den;
	if (i->base_unit[0] && unit_parse(i->base_unit, strlen(i->base_unit), &counted)) {
		schema_error(
			&p->schema, config_at(node, "base_unit"),
			"the base_unit of \"%s\" is none: %s; exposure is counted in it; write one "
			"such as \"g\", or leave it out to count in %s",
			i->name, err_text(), form->base);
		return;
	}
	if (!i->px_unit[0] ||
	    !unit_notional(i->px_unit, i->base_unit, form->base, form->quote, &num, &den))
		return;
	schema_error(
		&p->schema, config_at(node, "unit"),
		"the unit of \"%s\" is %s, which does not come to %s for one %s: %s; its value would be "
		"wrong; write a unit such as \"%s/%s\"",
		i->name, i->px_unit, form->quote, i->base_unit[0] ? i->base_unit : form->base,
		err_text(), form->quote, i->base_unit[0] ? i->base_unit : form->base);
}

/* What is not said is as the adapter of the venue gets its data: on Binance each symbol is a stream of its own, and
 * what its neighbours say proves nothing of it. */
static void read_feed(struct config_part *p, const struct tree_node *node, struct instrument *i)
{
	static const struct {
		const char *adapter;
		uint8_t model;
		int64_t cadence_ns;
	} adapters[] = { { "binance_", FEED_PROBED, 0 }, { "diff", FEED_CONFLATED, 500000000 } };
	const char *adapter = i->venue == NO_VENUE ? "" : p->config->venue[i->venue].adapter;
	const struct tree_node *model = tree_get(node, "feed_model"),
			       *cadence = tree_get(node, "cadence");
	for (unsigned k = 0; k < COUNT(adapters); k++) {
		if (strncmp(adapter, adapters[k].adapter, strlen(adapters[k].adapter)) != 0)
			continue;
		if (!model)
			i->feed_model = adapters[k].model;
		if (!cadence && i->feed_model == adapters[k].model)
			i->cadence_ns = adapters[k].cadence_ns;
	}
	bool beats = i->feed_model == FEED_CONFLATED || i->feed_model == FEED_SNAPSHOT;
	if (beats && !i->cadence_ns)
		schema_error(
			&p->schema, config_at(node, "feed_model"),
			"the feed of \"%s\" is %s and has no cadence; its silence could not be "
			"told from its pace; add cadence = \"500ms\"",
			i->name, feed_models[i->feed_model]);
	if (!beats && cadence)
		schema_error(
			&p->schema, cadence,
			"the feed of \"%s\" is %s, which has no cadence; the number would count "
			"for nothing; take it out, or write feed_model = \"conflated\"",
			i->name, feed_models[i->feed_model]);
}

/* What the adapter's protocol can say of an order; exchanges differ. SHFE and INE tell today's lots from earlier ones; CZCE has no FOK. */
static void read_caps(const struct config_part *p, struct instrument *i)
{
	const char *adapter = i->venue == NO_VENUE ? "" : p->config->venue[i->venue].adapter;
	if (strcmp(adapter, "diff") != 0)
		return;
	bool splits = !strncmp(i->symbol, "SHFE.", 5) || !strncmp(i->symbol, "INE.", 4);
	bool fok = strncmp(i->symbol, "CZCE.", 5) != 0;
	i->caps.types = 1u << ORD_LIMIT;
	i->caps.tifs = 1u << TIF_DAY | 1u << TIF_IOC | (fok ? 1u << TIF_FOK : 0);
	i->caps.offsets = 1u << OFFSET_OPEN | 1u << OFFSET_CLOSE;
	if (splits)
		i->caps.offsets |= 1u << OFFSET_CLOSE_TODAY | 1u << OFFSET_CLOSE_YESTERDAY;
}

static void check_expiry(struct config_part *p, const struct tree_node *node,
			 const struct instrument *i)
{
	/* Under a simulated clock the day of trading is not ours to know. */
	if (!i->expiry_utc_ns || p->offline || p->config->engine.clock_page[0] ||
	    i->expiry_utc_ns / 1000000000 > (int64_t)time(NULL))
		return;
	schema_error(
		&p->schema, config_at(node, "expiry"),
		"\"%s\" expired at %s; an instrument that has ended cannot be traded (F49, F66); "
		"name the next contract, or take it out",
		i->name, tree_get(node, "expiry")->text);
}

void config_read_instrument(struct config_part *p, const struct tree_node *node, void *item)
{
	struct instrument_form form = { .i = { .venue = NO_VENUE, .calendar = CALENDAR_NONE } };
	form.i.rule[0].fee.close_today_e8 = form.i.rule[0].fee.close_today_per_lot_e8 = -1;
	uint32_t before = p->schema.errs->n;
	schema_read(&p->schema, node, &config_instruments, &form);
	read_assets(p, node, &form);
	/* What could not be read would be told again as a step of 0. */
	if (p->schema.errs->n == before) {
		read_rule(p, node, &form.i);
		read_multiplier(p, node, &form);
		check_units(p, node, &form);
		if (p->schema.errs->n == before &&
		    instrument_set_worth(&form.i, &p->config->assets))
			schema_error(
				&p->schema, config_at(node, "unit"),
				"the unit of \"%s\" makes no exact value: %s; write a nearer unit",
				form.i.name, err_text());
		read_feed(p, node, &form.i);
		read_caps(p, &form.i);
	}
	if (form.calendar[0])
		form.i.calendar = config_calendar(p, tree_get(node, "calendar"), form.calendar);
	check_expiry(p, node, &form.i);
	memcpy(item, &form.i, sizeof(form.i));
}

static bool is_leg(const struct config *c, uint32_t instrument)
{
	for (unsigned s = 0; s < c->n_instances; s++)
		for (unsigned l = 0; l < c->instance[s].n_legs; l++)
			if (c->instance[s].leg[l] == instrument)
				return true;
	return false;
}

void config_check_instruments(struct config_part *p)
{
	const struct config *c = p->config;
	const struct tree_node *node = tree_get(p->root, "instruments");
	node = node ? node->child : NULL;
	for (uint32_t n = 0; n < c->n_instruments && node; n++, node = node->next) {
		if (!tree_get(node, "fees") && is_leg(c, n))
			schema_error(
				&p->schema, node,
				"\"%s\" is traded and has no fees; a strategy would see gains that are not there; add "
				"fees = { maker = \"...bp\", taker = \"...bp\" }",
				c->instrument[n].name);
		for (uint32_t k = 0; k < n; k++) {
			const struct instrument *a = &c->instrument[k], *b = &c->instrument[n];
			if (a->venue == b->venue && a->venue != NO_VENUE && a->symbol[0] &&
			    !strcmp(a->symbol, b->symbol))
				schema_error(
					&p->schema, node,
					"\"%s\" is symbol %s of venue \"%s\", as \"%s\" is; what comes from there could not "
					"be told apart; take one of them out",
					b->name, b->symbol, c->venue[a->venue].name, a->name);
		}
	}
}
