#include "tests/unit/engine/stage.h"
#include "core/ops/alert_sinks.h"

#include "core/base/err.h"
#include "core/base/must.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void trace(struct stage *s, const char *word)
{
	size_t n = strlen(word);
	if (s->n_trace + n + 2 > sizeof s->trace)
		s->n_trace = 0;
	memcpy(s->trace + s->n_trace, word, n);
	s->trace[s->n_trace + n] = ' ';
	s->n_trace += n + 1;
	s->trace[s->n_trace] = '\0';
}

static void trace_at(struct stage *s, char what, unsigned venue)
{
	char word[3] = { what, (char)('0' + venue), '\0' };
	trace(s, word);
}

static struct stage_event *push(struct stage *s)
{
	must(s->n_events < sizeof s->event / sizeof *s->event);
	struct stage_event *e = &s->event[s->n_events++];
	memset(e, 0, sizeof *e);
	return e;
}

/* ---- venues ---- */

static struct exec_report report_of(const struct stage_venue *f, const struct order *o,
				    enum exec_kind kind)
{
	struct exec_report r = {
		.kind = (uint8_t)kind,
		.side = o->side,
		.venue = f->v.index,
		.account = f->v.index,
		.instrument = o->instrument,
		.order = o->id,
		.px = o->px,
		.qty = o->qty,
	};
	snprintf(r.venue_order, sizeof r.venue_order, "V%llx", (unsigned long long)o->id);
	return r;
}

static void say(struct stage_venue *f, const struct order *o, enum exec_kind kind)
{
	struct stage_event *e = push(f->stage);
	e->kind = EV_EXEC;
	e->exec = report_of(f, o, kind);
	if (kind == EXEC_REJECTED)
		e->exec.reject_class = REJECT_MONEY;
	if (kind == EXEC_FILL)
		snprintf(e->exec.exec, sizeof e->exec.exec, "E%llx", (unsigned long long)o->id);
}

static int place(struct venue *v, const struct order *o)
{
	struct stage_venue *f = (struct stage_venue *)v;
	trace_at(f->stage, 'p', v->index);
	f->last = *o;
	f->places++;
	switch (f->fate) {
	case STAGE_FILL:
		say(f, o, EXEC_ACK);
		say(f, o, EXEC_FILL);
		break;
	case STAGE_REJECT:
		say(f, o, EXEC_REJECTED);
		break;
	case STAGE_NOTHING:
		say(f, o, EXEC_CANCELLED);
		break;
	case STAGE_SILENT:
		break;
	}
	f->fate = STAGE_FILL;
	return 0;
}

static int cancel(struct venue *v, const struct order *o)
{
	struct stage_venue *f = (struct stage_venue *)v;
	(void)o;
	trace_at(f->stage, 'c', v->index);
	f->cancels++;
	return 0;
}

static int query(struct venue *v, const struct order *o)
{
	struct stage_venue *f = (struct stage_venue *)v;
	f->queries++;
	if (f->answer_queries)
		say(f, o, EXEC_FILL);
	return 0;
}

static int snapshot(struct venue *v, uint32_t instrument)
{
	struct stage_venue *f = (struct stage_venue *)v;
	trace_at(f->stage, 's', instrument);
	f->snapshots++;
	return 0;
}

static size_t encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	return (size_t)snprintf(out, VENUE_CLIENT_ID, "%016llx", (unsigned long long)id);
}

static enum depth_rule depth_rule(const struct venue *v, uint32_t instrument)
{
	(void)v, (void)instrument;
	return DEPTH_NEXT_IS_LAST_PLUS_1;
}

static int start(struct venue *v)
{
	((struct stage_venue *)v)->starts++;
	return 0;
}

static void stop(struct venue *v)
{
	((struct stage_venue *)v)->stops++;
	venue_set_state(v, VENUE_DOWN, "stopped");
}

static void on_time(struct venue *v, int64_t mono_ns)
{
	(void)v, (void)mono_ns;
}

static void ask_rules(struct venue *v)
{
	((struct stage_venue *)v)->rules_asked++;
}

static const struct venue_ops venue_ops = {
	.name = "stage",
	.encode_id = encode_id,
	.depth_rule = depth_rule,
	.start = start,
	.stop = stop,
	.place = place,
	.cancel = cancel,
	.query = query,
	.snapshot = snapshot,
	.ask_rules = ask_rules,
	.on_time = on_time,
};

/* ---- the script ---- */

