#include "lua/stand.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "lua/config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN_UTC_NS 1767571200000000000 /* a Monday: 2026-01-05 */
#define BEGIN_NS     1000000000000	 /* of the monotonic clock */
#define PX_DP	     8
#define QTY_DP	     6

static const struct rule simple_rule = {
	.tick = 1000000, .lot = 1000, .fee = { .close_today_e8 = -1, .close_today_per_lot_e8 = -1 }
};

/* ---- its instruments */

static int copy_instruments(struct stand *st)
{
	for (unsigned l = 0; l < st->s->n_legs; l++)
		for (unsigned k = 0; k < st->bound->n_legs; k++)
			if (strcmp(st->s->leg_name[l], st->bound->leg_name[k]) == 0) {
				st->instrument[l] = st->cfg->instrument[st->bound->leg[k]];
				st->spec.ratio_num[l] = st->bound->ratio_num[k];
				st->spec.ratio_den[l] = st->bound->ratio_den[k];
			}
	for (unsigned r = 0; r < st->s->n_refs; r++)
		for (unsigned k = 0; k < st->bound->n_refs; k++)
			if (strcmp(st->s->ref_name[r], st->bound->ref_name[k]) == 0)
				st->instrument[LEG_MAX + r] =
					st->cfg->instrument[st->bound->ref[k]];
	st->spec.want_lots = st->bound->want_lots;
	return st->bound->band_window_ns
		       ? stand_band(st, st->bound->band_window_ns, st->bound->band_sample_ns)
		       : 0;
}

static void name_instrument(struct stand *st, int i, const char *name)
{
	struct instrument *in = &st->instrument[i];
	snprintf(in->name, sizeof in->name, "%s", name);
	in->px_dp = PX_DP;
	in->qty_dp = QTY_DP;
	in->expo = (struct expo){ EXPO_LINEAR, 1, 1 };
	in->rule[0] = simple_rule;
	if (i >= LEG_MAX) /* a rate has as many decimals as it is written with */
		in->rule[0].tick = in->rule[0].lot = 1;
	in->n_rules = 1;
}

static int find_instance(struct stand *st, const char *config, const char *instance)
{
	struct config_errors *errs = malloc(sizeof *errs);
	if (!errs)
		return err_set(ERR_NOMEM, "no memory to read %s", config);
	int rc = config_read(config, &st->cfg, errs);
	if (rc)
		rc = err_set(ERR_CONFIG, "%s:%d: %s", errs->file, errs->error[0].line,
			     errs->error[0].text);
	free(errs);
	if (rc)
		return rc;
	for (unsigned i = 0; i < st->cfg->n_instances && !st->bound; i++)
		if (!instance || strcmp(st->cfg->instance[i].name, instance) == 0)
			st->bound = &st->cfg->instance[i];
	if (!st->bound)
		return err_set(ERR_NOTFOUND, "%s has no instance %s", config,
			       instance ? instance : "at all");
	for (uint32_t p = 0; p < st->bound->n_params; p++)
		st->param[st->n_params++] = st->bound->param[p];
	return 0;
}

static int load(struct stand *st, const char *file, const void *saved, size_t len,
		struct strategy **out)
{
	struct lua_instance_options o = { .name = "test",
					  .file = file,
					  .config_file = st->told_by,
					  .unbound = !st->bound,
					  .param = st->param,
					  .n_params = st->n_params,
					  .config = st->cfg,
					  .bound = st->bound,
					  .saved = saved,
					  .saved_len = len,
					  .seed = 1u << 20 };
	if (st->bound) {
		o.n_legs = st->bound->n_legs;
		o.n_refs = st->bound->n_refs;
		o.leg_name = st->bound->leg_name;
		o.ref_name = st->bound->ref_name;
	}
	return lua_host_load(st->host, &o, out);
}

static void bind(struct stand *st)
{
	struct basis_spec *s = &st->spec;
	s->n_legs = st->s->n_legs;
	s->n_refs = st->s->n_refs;
	for (unsigned l = 0; l < s->n_legs; l++) {
		s->leg[l] = &st->instrument[l];
		s->leg_top[l] = &st->top[l];
		s->leg_book[l] = &st->book[l];
		s->conv[l] = st->s->conv[l];
	}
	for (unsigned r = 0; r < s->n_refs; r++) {
		s->ref[r] = &st->instrument[LEG_MAX + r];
		s->ref_top[r] = &st->top[LEG_MAX + r];
	}
	s->lot_base_e8 = 0;
	basis_touch(s);
}

