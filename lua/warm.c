#include "core/trade/pair.h"
#include "lua/host.h"
#include "lua/instance.h"
#include <lua.h>
#include <string.h>

/* Calm first: what the compiler sees first becomes the shortest way through a hook, and that is a market which asks for nothing. */
enum { CALM = 192, CALLS = 512, PAIRS = 4, MISTAKES = 8 };

struct warming {
	struct instance *in;
	struct strat_self self;
	struct proposal out[PROPOSAL_MAX];
	unsigned errors, timers;
	bool over; /* stopped, or wrong too often: it is left as warm as it is */
};

static void call(struct warming *w, const struct strat_event *ev)
{
	struct instance *in = w->in;
	if (w->over)
		return;
	const int n = in->s.ops->run(&in->s, &w->self, ev, w->out, PROPOSAL_MAX);
	w->errors += n < 0;
	w->over = in->s.kills || w->errors >= MISTAKES;
	for (int k = 0; k < n; k++)
		w->timers += w->out[k].kind == PROPOSE_TIMER;
	memset(in->errors_in_row, 0, sizeof(in->errors_in_row));
}

static struct basis_cross cross(double gross, double mid)
{
	const double bp = gross / mid * 1e4;
	return (struct basis_cross){
		.gross = gross, .net = gross, .gross_bp = bp, .net_bp = bp, .lots = 10
	};
}

/* All legs are worth 100, but the first: that is worth `wide` more. */
static void make_basis(const struct strategy *s, double wide, struct basis *b)
{
	static const double mid = 100, half = 0.005;
	*b = (struct basis){ .ok = true,
			     .ratio_ok = true,
			     .spread = wide,
			     .spread_bp = wide / mid * 1e4,
			     .ratio = (mid + wide) / mid,
			     .z = wide,
			     .dev = 1,
			     .fill = 1,
			     .skew_ms = 1,
			     .max_age_ms = 1 };
	b->dir[SIDE_SELL] = cross(wide - 2 * half, mid);
	b->dir[SIDE_BUY] = cross(wide + 2 * half, mid);
	for (int side = 0; side < side_max; side++) {
		b->want[side] = b->dir[side];
		b->dir_z[side] = wide;
	}
	for (unsigned l = 0; l < s->n_legs; l++) {
		const double value = l ? mid : mid + wide, k = s->conv[l].k > 0 ? s->conv[l].k : 1;
		struct basis_leg *leg = &b->leg[l];
		*leg = (struct basis_leg){ .mid = value / k, .age_ms = 1 };
		for (int side = 0; side < side_max; side++) {
			leg->value[side] = side == SIDE_BUY ? value - half : value + half;
			leg->px[side] = leg->want_px[side] = leg->worst_px[side] =
				leg->value[side] / k;
			leg->qty[side] = 10;
		}
	}
	for (unsigned r = 0; r < s->n_refs; r++)
		b->ref[r] = 1;
}

/* Wide to both sides, a little and a lot; without a position, and with one of either side. */
static void show_market(struct warming *w, unsigned i)
{
	static const double wide[] = { 0, 6, -6, 0.5, -0.5 };
	static const double lots[] = { 0, 3, -3 };
	enum { wides = sizeof wide / sizeof wide[0], positions = sizeof lots / sizeof lots[0] };
	const struct strategy *s = &w->in->s;
	const double at = i < CALM ? 0 : lots[i / wides % positions];
	struct basis b;
	make_basis(s, i < CALM ? 0.001 * (i % 7) : wide[i % wides], &b);
	w->self.now_ns = w->self.utc_ns = (int64_t)(i + 1) * 100000000;
	w->self.pos_lots = at;
	for (unsigned l = 0; l < s->n_legs; l++)
		w->self.pos[l] = l ? -at : at;
	call(w, &(struct strat_event){ .kind = STRAT_BASIS, .basis = &b });
	struct strat_quote_event q = { .who = (uint8_t)(i % s->n_legs), .age_ms = 1 };
	memcpy(q.px, b.leg[q.who].px, sizeof q.px);
	memcpy(q.qty, b.leg[q.who].qty, sizeof q.qty);
	call(w, &(struct strat_event){ .kind = STRAT_QUOTE, .quote = &q });
}

/* The rarer ones: not often enough to be compiled, but their code is there. */
static void tell_news(struct warming *w)
{
	struct strat_pair_event p = { .pair = 1, .lots = 1, .reason = "" };
	for (unsigned l = 0; l < w->in->s.n_legs; l++) {
		p.px[l] = 100 / (w->in->s.conv[l].k > 0 ? w->in->s.conv[l].k : 1);
		p.qty[l] = l ? -1 : 1;
	}
	for (unsigned i = 0; i < PAIRS * w->timers; i++)
		call(w, &(struct strat_event){ .kind = STRAT_TIMER, .timer = i % w->timers });
	for (unsigned i = 0; i < PAIRS; i++)
		for (uint8_t state = 0; state < pair_state_max; state++) {
			p.state = state;
			call(w, &(struct strat_event){ .kind = STRAT_PAIR, .pair = &p });
		}
}

static void save(struct warming *w)
{
	struct instance *in = w->in;
	if (!in->save || w->over)
		return;
	in->mail.n_commands = 0;
	lua_pushvalue(in->vm.L, in->save);
	(void)instance_call(in, STRAT_STOP, in->budget_ns, 0);
}

/* As it was loaded: what a call of this was stopped for is no strike. */
static int forget(struct instance *in, const void *saved, size_t len)
{
	in->s.quarantined = false;
	in->quarantine[0] = 0;
	memset((void *)&in->mail.basis, 0, sizeof in->mail.basis);
	const int rc = lua_host_reset(&in->s);
	return rc || !len ? rc : in->s.ops->restore(&in->s, saved, len);
}

int lua_host_warm(struct strategy *s, const void *saved, size_t len)
{
	struct instance *in = (struct instance *)s;
	const struct lua_host_options *o = &in->host->opt;
	struct watchdog *dog = &in->host->watchdog;
	/* Without a clock nothing stops a script that runs away, and nobody waits for one that is cold. */
	if (!dog->runs)
		return 0;
	const bool known = watchdog_known(dog);
	struct warming w = { .in = in };
	in->budget_ns = o->load_budget_ns;
	call(&w, &(struct strat_event){ .kind = STRAT_START });
	for (unsigned i = 0; i < CALLS && !w.over; i++)
		show_market(&w, i);
	tell_news(&w);
	save(&w);
	const int rc = forget(in, saved, len);
	in->budget_ns = o->budget_ns;
	/* As in loading: a thread that only prepares gives its place back. */
	if (!known)
		watchdog_release(dog);
	return rc;
}