static int run(struct strategy *st, const struct strat_self *self, const struct strat_event *ev,
	       struct proposal *out, unsigned cap)
{
	struct stage_script *x = (struct stage_script *)st;
	static const char *const word[strat_event_max] = { "A", "B", "P", "T", "Z", "q",
							   "k", "o", "x", "g", "m" };
	trace(x->stage, word[ev->kind]);
	x->calls[ev->kind]++;
	x->self = *self;
	st->calls++;
	if (ev->kind == STRAT_TIMER)
		x->timer = ev->timer;
	if (ev->kind == STRAT_PAIR)
		x->pair = *ev->pair;
	if (ev->kind == STRAT_QUOTE)
		x->quote = *ev->quote;
	if (ev->kind == STRAT_BOOK)
		x->depth = ev->book->book->n[SIDE_BUY];
	if (ev->kind == STRAT_ORDER && x->n_orders < STAGE_ORDERS)
		x->order[x->n_orders++] = *ev->order;
	if (ev->kind == STRAT_SESSION || ev->kind == STRAT_GAP)
		x->change = *ev->change;
	if (ev->kind == STRAT_PARAM)
		x->param = *ev->param;
	int n = x->n_answer[ev->kind];
	x->n_answer[ev->kind] = 0;
	if (n < 0) {
		st->kills += n < -2;
		st->errors += n >= -2;
		if (n < -2) /* stopped after 1.3 ms */
			x->stage->now.mono_ns += 1300000;
		st->quarantined = n < -1;
		return err_set(ERR_SCRIPT, "x.lua:7: it went wrong");
	}
	must((unsigned)n <= cap);
	memcpy(out, x->answer[ev->kind], (size_t)n * sizeof *out);
	if (x->propose_always && ev->kind == STRAT_BASIS && n == 0)
		out[n++] = stage_pair(10);
	return n;
}

static uint32_t hooks(const struct strategy *s)
{
	return ((1u << (STRAT_STOP + 1)) - 1) | ((const struct stage_script *)s)->listens;
}

static const struct strategy_ops script_ops = { .run = run, .hooks = hooks };

/* ---- the env ---- */

static struct stage *of(struct env *e)
{
	return (struct stage *)e;
}

static void now(struct env *e, struct env_now *out)
{
	*out = of(e)->now;
}

static uint64_t draw(struct env *e)
{
	(void)e;
	return 4;
}

static int64_t clock_bound_ns(struct env *e)
{
	return of(e)->clock_bound_ns;
}

static int64_t since_read_ns(struct env *e)
{
	(void)e;
	return 12345;
}

static void tell_book(struct stage *s, const struct stage_event *x, bool whole)
{
	struct level level[side_max] = { { x->bid, 500000 }, { x->ask, 500000 } };
	struct depth d = { .first_seq = x->first,
			   .last_seq = x->seq,
			   .recv_ns = s->now.mono_ns,
			   .level = { &level[0], &level[1] },
			   .n = { 1, whole } };
	struct venue_host *h = &s->venue[x->venue].v.host;
	(whole ? h->on_snapshot : h->on_depth)(h->core, x->venue, &d);
}

static void poll(struct env *env, int64_t wake_ns)
{
	struct stage *s = of(env);
	(void)wake_ns;
	struct stage_event got[256];
	unsigned n = s->n_events;
	memcpy(got, s->event, n * sizeof got[0]);
	s->n_events = 0;
	for (unsigned i = 0; i < n; i++) {
		struct stage_event *x = &got[i];
		struct venue *v = &s->venue[x->venue].v;
		switch (x->kind) {
		case EV_EXEC:
			x->exec.recv_ns = s->now.mono_ns;
			v = &s->venue[x->exec.venue].v;
			v->host.on_exec(v->host.core, &x->exec);
			break;
		case EV_BOOK:
		case EV_DEPTH:
			tell_book(s, x, x->kind == EV_BOOK);
			break;
		case EV_STATE:
			venue_set_state(v, x->state, "the stage says so");
			break;
		case EV_RULE:
			v->host.on_rule(v->host.core, x->venue, &x->rule);
			break;
		}
	}
}

static void flush(struct env *e)
{
	trace(of(e), "F");
}

static bool command(struct env *e, struct env_command *out)
{
	struct stage *s = of(e);
	if (s->n_commands == 0)
		return false;
	*out = s->command[--s->n_commands];
	return true;
}

static void reply(struct env *e, uint32_t id, const char *text)
{
	struct stage *s = of(e);
	if (text[0] == ENV_REPLY_ROW) {
		must(s->n_rows < ENV_REPLY_ROWS);
		snprintf(s->row[s->n_rows++], ENV_REPLY_TEXT, "%s", text + 1);
		return;
	}
	s->reply_id = id;
	snprintf(s->reply, sizeof s->reply, "%s", text);
}

static const struct env_ops env_ops = { .name = "stage",
					.now = now,
					.random = draw,
					.since_read_ns = since_read_ns,
					.clock_bound_ns = clock_bound_ns,
					.poll = poll,
					.flush = flush,
					.command = command,
					.reply = reply };