int stand_open(struct stand *st, struct lua_host *h, const char *file, const char *config,
	       const char *instance)
{
	*st = (struct stand){ .host = h, .told_by = file };
	stand_world(st);
	st->self.now_ns = BEGIN_NS;
	st->self.utc_ns = BEGIN_UTC_NS;
	int rc = config ? find_instance(st, config, instance) : 0;
	if (!rc)
		rc = load(st, file, NULL, 0, &st->s);
	for (int i = 0; !rc && i < STAND_BOOKS; i++)
		rc = book_init(&st->book[i], STAND_LEVELS);
	if (rc)
		return rc;
	for (int i = 0; i < STAND_BOOKS; i++)
		name_instrument(st, i,
				i < LEG_MAX ? st->s->leg_name[i] : st->s->ref_name[i - LEG_MAX]);
	return st->bound ? copy_instruments(st) : 0;
}

void stand_close(struct stand *st)
{
	if (st->s)
		st->s->ops->free(st->s);
	for (int i = 0; i < STAND_BOOKS; i++)
		book_free(&st->book[i]);
	band_free(&st->band);
	config_free(st->cfg);
	*st = (struct stand){ 0 };
}

int stand_param(struct stand *st, const char *name, double value, int line)
{
	uint32_t i = 0;
	while (i < st->n_params && strcmp(st->param[i].name, name) != 0)
		i++;
	if (i == sizeof st->param / sizeof *st->param)
		return err_set(ERR_FULL, "more than %u parameters", i);
	st->n_params += i == st->n_params;
	st->param[i] = (struct config_param){ .value = value, .line = line };
	snprintf(st->param[i].name, sizeof st->param[i].name, "%s", name);
	return 0;
}

int stand_find(const struct stand *st, const char *name)
{
	for (int i = 0; st->s && i < LEG_MAX; i++)
		if (i < st->s->n_legs && strcmp(st->s->leg_name[i], name) == 0)
			return i;
	for (int r = 0; st->s && r < st->s->n_refs; r++)
		if (strcmp(st->s->ref_name[r], name) == 0)
			return LEG_MAX + r;
	return -1;
}

static int number(const char *what, double v, unsigned dp, int64_t *out)
{
	if (v <= 0)
		return 0;
	if (dec_from_double(v, dp, DEC_NEAREST, out) || *out <= 0)
		return err_set(ERR_RANGE, "%s: %g is not above zero with at most %u decimals", what,
			       v, dp);
	return 0;
}

int stand_instrument(struct stand *st, int i, const struct stand_instrument *m)
{
	struct instrument *in = &st->instrument[i];
	if (in->n_rules == 0)
		in->n_rules = 1;
	struct rule *r = &in->rule[in->n_rules - 1];
	int64_t size = 0;
	int rc = number("tick", m->tick, in->px_dp, &r->tick);
	if (!rc)
		rc = number("lot", m->lot, in->qty_dp, &r->lot);
	if (!rc)
		rc = number("size", m->size, 8, &size);
	if (!rc)
		rc = number("taker_bp", m->taker_bp, 4, &r->fee.taker_e8);
	if (!rc)
		rc = number("per_lot", m->per_lot, MONEY_DP, &r->fee.per_lot_e8);
	if (!rc)
		rc = number("vat_pct", m->vat_pct, 6, &in->vat_e8);
	if (size) {
		in->expo = (struct expo){ EXPO_LINEAR, size, 100000000 };
		in->worth_num = size;
		in->worth_den = 100000000;
	}
	in->px_may_be_negative |= m->negative;
	return rc;
}

int stand_band(struct stand *st, int64_t window_ns, int64_t sample_ns)
{
	band_free(&st->band);
	st->spec.band = NULL;
	int rc = band_init(&st->band, window_ns, sample_ns);
	if (!rc)
		st->spec.band = &st->band;
	return rc;
}

/* ---- its lives */

static int64_t tighter(int64_t a, int64_t b)
{
	return a <= 0 ? b : b <= 0 || a < b ? a : b;
}

