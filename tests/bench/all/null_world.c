#include "tests/bench/all/null_world.h"
#include "core/base/err.h"
#include "tests/bench/bench.h"

_Noreturn void null_die(const char *what)
{
	fprintf(stderr, "bench_engine: %s: %s\n", what, err_text());
	exit(1);
}

void null_now(struct env *e, struct env_now *out)
{
	(void)e;
	out->mono_ns = bench_ns();
	out->utc_ns = out->mono_ns + 1767225600000000000;
}

static struct quote quote_at(struct null_world *w, int64_t bid)
{
	return (struct quote){ .px = { bid, bid + 1 },
			       .qty = { 500000, 500000 },
			       .seq = ++w->seq,
			       .recv_ns = bench_ns() };
}

static int64_t null_bound(struct env *e)
{
	(void)e;
	return 0;
}

static int64_t null_since_read(struct env *e)
{
	(void)e;
	return 0;
}

static void null_poll(struct env *e, int64_t wake_ns)
{
	struct null_world *w = ((struct null_env *)e)->world;
	(void)wake_ns;
	if (w->event == UINT32_MAX)
		return;
	if (w->frame) {
		struct binance_md_event ev;
		if (binance_md_decode(&w->reader[w->event % VENUES].md, w->frame->text, w->frame->n,
				      bench_ns(), &ev) ||
		    ev.kind != MD_QUOTE)
			null_die("a frame cannot be read");
		w->host.on_quote(w->host.core, ev.instrument, &ev.quote);
		return;
	}
	struct quote q = quote_at(w, w->px);
	w->host.on_quote(w->host.core, w->event, &q);
}

static void null_flush(struct env *e)
{
	(void)e;
}

static bool null_command(struct env *e, struct env_command *c)
{
	(void)e, (void)c;
	return false;
}

static const struct env_ops env_ops = { .name = "null",
					.now = null_now,
					.since_read_ns = null_since_read,
					.clock_bound_ns = null_bound,
					.poll = null_poll,
					.flush = null_flush,
					.command = null_command };

