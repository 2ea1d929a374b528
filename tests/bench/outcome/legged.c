/* legged - one leg, and then the other on what it filled: by a program at once, as spread modules do, or by hands on two terminals.
 *
 * The leg with the thinner book goes first, as a limit order at the trigger's price and the pay-up. The program sends the other on every fill, at the best price of that
 * moment and the pay-up, and after each interval takes back what has not filled and sends it anew; a first leg that was refused is tried again twice. Hands do one pair at a
 * time and miss what comes meanwhile. Their first click is as fast as the program's, which flatters them; every further act comes 300 to 1,000 ms after the one before. */
#include "tests/bench/outcome/executors.h"
#include <stdlib.h>
#include <string.h>

#define MS   1000000LL
#define WAKE ((uint64_t)1 << 40) /* a timer of the trigger, not of an order */

enum { NONE = -1, TRIES = 3, HANDS_LEAST_MS = 300, HANDS_MOST_MS = 1000 };

struct pairing {
	int64_t order[TAPE_MARKETS]; /* the one that is out; NONE */
	int64_t filled[TAPE_MARKETS];
	uint32_t acts;
	uint8_t first, tries;
	bool over;
};

struct legged {
	struct executor e; /* first */
	bool by_hand;
	int64_t busy; /* hands: with this trigger; NONE */
	struct pairing *p;
	uint32_t cap;
};

static int begin(struct executor *e, struct lane *l)
{
	(void)l;
	((struct legged *)e)->busy = NONE;
	return 0;
}

static int64_t pause(const struct legged *g, const struct lane *l, uint32_t trigger)
{
	if (!g->by_hand)
		return g->e.interval_ns;
	uint64_t luck = lane_luck(l, trigger, 0, g->p[trigger].acts, 4);
	return (HANDS_LEAST_MS + (int64_t)(luck % (HANDS_MOST_MS - HANDS_LEAST_MS + 1))) * MS;
}

static void wake_later(struct legged *g, struct lane *l, uint32_t trigger)
{
	int64_t in_ns = pause(g, l, trigger);
	g->p[trigger].acts++;
	lane_timer(l, in_ns, WAKE | trigger);
}

static void send(struct legged *g, struct lane *l, uint32_t trigger, unsigned leg, int64_t px,
		 int64_t qty)
{
	enum side side = (enum side)l->trigger[trigger].side[leg];
	uint32_t o = lane_send(l, trigger, leg, side, executor_limit(l, &g->e, leg, px, side), qty,
			       TIF_GTC, false, 0);
	g->p[trigger].order[leg] = o == UINT32_MAX ? NONE : (int64_t)o;
	if (!g->by_hand && o != UINT32_MAX)
		lane_timer(l, g->e.interval_ns, o);
}

static void send_first(struct legged *g, struct lane *l, uint32_t trigger)
{
	struct pairing *p = &g->p[trigger];
	p->tries++;
	send(g, l, trigger, p->first, l->trigger[trigger].ref_px[p->first], l->tape->qty);
}

/* What the first leg has filled and the other has not, at the price of this moment. */
static void hedge(struct legged *g, struct lane *l, uint32_t trigger)
{
	struct pairing *p = &g->p[trigger];
	unsigned leg = p->first ^ 1;
	int64_t open = p->filled[p->first] - p->filled[leg];
	open -= open % l->tape->market[leg].lot;
	if (open > 0 && p->order[leg] == NONE)
		send(g, l, trigger, leg, lane_top(l, leg)->px[l->trigger[trigger].side[leg] ^ 1],
		     open);
}

static void on_trigger(struct executor *e, struct lane *l, uint32_t trigger)
{
	struct legged *g = (struct legged *)e;
	if (trigger >= g->cap) {
		g->cap = 2 * trigger + 256;
		g->p = realloc(g->p, g->cap * sizeof *g->p);
		if (!g->p)
			abort();
	}
	struct pairing *p = &g->p[trigger];
	*p = (struct pairing){ .order = { NONE, NONE } };
	if (g->by_hand && g->busy != NONE) {
		p->over = true;
		return;
	}
	p->first = (uint8_t)executor_thinner(l, &l->trigger[trigger]);
	g->busy = trigger;
	send_first(g, l, trigger);
	if (g->by_hand)
		wake_later(g, l, trigger);
}