static void set_gate(struct stand *st)
{
	const struct strat_limits *l = &st->s->limits;
	st->gate =
		(struct gate_limits){ .max_age_ns = l->max_age_ns, .max_skew_ns = l->max_skew_ns };
	if (!st->bound)
		return;
	const struct strat_limits *b = &st->bound->limits;
	st->gate.max_age_ns =
		tighter(st->gate.max_age_ns, tighter(b->max_age_ns, st->cfg->risk.max_age_ns));
	st->gate.max_skew_ns =
		tighter(st->gate.max_skew_ns, tighter(b->max_skew_ns, st->cfg->risk.max_skew_ns));
}

static int check_rules(const struct stand *st)
{
	for (int i = 0; i < STAND_BOOKS; i++) {
		const struct instrument *in = &st->instrument[i];
		const struct rule *r = instrument_rule(in, st->self.utc_ns);
		const bool used = i < LEG_MAX ? i < st->s->n_legs : i - LEG_MAX < st->s->n_refs;
		if (used && (!r || r->tick <= 0 || r->lot <= 0))
			return err_set(
				ERR_CONFIG,
				"the venue of %s tells its tick and lot, and there is none here: say legs = { %s = { tick = 0.01, lot = 0.001 } }",
				in->name,
				i < LEG_MAX ? st->s->leg_name[i] : st->s->ref_name[i - LEG_MAX]);
	}
	return 0;
}

static int take(struct stand *st, struct strategy *s)
{
	st->s->ops->free(st->s);
	st->s = s;
	st->n_timers = 0;
	bind(st);
	set_gate(st);
	const struct strat_event start = { .kind = STRAT_START };
	return stand_call(st, &start);
}

int stand_start(struct stand *st, const void *saved, size_t len)
{
	struct strategy *s;
	int rc = check_rules(st);
	if (!rc)
		rc = load(st, st->s->file, saved, len, &s);
	return rc ? rc : take(st, s);
}

static int succeed(struct stand *st, const char *file)
{
	uint8_t *saved = malloc(LUA_STATE_CAP);
	struct strategy *s = NULL;
	size_t len = 0;
	int rc = saved ? lua_host_save(st->s, saved, LUA_STATE_CAP, &len)
		       : err_set(ERR_NOMEM, "no memory for the state");
	if (!rc)
		rc = load(st, file, len ? saved : NULL, len, &s);
	free(saved);
	if (rc)
		return rc;
	bool same = s->n_legs == st->s->n_legs && s->n_refs == st->s->n_refs &&
		    memcmp(s->leg_name, st->s->leg_name, sizeof s->leg_name) == 0 &&
		    memcmp(s->ref_name, st->s->ref_name, sizeof s->ref_name) == 0;
	if (!same) {
		s->ops->free(s);
		return err_set(ERR_SCRIPT,
			       "%s: its legs or refs are not those of the version before", file);
	}
	return take(st, s);
}

int stand_reload(struct stand *st, const char *file)
{
	return succeed(st, file ? file : st->s->file);
}

int stand_restart(struct stand *st)
{
	const struct strat_event stop = { .kind = STRAT_STOP };
	int rc = stand_call(st, &stop);
	return rc < 0 ? rc : succeed(st, st->s->file);
}

/* ---- its markets */

static int put_side(const struct instrument *in, const struct rule *r, enum side side,
		    const struct stand_level *from, unsigned n, struct level *to)
{
	for (unsigned k = 0; k < n; k++) {
		if (dec_from_double(from[k].px, in->px_dp, DEC_NEAREST, &to[k].px) ||
		    dec_from_double(from[k].qty, in->qty_dp, DEC_NEAREST, &to[k].qty))
			return err_set(ERR_RANGE, "%s: %g at %g is no size at a price", in->name,
				       from[k].qty, from[k].px);
		if (to[k].px % r->tick)
			return err_set(ERR_RANGE,
				       "%s: the price %.15g is no multiple of its tick %g",
				       in->name, from[k].px, dec_to_double(r->tick, in->px_dp));
		if (to[k].px <= 0 && !in->px_may_be_negative)
			return err_set(
				ERR_RANGE,
				"%s: the price %.15g; one that may be 0 or less says negative = true",
				in->name, from[k].px);
		if (to[k].qty <= 0)
			return err_set(ERR_RANGE, "%s: a size of %g", in->name, from[k].qty);
		if (k && (side == SIDE_BUY ? to[k].px >= to[k - 1].px : to[k].px <= to[k - 1].px))
			return err_set(ERR_RANGE, "%s: levels go from the best to the worst",
				       in->name);
	}
	return 0;
}