static size_t null_encode(uint64_t id, char out[VENUE_CLIENT_ID])
{
	for (int i = 0; i < 16; i++)
		out[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
	out[16] = '\0';
	return 16;
}

static int null_place(struct venue *v, const struct order *o)
{
	struct null_venue *n = (struct null_venue *)v;
	n->last = *o;
	n->placed++;
	return 0;
}

static enum depth_rule null_rule(const struct venue *v, uint32_t instrument)
{
	(void)v, (void)instrument;
	return DEPTH_NEXT_IS_LAST_PLUS_1;
}

static void null_time(struct venue *v, int64_t mono_ns)
{
	(void)v, (void)mono_ns;
}

static int null_start(struct venue *v)
{
	v->state = VENUE_UP;
	return 0;
}

static const struct venue_ops venue_ops = { .name = "null",
					    .encode_id = null_encode,
					    .place = null_place,
					    .depth_rule = null_rule,
					    .start = null_start,
					    .on_time = null_time };

static int quiet_run(struct strategy *s, const struct strat_self *self,
		     const struct strat_event *ev, struct proposal *out, unsigned cap)
{
	(void)self, (void)ev, (void)out, (void)cap;
	s->calls++;
	return 0;
}

static uint32_t quiet_hooks(const struct strategy *s)
{
	(void)s;
	return 1u << STRAT_BASIS;
}

static const struct strategy_ops script_ops = { .run = quiet_run, .hooks = quiet_hooks };

static void *rows(size_t n, size_t size)
{
	void *p = calloc(n, size);
	if (!p)
		null_die("memory");
	return p;
}

static void fill_instrument(struct config *c, uint32_t i)
{
	struct instrument *in = &c->instrument[i];
	bool spot = i % VENUES == 0;
	snprintf(in->name, sizeof in->name, "I%u", i);
	snprintf(in->symbol, sizeof in->symbol, "I%u", i);
	in->venue = (uint16_t)(i % VENUES);
	in->px_dp = 2;
	in->qty_dp = 5;
	in->base = asset_intern(&c->assets, "BTC");
	in->quote = in->settle = asset_intern(&c->assets, "USDT");
	in->expo = (struct expo){ .kind = spot ? EXPO_SPOT : EXPO_LINEAR, .num = 1, .den = 1 };
	struct rule r = {
		.from_utc_ns = 1, .tick = 1, .lot = 1, .min_qty = 1, .margin_e8 = 5000000
	};
	r.fee.taker_e8 = 10000;
	if (instrument_add_rule(in, &r))
		null_die("rule");
}

static void fill_config(struct config *c, uint32_t instruments, uint16_t instances)
{
	c->n_venues = c->n_accounts = VENUES;
	c->n_instruments = instruments;
	c->n_instances = instances;
	c->venue = rows(VENUES, sizeof *c->venue);
	c->account = rows(VENUES, sizeof *c->account);
	c->instrument = rows(instruments, sizeof *c->instrument);
	c->instance = rows(instances, sizeof *c->instance);
	for (uint16_t v = 0; v < VENUES; v++) {
		snprintf(c->venue[v].name, sizeof c->venue[v].name, "v%u", v);
		c->venue[v].answer_timeout_ns = 2000000000;
		c->venue[v].messages_per_s = 0;
		c->account[v].venue = v;
	}
	for (uint32_t i = 0; i < instruments; i++)
		fill_instrument(c, i);
	for (uint16_t i = 0; i < instances; i++) {
		struct config_instance *in = &c->instance[i];
		snprintf(in->name, sizeof in->name, "s%u", i);
		in->n_legs = 2;
		for (uint32_t l = 0; l < 2; l++) {
			snprintf(in->leg_name[l], sizeof in->leg_name[l], "l%u", l);
			in->leg[l] = 2u * i + l;
			in->account[l] = (uint16_t)l;
			in->ratio_num[l] = in->ratio_den[l] = 1;
		}
		in->lot_base_e8 = 100000;
		in->max_pos_lots = 100;
	}
	c->risk = (struct config_risk){ .max_order_notional_e8 = 100000000000000,
					.max_position_notional_e8 = 1000000000000000,
					.max_position_base_e8 = 10000000000,
					.max_imbalance_base_e8 = 1000000000,
					.collar_ppm = 10000,
					.max_age_ns = 2000000000,
					.max_skew_ns = 1000000000,
					.max_pairs_in_flight = 100 };
}

void null_world_open(struct null_world *w, uint32_t instruments, uint16_t instances,
		     struct journal *journal)
{
	memset(w, 0, sizeof *w);
	w->event = UINT32_MAX;
	rng_seed(&w->rng, 1);
	w->env = (struct null_env){ { &env_ops }, w };
	fill_config(&w->cfg, instruments, instances);
	w->script = (struct strategy){ .ops = &script_ops,
				       .n_legs = 2,
				       .conv = { { .k = 1 }, { .k = 1 } } };
	struct engine_parts parts = { .cfg = &w->cfg,
				      .instrument = w->cfg.instrument,
				      .env = &w->env.e,
				      .journal = journal,
				      .epoch = 1 };
	parts.names = (struct desk_names){ rows(VENUES, 4), rows(VENUES, 4), rows(instances, 4),
					   rows(instances, 4), rows(ASSET_MAX, 4) };
	if (engine_open(&parts, &w->engine))
		null_die("engine");
	w->host = engine_venue_host(w->engine);
	for (uint16_t v = 0; v < VENUES; v++) {
		struct null_reader *r = &w->reader[v];
		if (symbols_init(&r->symbols, w->cfg.instrument, instruments, v) ||
		    binance_md_init(&r->md, &r->symbols, 1000, false))
			null_die("reader");
		r->md.soon = w->host.on_soon;
		r->md.soon_arg = w->host.core;
	}
	for (uint16_t v = 0; v < VENUES; v++) {
		w->venue[v].v = (struct venue){ .ops = &venue_ops, .host = w->host, .index = v };
		engine_set_venue(w->engine, v, &w->venue[v].v);
	}
	for (uint16_t i = 0; i < instances; i++)
		engine_set_script(w->engine, i, &w->script);
	if (engine_start(w->engine))
		null_die("start");
	struct desk *d = engine_desk(w->engine);
	for (uint16_t v = 0; v < VENUES; v++)
		d->venue[v].reconciled = true;
	for (uint32_t i = 0; i < instruments; i++) {
		struct level bid[2] = { { MID, 500000 }, { MID - 1, 500000 } },
			     ask[2] = { { MID + 1, 500000 }, { MID + 2, 500000 } };
		struct depth x = { .last_seq = ++w->seq,
				   .recv_ns = bench_ns(),
				   .level = { bid, ask },
				   .n = { 2, 2 } };
		w->host.on_snapshot(w->host.core, i, &x);
	}
}

void null_world_close(struct null_world *w)
{
	engine_free(w->engine);
	for (uint16_t v = 0; v < VENUES; v++) {
		binance_md_free(&w->reader[v].md);
		symbols_free(&w->reader[v].symbols);
	}
	free(w->cfg.venue);
	free(w->cfg.account);
	free(w->cfg.instrument);
	free(w->cfg.instance);
}