/* Nothing is out and nothing is open. */
static void finish_if_done(struct legged *g, const struct lane *l, uint32_t trigger)
{
	struct pairing *p = &g->p[trigger];
	if (p->order[0] != NONE || p->order[1] != NONE ||
	    llabs(p->filled[0] - p->filled[1]) >= l->tape->lot)
		return;
	p->over = true;
	if (g->busy == (int64_t)trigger)
		g->busy = NONE;
}

static void on_report(struct executor *e, struct lane *l, const struct lane_report *r)
{
	struct legged *g = (struct legged *)e;
	const struct lane_order o = l->order[r->order]; /* a copy: sending may move them */
	struct pairing *p = &g->p[o.trigger];
	if (r->kind == REPORT_FILL)
		p->filled[o.leg] += r->qty;
	if (!o.ended && r->kind != REPORT_FILL)
		return;
	if (o.ended && p->order[o.leg] == (int64_t)r->order)
		p->order[o.leg] = NONE;
	bool refused = r->kind == REPORT_REJECTED;
	if (!g->by_hand && refused && (o.leg != p->first || p->tries < TRIES))
		wake_later(g, l, o.trigger);
	else if (!g->by_hand)
		hedge(g, l, o.trigger);
	if (!refused || g->by_hand || p->tries >= TRIES)
		finish_if_done(g, l, o.trigger);
}

/* Hands: look, take back what works, send what is open. */
static void act(struct legged *g, struct lane *l, uint32_t trigger)
{
	struct pairing *p = &g->p[trigger];
	unsigned leg = p->first ^ 1;
	if (p->order[leg] != NONE)
		lane_cancel(l, (uint32_t)p->order[leg]);
	if (p->order[p->first] != NONE)
		lane_cancel(l, (uint32_t)p->order[p->first]);
	hedge(g, l, trigger);
	wake_later(g, l, trigger);
}

static void on_timer(struct executor *e, struct lane *l, uint64_t arg)
{
	struct legged *g = (struct legged *)e;
	if (!(arg & WAKE)) {
		if (!l->order[arg].ended && !l->trigger[l->order[arg].trigger].closed) {
			lane_cancel(l, (uint32_t)arg);
			lane_timer(l, g->e.interval_ns, arg);
		}
		return;
	}
	uint32_t trigger = (uint32_t)(arg & ~WAKE);
	struct pairing *p = &g->p[trigger];
	if (p->over || l->trigger[trigger].closed)
		return;
	if (g->by_hand)
		act(g, l, trigger);
	else if (p->filled[p->first] == 0 && p->order[p->first] == NONE)
		send_first(g, l, trigger);
	else
		hedge(g, l, trigger);
}

static void on_closed(struct executor *e, struct lane *l, uint32_t trigger)
{
	struct legged *g = (struct legged *)e;
	(void)l;
	g->p[trigger].over = true;
	if (g->busy == (int64_t)trigger)
		g->busy = NONE;
}

static void legged_free(struct executor *e)
{
	free(((struct legged *)e)->p);
	free(e);
}

static const struct executor_ops by_program = { .tunes_pay_up = true,
						.tunes_interval = true,
						.begin = begin,
						.on_trigger = on_trigger,
						.on_report = on_report,
						.on_timer = on_timer,
						.on_closed = on_closed,
						.free = legged_free };
static const struct executor_ops by_hand = { .tunes_pay_up = true,
					     .begin = begin,
					     .on_trigger = on_trigger,
					     .on_report = on_report,
					     .on_timer = on_timer,
					     .on_closed = on_closed,
					     .free = legged_free };

static struct executor *make(bool hands)
{
	struct legged *g = calloc(1, sizeof *g);
	if (!g)
		return NULL;
	g->e.ops = hands ? &by_hand : &by_program;
	g->by_hand = hands;
	return &g->e;
}

struct executor *legged_new(void)
{
	return make(false);
}

struct executor *hands_new(void)
{
	return make(true);
}