int stand_quote(struct stand *st, int i, const struct stand_level *bid, unsigned n_bid,
		const struct stand_level *ask, unsigned n_ask)
{
	struct level level[side_max][STAND_LEVELS];
	const struct instrument *in = &st->instrument[i];
	const struct rule *r = instrument_rule(in, st->self.utc_ns);
	if (n_bid > STAND_LEVELS || n_ask > STAND_LEVELS)
		return err_set(ERR_RANGE, "%s: more than %d levels", in->name, STAND_LEVELS);
	int rc = put_side(in, r, SIDE_BUY, bid, n_bid, level[SIDE_BUY]);
	if (!rc)
		rc = put_side(in, r, SIDE_SELL, ask, n_ask, level[SIDE_SELL]);
	if (rc)
		return rc;
	struct depth d = { .level = { level[SIDE_BUY], level[SIDE_SELL] }, .n = { n_bid, n_ask } };
	book_load(&st->book[i], &d);
	struct top *t = &st->top[i];
	/* A reference may be one price. */
	const bool locked = n_bid && n_ask && level[SIDE_BUY][0].px == level[SIDE_SELL][0].px;
	const bool crossed = book_crossed(&st->book[i]) && !(locked && i >= LEG_MAX);
	t->state = crossed ? BOOK_CROSSED : BOOK_LIVE;
	t->model = FEED_PROBED;
	t->valid_ns = t->q.recv_ns = st->self.now_ns;
	for (int side = 0; side < side_max; side++) {
		t->q.px[side] = st->book[i].best[side].px;
		t->q.qty[side] = st->book[i].best[side].qty;
	}
	t->q.seq++;
	return 0;
}

double stand_lots(const struct stand *st, int i, double lots)
{
	const struct rule *r = instrument_rule(&st->instrument[i], st->self.utc_ns);
	return lots * dec_to_double(r->lot, st->instrument[i].qty_dp);
}

static int64_t mid(const struct stand *st, unsigned l)
{
	const struct quote *q = &st->top[l].q;
	return q->px[SIDE_BUY] + (q->px[SIDE_SELL] - q->px[SIDE_BUY]) / 2;
}

/* The coarser leg's, as in a host; an inverse contract's is known with its first price. */
static void size_lot(struct stand *st)
{
	int64_t coarsest = 0;
	for (unsigned l = 0; l < st->spec.n_legs; l++) {
		const struct instrument *in = &st->instrument[l];
		const struct rule *r = instrument_rule(in, st->self.utc_ns);
		int64_t base = instrument_base_e8(in, r->lot, mid(st, l));
		base = base < 0 ? -base : base;
		if (st->spec.ratio_num[l] > 0)
			base = dec_muldiv(base, st->spec.ratio_den[l], st->spec.ratio_num[l],
					  DEC_UP);
		coarsest = base > coarsest ? base : coarsest;
	}
	st->spec.lot_base_e8 =
		st->bound && st->bound->lot_base_e8 ? st->bound->lot_base_e8 : coarsest;
	basis_touch(&st->spec);
}

int stand_show(struct stand *st, enum gate gate)
{
	st->n = 0;
	if (st->spec.lot_base_e8 == 0)
		size_lot(st);
	basis_eval(&st->spec, st->self.now_ns, st->self.utc_ns, &st->basis);
	struct gate_now now = { .mono_ns = st->self.now_ns, .utc_ns = st->self.utc_ns };
	for (unsigned l = 0; l < st->spec.n_legs; l++)
		now.leg_session[l] = &st->session[l];
	const struct gate_verdict v = gate_judge(&st->spec, &st->gate, &now);
	st->basis.gate = gate == gate_max ? v.gate : (uint8_t)gate;
	st->basis.gate_who = gate == gate_max ? v.who : GATE_WHOLE;
	const struct strat_event ev = { .kind = STRAT_BASIS, .basis = &st->basis };
	return st->basis.ok ? stand_call(st, &ev) : 0;
}

