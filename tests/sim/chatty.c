#include "tests/sim/chatty.h"
#include "core/base/must.h"
#include "core/trade/order.h"

#include "core/base/err.h"
#include "core/market/instrument.h"
#include "core/trade/pair.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chatty {
	struct strategy s; /* first */
	struct chatty_options o;
	struct rng rng;
	enum chatty_trouble trouble;
	uint32_t trouble_calls;
	uint64_t last_pair;
};

static struct chatty *of(struct strategy *s)
{
	return (struct chatty *)s;
}

static void base(struct chatty *c, struct proposal *p)
{
	*p = (struct proposal){ .kind = PROPOSE_PAIR,
				.tif = TIF_IOC,
				.style = c->o.style,
				.align = c->o.align,
				.first = c->o.first,
				.n_legs = c->o.n_legs };
	for (uint8_t l = 0; l < c->o.n_legs; l++)
		p->leg[l] = l;
	snprintf(p->reason, sizeof p->reason, "chatty");
}

static void sides(struct chatty *c, struct proposal *p, uint8_t first)
{
	for (uint8_t l = 0; l < c->o.n_legs; l++)
		p->side[l] = l == 0 ? first : first ^ 1;
}

/* What no sane script proposes. Legs and sides that do not exist are left out: a port that hands those over is broken itself. */
static void absurd(struct chatty *c, struct proposal *p)
{
	base(c, p);
	sides(c, p, (uint8_t)rng_below(&c->rng, 2));
	p->lots = 1;
	switch (rng_below(&c->rng, 9)) {
	case 0:
		p->lots = (double)NAN;
		break;
	case 1:
		p->lots = -3;
		break;
	case 2:
		p->lots = (double)INFINITY;
		break;
	case 3:
		p->lots = 1e300;
		break;
	case 4:
		p->limit_px[0] = (double)NAN;
		break;
	case 5:
		p->limit_px[1] = -1;
		break;
	case 6:
		p->leg[1] = p->leg[0];
		break;
	case 7:
		p->n_legs = 1;
		break;
	default:
		p->side[1] = p->side[0];
		break;
	}
}

/* One leg at the price of its own side: it rests, and the other is taken. */
static void rest_one(struct chatty *c, const struct basis *b, struct proposal *p)
{
	uint8_t l = (uint8_t)rng_below(&c->rng, c->o.n_legs);
	p->tif = TIF_GTC;
	p->limit_px[l] = b->leg[l].px[p->side[l]];
}

/* Styles and alignments as scripts may name them, in any company: what makes no sense together is the core's to refuse. */
static void mix(struct chatty *c, struct proposal *p)
{
	if (!rng_chance(&c->rng, c->o.mixed_ppm))
		return;
	p->style = (uint8_t)rng_below(&c->rng, pair_style_max);
	p->align = (uint8_t)rng_below(&c->rng, pair_align_max);
	p->first = rng_below(&c->rng, 2) ? LEG_ANY : (uint8_t)rng_below(&c->rng, c->o.n_legs);
}

static void sensible(struct chatty *c, const struct strat_self *self, const struct basis *b,
		     struct proposal *p)
{
	uint64_t what = rng_below(&c->rng, 100);
	base(c, p);
	p->lots = (double)(1 + rng_below(&c->rng, (uint64_t)c->o.lots));
	uint8_t side = (uint8_t)rng_below(&c->rng, 2);
	if (what < 30 || fabs(self->pos_lots) >= c->o.max_pos) {
		p->intent = INTENT_CLOSE;
		side = self->pos_lots > 0 ? SIDE_SELL : SIDE_BUY;
		if (fabs(self->pos_lots) < 1)
			p->intent = INTENT_OPEN;
	} else if (what < 40) {
		p->intent = INTENT_ROLL;
	}
	sides(c, p, side);
	mix(c, p);
	what = rng_below(&c->rng, 100);
	p->tif = what < 80 ? TIF_IOC : what < 90 ? TIF_GTC : TIF_FOK;
	if (b && rng_chance(&c->rng, c->o.rest_ppm))
		rest_one(c, b, p);
}

