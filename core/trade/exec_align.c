/* exec_align - legs of one pair that leave at different moments: so that they arrive together, or the less certain one first.
 *
 * Their intents are durable before the first byte of any (I6). A leg that leaves later is judged again as it leaves; when one that left before it has ended
 * unfilled, or nothing may open any more, it is withdrawn, and none goes without the others. */
#include "core/ops/config.h"
#include "core/trade/exec_parts.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include <stdio.h>

#define DISK_NS 200000LL

struct standing {
	struct order *waiting[LEG_MAX]; /* intents whose time has not come */
	unsigned n_waiting;
	unsigned short_leg; /* one that left and ended without all of it; LEG_MAX: none */
	bool first_filled;
};

static struct standing look(struct desk *d, const struct pair *p)
{
	struct standing s = { .short_leg = LEG_MAX, .first_filled = true };
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		bool leaves_with_another = o->parent != 0;
		s.first_filled &= o->leg != p->first || o->cum >= o->qty;
		if (o->state == ORDER_NEW && !leaves_with_another)
			s.waiting[s.n_waiting++] = o;
		else if (order_terminal((enum order_state)o->state) && o->cum < o->qty)
			s.short_leg = o->leg;
	}
	return s;
}

static void withhold(struct desk *d, struct pair *p, const struct standing *s, const char *why)
{
	exec_plan_note(d, p, PLAN_STEP_WITHHELD, why);
	for (unsigned k = 0; k < s->n_waiting; k++)
		router_withdraw(d, s->waiting[k], why, p->cause);
}

/* What may have changed since the pair was let through. */
static const char *barred(struct desk *d, const struct order *o)
{
	if (desk_top(d, o->instrument)->state != BOOK_LIVE)
		return "its book is not live any more";
	struct risk_verdict v = risk_order(d, o);
	return v.limit ? risk_limit_text(v.limit) : NULL;
}

static bool due(const struct desk *d, const struct pair *p, const struct standing *s,
		const struct order *o)
{
	bool known = p->align == ALIGN_LESS_CERTAIN && s->first_filled;
	return known || d->now.mono_ns >= p->sent_ns + p->leg[o->leg].wait_ns;
}

/* With durability "power" the intents of a slice are on the disk before its bytes leave; those of the first one were. */
static bool disk_has(const struct desk *d, const struct standing *s)
{
	uint64_t newest = 0;
	for (unsigned k = 0; k < s->n_waiting; k++)
		newest = s->waiting[k]->cause > newest ? s->waiting[k]->cause : newest;
	return !d->cfg->store.durability_power || d->journal->ops->synced(d->journal) >= newest;
}

bool exec_align_step(struct desk *d, struct pair *p)
{
	const struct standing s = look(d, p);
	int64_t next_ns = INT64_MAX;
	if (s.n_waiting == 0)
		return false;
	if (p->plan == PLAN_WORKS && !disk_has(d, &s)) {
		exec_plan_wake(d, p, d->now.mono_ns + DISK_NS);
		return true;
	}
	const char *why =
		p->plan == PLAN_ENDING ? "its pair was asked to end" : exec_plan_trouble(d, p);
	for (unsigned k = 0; !why && k < s.n_waiting; k++)
		if (due(d, p, &s, s.waiting[k]))
			why = barred(d, s.waiting[k]);
	if (why) {
		withhold(d, p, &s, why);
		return false;
	}
	if (s.short_leg != LEG_MAX) { /* the others follow what it has, if anything */
		withhold(d, p, &s, "a leg that left before has not filled wholly");
		p->first = (uint8_t)s.short_leg;
		p->style = STYLE_LEGGED;
		p->slice = p->slices; /* no further one */
		p->rest_until_ns = d->now.mono_ns + exec_patience_ns(d, p);
		if (exec_first_filled(p))
			exec_plan_note(d, p, PLAN_STEP_FOLLOWS,
				       "the others follow what it has filled");
		return exec_follow(d, p);
	}
	bool waits = false;
	for (unsigned k = 0; k < s.n_waiting; k++) {
		struct order *o = s.waiting[k];
		int64_t at_ns = p->sent_ns + p->leg[o->leg].wait_ns;
		if (due(d, p, &s, o)) {
			router_send(d, o);
			continue;
		}
		waits = true;
		next_ns = at_ns < next_ns ? at_ns : next_ns;
	}
	if (waits)
		exec_plan_wake(d, p, next_ns);
	return waits;
}