static int disk_trouble(const struct journal *j, const char **why)
{
	const struct mem_journal *m = (const struct mem_journal *)j;
	const struct stage *s =
		(const struct stage *)(const void *)((const char *)m -
						     offsetof(struct stage, journal));
	*why = "the disk is on fire";
	return s->disk_trouble ? -ERR_IO : 0;
}

/* ---- putting it together ---- */

static void configure(struct stage *s)
{
	struct config *c = &s->cfg;
	asset_id btc = asset_intern(&c->assets, "BTC"), usdt = asset_intern(&c->assets, "USDT");
	for (unsigned l = 0; l < STAGE_LEGS; l++) {
		const char *name = l == SPOT ? "spot" : "perp";
		snprintf(s->cv[l].name, sizeof s->cv[l].name, "%s", name);
		s->cv[l].answer_timeout_ns = 300 * STAGE_MS;
		snprintf(s->ca[l].name, sizeof s->ca[l].name, "%s", name);
		s->ca[l].venue = (uint16_t)l;
		struct instrument *in = &s->in[l];
		snprintf(in->name, sizeof in->name, "%s.BTCUSDT", name);
		in->name_id = 30 + l;
		in->venue = (uint16_t)l;
		in->px_dp = l == SPOT ? 2 : 1;
		in->qty_dp = l == SPOT ? 5 : 3;
		in->base = btc;
		in->quote = in->settle = usdt;
		in->expo = (struct expo){ l == SPOT ? EXPO_SPOT : EXPO_LINEAR, .num = 1, .den = 1 };
		struct rule rule = {
			.tick = 1, .lot = 1, .min_qty = 1, .min_notional_e8 = 500000000
		};
		rule.fee.close_today_e8 = rule.fee.close_today_per_lot_e8 = -1;
		rule.fee.in = FEE_IN_QUOTE;
		rule.fee.taker_e8 = rule.fee.maker_e8 = 40000;
		ck_assert_int_eq(instrument_add_rule(in, &rule), 0);
		s->ci[0].leg[l] = l;
		s->ci[0].account[l] = (uint16_t)l;
		s->ci[0].ratio_num[l] = s->ci[0].ratio_den[l] = 1;
	}
	snprintf(s->ci[0].name, sizeof s->ci[0].name, "basis");
	s->ci[0].n_legs = STAGE_LEGS;
	s->ci[0].limits.max_slip_tick = 100;
	s->ci[0].limits.max_unwind_slip_tick = 2000;
	s->ci[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	c->n_venues = c->n_accounts = STAGE_LEGS;
	c->n_instruments = STAGE_LEGS;
	c->n_instances = 1;
	c->venue = s->cv;
	c->account = s->ca;
	c->instrument = s->in;
	c->instance = s->ci;
}

static bool outside(void *arg, struct alert_failure *out)
{
	struct stage *s = arg;
	if (!s->outside)
		return false;
	*out = (struct alert_failure){ .sink = s->outside, .why = "no such folder" };
	s->outside = 0;
	return true;
}

static void open_engine(struct stage *s)
{
	static uint32_t number[5][ASSET_MAX];
	for (uint32_t k = 0; k < 5; k++)
		for (uint32_t i = 0; i < ASSET_MAX; i++)
			number[k][i] = 100 * (k + 1) + i;
	struct engine_parts parts = {
		.cfg = &s->cfg,
		.instrument = s->in,
		.env = &s->env,
		.journal = &s->journal.journal,
		.kv = &s->journal.kv,
		.page = s->page,
		.tape = s->tape,
		.outside = outside,
		.outside_arg = s,
		.names = { number[0], number[1], number[2], number[3], number[4] },
		.epoch = 1,
	};
	ck_assert_int_eq(engine_open(&parts, &s->engine), 0);
	s->d = engine_desk(s->engine);
	struct venue_host host = engine_venue_host(s->engine);
	for (uint16_t l = 0; l < STAGE_LEGS; l++) {
		s->venue[l].v = (struct venue){ .ops = &venue_ops, .host = host, .index = l };
		s->venue[l].stage = s;
		engine_set_venue(s->engine, l, &s->venue[l].v);
	}
	s->script.s.ops = &script_ops;
	s->script.stage = s;
	s->script.s.n_legs = STAGE_LEGS;
	s->script.s.limits.max_slip_tick = s->script.s.limits.max_unwind_slip_tick = -1;
	s->script.s.limits.on_leg_fail = on_leg_fail_max;
	for (unsigned l = 0; l < STAGE_LEGS; l++)
		s->script.s.conv[l] = (struct basis_conv){ .k = 1 };
	engine_set_script(s->engine, 0, &s->script.s);
}

struct stage *stage_new_cold(void (*before)(struct stage *s))
{
	static struct journal_ops ops;
	struct stage *s = calloc(1, sizeof *s);
	ck_assert_ptr_nonnull(s);
	s->env.ops = &env_ops;
	s->now = (struct env_now){ .mono_ns = 100 * STAGE_SECOND,
				   .utc_ns = 1767225600LL * STAGE_SECOND };
	s->page = calloc(1, sizeof *s->page);
	ck_assert_ptr_nonnull(s->page);
	s->page->magic = SNAPSHOT_MAGIC;
	ck_assert_int_eq(mem_journal_init(&s->journal, STAGE_FACTS), 0);
	ops = *s->journal.journal.ops;
	ops.trouble = disk_trouble;
	s->journal.journal.ops = &ops;
	configure(s);
	if (before)
		before(s);
	open_engine(s);
	return s;
}

struct stage *stage_new(void)
{
	struct stage *s = stage_new_cold(NULL);
	ck_assert_int_eq(engine_start(s->engine), 0);
	stage_up(s);
	stage_turn(s, STAGE_MS);
	ck_assert_int_eq(s->d->feed[SPOT].top.state, BOOK_LIVE);
	ck_assert_int_eq(s->d->feed[PERP].top.state, BOOK_LIVE);
	return s;
}

void stage_free(struct stage *s)
{
	engine_free(s->engine);
	mem_journal_free(&s->journal);
	free(s->page);
	free(s);
}

void stage_book(struct stage *s, unsigned leg, int64_t bid, int64_t ask)
{
	struct stage_event *e = push(s);
	e->kind = EV_BOOK;
	e->venue = (uint16_t)leg;
	e->bid = bid;
	e->ask = ask;
	e->seq = s->seq += 10;
}

void stage_depth(struct stage *s, unsigned leg, int64_t first, int64_t last, int64_t bid)
{
	struct stage_event *e = push(s);
	e->kind = EV_DEPTH;
	e->venue = (uint16_t)leg;
	e->first = first;
	e->seq = last;
	e->bid = bid;
}

void stage_state(struct stage *s, unsigned leg, enum venue_state state)
{
	struct stage_event *e = push(s);
	e->kind = EV_STATE;
	e->venue = (uint16_t)leg;
	e->state = state;
}

void stage_up(struct stage *s)
{
	for (unsigned l = 0; l < STAGE_LEGS; l++)
		stage_state(s, l, VENUE_UP);
	stage_book(s, SPOT, 6000000, 6000001);
	stage_book(s, PERP, 601000, 601001);
}

struct proposal stage_pair(double lots)
{
	return (struct proposal){ .kind = PROPOSE_PAIR,
				  .intent = INTENT_OPEN,
				  .tif = TIF_IOC,
				  .n_legs = STAGE_LEGS,
				  .leg = { SPOT, PERP },
				  .side = { SIDE_BUY, SIDE_SELL },
				  .lots = lots,
				  .reason = "the stage asks" };
}

void stage_turn(struct stage *s, int64_t later_ns)
{
	s->now.mono_ns += later_ns;
	s->now.utc_ns += later_ns;
	for (unsigned l = 0; l < STAGE_LEGS; l++)
		if (s->venue[l].v.state == VENUE_UP)
			s->venue[l].v.host.on_alive(s->venue[l].v.host.core, (uint16_t)l,
						    s->now.mono_ns);
	s->n_trace = 0;
	s->trace[0] = '\0';
	engine_turn(s->engine, engine_wake_ns(s->engine));
}

void stage_run(struct stage *s, int64_t ns)
{
	for (int64_t end = s->now.mono_ns + ns; s->now.mono_ns < end;)
		stage_turn(s, 10 * STAGE_MS);
}

const char *stage_command(struct stage *s, enum env_command_kind kind, const char *scope,
			  const char *why)
{
	struct env_command c = { .kind = kind };
	snprintf(c.scope, sizeof c.scope, "%s", scope);
	snprintf(c.why, sizeof c.why, "%s", why);
	return stage_tell(s, &c);
}

const char *stage_tell(struct stage *s, const struct env_command *asked)
{
	struct env_command *c = &s->command[s->n_commands++];
	*c = *asked;
	c->id = 77;
	snprintf(c->who, sizeof c->who, "ann/1");
	s->reply_id = 0;
	s->n_rows = 0;
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->reply_id, 77);
	return s->reply;
}

unsigned stage_count(const struct stage *s, enum fact_kind k)
{
	unsigned n = 0;
	for (uint64_t i = 0; i < s->journal.n; i++)
		n += s->journal.fact[i].kind == k;
	return n;
}

const struct fact *stage_latest(const struct stage *s, enum fact_kind k)
{
	for (uint64_t i = s->journal.n; i-- > 0;)
		if (s->journal.fact[i].kind == k)
			return &s->journal.fact[i];
	return NULL;
}