static void keep_timer(struct stand *st, const struct proposal *p)
{
	if (st->n_timers == STAND_TIMERS)
		return;
	const int64_t period_ns = (int64_t)(p->value * 1e9);
	st->timer[st->n_timers++] = (struct stand_timer){ .which = (uint32_t)p->pair,
							  .period_ns = period_ns,
							  .next_ns = st->self.now_ns + period_ns };
}

int stand_call(struct stand *st, const struct strat_event *ev)
{
	st->n = 0;
	if (!(st->s->ops->hooks(st->s) & 1u << ev->kind))
		return 0;
	st->n = st->s->ops->run(st->s, &st->self, ev, st->out, PROPOSAL_MAX);
	for (int k = 0; k < st->n; k++)
		if (st->out[k].kind == PROPOSE_TIMER)
			keep_timer(st, &st->out[k]);
	return st->n;
}

int stand_advance(struct stand *st, int64_t until_ns)
{
	struct stand_timer *due = NULL;
	for (unsigned k = 0; k < st->n_timers; k++)
		if (st->timer[k].next_ns <= until_ns &&
		    (!due || st->timer[k].next_ns < due->next_ns))
			due = &st->timer[k];
	const int64_t to_ns = due ? due->next_ns : until_ns;
	st->self.utc_ns += to_ns - st->self.now_ns;
	st->self.now_ns = to_ns;
	st->n = 0;
	if (!due)
		return 0;
	due->next_ns += due->period_ns;
	const struct strat_event ev = { .kind = STRAT_TIMER, .timer = due->which };
	const int rc = stand_call(st, &ev);
	return rc < 0 ? rc : 1;
}

/* ---- its pairs */

static int64_t leg_base_e8(const struct stand *st, unsigned l, double lots)
{
	double base = lots * (double)st->spec.lot_base_e8;
	if (st->spec.ratio_num[l] > 0)
		base *= (double)st->spec.ratio_num[l] / (double)st->spec.ratio_den[l];
	return (int64_t)llround(base);
}

static double leg_qty(const struct stand *st, unsigned l, double lots)
{
	const struct instrument *in = &st->instrument[l];
	const struct rule *r = instrument_rule(in, st->self.utc_ns);
	const int64_t px = mid(st, l);
	if (st->spec.lot_base_e8 == 0 || (in->expo.kind == EXPO_INVERSE && px == 0))
		return 0;
	return dec_to_double(instrument_qty_of_base(in, leg_base_e8(st, l, lots), px, r->lot),
			     in->qty_dp);
}

void stand_fill(const struct stand *st, const struct proposal *p, double lots,
		struct strat_pair_event *ev)
{
	*ev = (struct strat_pair_event){ .pair = p->pair, .intent = p->intent, .lots = lots };
	snprintf(ev->reason, sizeof ev->reason, "%s", p->reason);
	for (unsigned k = 0; k < p->n_legs; k++) {
		const unsigned l = p->leg[k];
		const double qty = leg_qty(st, l, lots);
		ev->qty[l] = p->side[k] == SIDE_BUY ? qty : -qty;
		ev->px[l] = dec_to_double(st->top[l].q.px[p->side[k] ^ 1], st->instrument[l].px_dp);
	}
}

static void count_lots(struct stand *st)
{
	const struct instrument *in = &st->instrument[0];
	int64_t qty;
	if (st->spec.lot_base_e8 == 0 ||
	    dec_from_double(st->self.pos[0], in->qty_dp, DEC_NEAREST, &qty))
		return;
	const int64_t base = instrument_base_e8(in, qty, mid(st, 0)), lot = st->spec.lot_base_e8;
	st->self.pos_lots = (double)(dec_to_step(base, lot, DEC_NEAREST) / lot);
}

void stand_move(struct stand *st, const struct strat_pair_event *ev)
{
	for (unsigned l = 0; l < st->s->n_legs; l++)
		st->self.pos[l] += ev->qty[l];
	count_lots(st);
}

void stand_position(struct stand *st, double lots)
{
	st->self.pos_lots = lots;
	if (st->spec.lot_base_e8 == 0)
		size_lot(st);
	for (unsigned l = 0; l < st->s->n_legs; l++)
		st->self.pos[l] = l ? -leg_qty(st, l, lots) : leg_qty(st, l, lots);
}