static int propose(struct chatty *c, const struct strat_self *self, const struct basis *b,
		   struct proposal *out, unsigned cap)
{
	enum chatty_trouble t = c->trouble_calls ? c->trouble : CHATTY_FINE;
	int n = 0;
	c->trouble_calls -= c->trouble_calls > 0;
	if (t == CHATTY_ERROR) {
		c->s.errors++;
		return err_set(ERR_SCRIPT, "chatty.c:1: it was told to fail");
	}
	if (t == CHATTY_NONSENSE || (!c->o.silent && rng_chance(&c->rng, c->o.absurd_ppm)))
		absurd(c, &out[n++]);
	if (c->o.silent)
		return n;
	if (c->last_pair && rng_chance(&c->rng, c->o.absurd_ppm)) {
		out[n] = (struct proposal){ .kind = PROPOSE_CANCEL, .pair = c->last_pair };
		n++;
	}
	sensible(c, self, b, &out[n++]);
	bool twice = t == CHATTY_TWICE || rng_chance(&c->rng, c->o.absurd_ppm);
	while ((twice || t == CHATTY_FLOOD) && n < (int)cap) {
		out[n] = out[n - 1];
		n++;
		twice = false;
	}
	return n;
}

static int run(struct strategy *s, const struct strat_self *self, const struct strat_event *ev,
	       struct proposal *out, unsigned cap)
{
	struct chatty *c = of(s);
	s->calls++;
	if (c->o.fails_after && s->calls >= c->o.fails_after) {
		s->errors++;
		return err_set(ERR_SCRIPT, "chatty.c:2: this version fails");
	}
	switch ((enum strat_event_kind)ev->kind) {
	case STRAT_BASIS:
		return rng_chance(&c->rng, c->o.basis_ppm) ? propose(c, self, ev->basis, out, cap)
							   : 0;
	case STRAT_PAIR:
		c->last_pair = ev->pair->pair;
		if (!pair_over((enum pair_state)ev->pair->state))
			return 0;
		return rng_chance(&c->rng, c->o.again_ppm) ? propose(c, self, NULL, out, cap) : 0;
	case STRAT_TIMER:
		return propose(c, self, NULL, out, cap);
	case STRAT_START: /* so that it goes on when no pair ends and no price moves */
		out[0] = (struct proposal){ .kind = PROPOSE_TIMER, .value = 0.02 };
		return 1;
	case STRAT_ORDER: /* what it is told is true, whatever it makes of it */
		must(ev->order->filled >= 0 && ev->order->state < order_state_max);
		break;
	case STRAT_QUOTE:
		must(ev->quote->age_ms >= 0 && ev->quote->who < STRAT_REF);
		break;
	case STRAT_BOOK:
		must(ev->book->book && ev->book->instrument);
		break;
	case STRAT_STOP:
	case STRAT_SESSION:
	case STRAT_GAP:
	case STRAT_PARAM:
	case strat_event_max:
		break;
	}
	return 0;
}

static uint32_t hooks(const struct strategy *s)
{
	(void)s;
	return 1u << STRAT_BASIS | 1u << STRAT_PAIR | 1u << STRAT_TIMER | 1u << STRAT_START |
	       1u << STRAT_QUOTE | 1u << STRAT_BOOK | 1u << STRAT_ORDER | 1u << STRAT_SESSION |
	       1u << STRAT_GAP;
}

static void chatty_free(struct strategy *s)
{
	free(of(s));
}

static const struct strategy_ops chatty_ops = { .run = run, .hooks = hooks, .free = chatty_free };

int chatty_open(const struct chatty_options *o, struct strategy **out)
{
	struct chatty *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(ERR_NOMEM, "no memory for a strategy");
	c->o = *o;
	rng_seed(&c->rng, o->seed);
	c->s = (struct strategy){ .ops = &chatty_ops,
				  .n_legs = o->n_legs,
				  .limits = { .max_slip_tick = -1,
					      .max_unwind_slip_tick = -1,
					      .on_leg_fail = on_leg_fail_max } };
	snprintf(c->s.name, sizeof c->s.name, "chatty");
	snprintf(c->s.file, sizeof c->s.file, "chatty.c");
	for (unsigned l = 0; l < LEG_MAX; l++) {
		memcpy(c->s.leg_name[l], o->leg_name[l], sizeof c->s.leg_name[l]);
		c->s.conv[l] = (struct basis_conv){ .k = 1 };
	}
	*out = &c->s;
	return 0;
}

void chatty_trouble(struct strategy *s, enum chatty_trouble t, uint32_t calls)
{
	if (s->ops != &chatty_ops)
		return;
	of(s)->trouble = t;
	of(s)->trouble_calls = calls;
}
