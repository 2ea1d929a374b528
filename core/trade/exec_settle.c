/* exec_settle - what the executor does about a pair that has news: waits for its orders, and brings it to even, empty, or a rescue. */
#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/held.h"
#include "core/trade/ladder.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include <stdio.h>

#define MS	 1000000LL
#define RETRY_NS (50 * MS)

/* A pair that failed on all legs lets its instance cool down (F02). */
static void cool_down(struct desk *d, const struct pair *p)
{
	struct desk_instance *in = &d->instance[p->instance];
	if (d->cfg->risk.cool_down_ns)
		in->cool_until_ns = d->now.mono_ns + d->cfg->risk.cool_down_ns;
}

/* What an operator accepted is no imbalance, until something new fills. */
static bool as_accepted(const struct pair *p, const struct rescue_plan *plan)
{
	int64_t news = plan->imbalance_base_e8 - p->accepted_base_e8;
	news = dec_abs(news);
	return p->told == RESOLVE_ACCEPT && (news == 0 || news <= plan->tolerance_base_e8);
}

static bool empty(const struct desk *d, const struct pair *p, int64_t tolerance_base_e8)
{
	int64_t largest = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		int64_t b = pair_leg_base_e8(&p->leg[l], &d->instrument[p->leg[l].instrument]);
		b = dec_abs(b);
		largest = b > largest ? b : largest;
	}
	return largest <= tolerance_base_e8;
}

/* Legs that were all cut alike are even, and are not all that was wanted: how much of it they are. */
static const char *even_words(const struct desk *d, const struct pair *p, int64_t tolerance_base_e8,
			      char out[FACT_TEXT])
{
	int64_t least = p->target_base_e8;
	char hedged[24], wanted[24];
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t b = pair_leg_base_e8(leg, &d->instrument[leg->instrument]);
		b = dec_muldiv(b < 0 ? -b : b, leg->ratio_den, leg->ratio_num, DEC_NEAREST);
		least = b < least ? b : least;
	}
	if (p->intent > INTENT_ROLL || p->target_base_e8 - least <= tolerance_base_e8)
		return "the legs balance";
	dec_format(least, BASE_DP, 0, hedged);
	dec_format(p->target_base_e8, BASE_DP, 0, wanted);
	snprintf(out, FACT_TEXT, "the legs balance; cut short: hedged %s of %s base units", hedged,
		 wanted);
	return out;
}

static void end(struct desk *d, struct pair *p, bool is_empty, bool accepted,
		int64_t tolerance_base_e8)
{
	char words[FACT_TEXT];
	bool was_over = pair_over((enum pair_state)p->state);
	if (is_empty && p->state == PAIR_SENT && p->style != STYLE_PASSIVE)
		cool_down(d, p);
	exec_move(d, p, is_empty ? PAIR_EV_EMPTY : PAIR_EV_EVEN, p->cause,
		  is_empty   ? "nothing is left of it"
		  : accepted ? "accepted as it is"
			     : even_words(d, p, tolerance_base_e8, words));
	if (!was_over)
		round_end(d, p->instance);
}

/* A pair that used up its rows has them afresh after a rest; what it is held for goes on being counted. */
static bool rests(struct desk *d, struct pair *p)
{
	if (p->state != PAIR_HELD)
		return false;
	held_count(d, p);
	if (p->held_cause != HELD_ATTEMPTS)
		return false;
	int64_t left = p->again_ns - d->now.mono_ns;
	if (left > 0) {
		exec_set_timer(d, p, left);
		return true;
	}
	ladder_rested(p);
	return false;
}

/* All orders of the pair have ended: even, empty or broken? */
static void settle(struct desk *d, struct pair *p)
{
	struct rescue_plan plan;
	if (rests(d, p))
		return;
	p->chasing = false;
	ladder_heard(d, p);
	rescue_plan(d, p, &plan);
	bool accepted = as_accepted(p, &plan);
	if (p->told == RESOLVE_ACCEPT && !accepted) {
		round_accept(d, p->instance, -p->accepted_base_e8);
		p->told = RESOLVE_NONE;
	}
	if (plan.way == RESCUE_NONE || accepted) {
		end(d, p, empty(d, p, plan.tolerance_base_e8), accepted, plan.tolerance_base_e8);
		return;
	}
	if (p->state == PAIR_SENT || pair_over((enum pair_state)p->state))
		exec_move(d, p, PAIR_EV_UNEVEN, p->cause,
			  p->intent == INTENT_FLATTEN ? "to be closed" : "the legs do not balance");
	if (!exec_too_soon(d, p))
		exec_climb(d, p, &plan);
}

/* Orders that have not ended in time: what works is cancelled; what only a venue knows holds the pair, and says so. */
static void wait_for_orders(struct desk *d, struct pair *p)
{
	int64_t since = p->rescue_ns > p->sent_ns ? p->rescue_ns : p->sent_ns;
	int64_t left_ns = since + exec_patience_ns(d, p) - d->now.mono_ns;
	if (p->state == PAIR_HELD)
		held_count(d, p);
	if (exec_cut_known(d, p))
		return;
	if (left_ns > 0) {
		bool cuts = d->instance[p->instance].cfg->rescue.on_unknown == UNKNOWN_FLATTEN;
		if (cuts) /* what is unknown is cut from its own time on, not from the pair's */
			exec_set_timer(d, p, left_ns < RETRY_NS ? left_ns : RETRY_NS);
		else if (!p->timer)
			exec_set_timer(d, p, left_ns);
		return;
	}
	enum held_cause cause = held_unknown(d, p);
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		if (o->state == ORDER_LIVE) {
			router_cancel(d, o, p->cause);
			if (o->state == ORDER_LIVE && !cause &&
			    !risk_message_room(d, o->venue, 1, true))
				cause = HELD_MESSAGES;
		}
	}
	if (!cause) {
		exec_set_timer(d, p, RETRY_NS);
		return;
	}
	if (p->state != PAIR_HELD)
		exec_move(d, p, PAIR_EV_UNEVEN, p->cause,
			  cause == HELD_MESSAGES ? "an order cannot be cancelled now"
						 : "the outcome of an order is not known");
	held_hold(d, p, cause, p->cause);
}

/* It went beyond a limit while it worked: nothing of it works on, and the ladder has it. */
static void stop_working(struct desk *d, struct pair *p)
{
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		bool at_once = o->tif == TIF_IOC || o->tif == TIF_FOK;
		if (o->state == ORDER_LIVE || (o->state == ORDER_SENT && !at_once))
			router_cancel(d, o, p->cause);
	}
}

static void look_at(struct desk *d, struct pair *p)
{
	if (p->state == PAIR_SENT && exec_plan_step(d, p))
		return;
	if (pair_open_orders(p) == 0) {
		settle(d, p);
		return;
	}
	/* Rescue sizes come from terminal reports only: what still works may still fill. */
	if (p->breach && p->state == PAIR_SENT)
		stop_working(d, p);
	if (!p->chasing || !exec_tend_chase(d, p))
		wait_for_orders(d, p);
}

/* One leg has filled, and what became of another only its venue knows: that is shown and told long before the pair's patience ends. */
static void look_for_naked(struct desk *d, struct pair *p)
{
	enum held_cause cause = held_unknown(d, p);
	int64_t uneven = cause ? rescue_imbalance_base_e8(d, p) : 0;
	bool news = p->stuck_ns == 0;
	if (!cause || (uneven < 0 ? -uneven : uneven) <= rescue_tolerance_base_e8(d, p))
		return;
	held_soon(d, p, cause);
	if (news) /* until then it may have been answered */
		exec_set_timer(d, p, RETRY_NS);
}

void exec_look_at(struct desk *d, struct pair *p)
{
	if (p->state == PAIR_PROPOSED || p->state == PAIR_CHECKED || p->state == PAIR_REFUSED)
		return;
	p->stuck_cause = HELD_NONE;
	look_at(d, p);
	if (p->state != PAIR_HELD && pair_open_orders(p))
		look_for_naked(d, p);
	if (p->stuck_cause != HELD_NONE)
		return;
	if (p->stuck_ns && p->state == PAIR_SENT) /* answered in time: it never broke */
		p->broken_ns = 0;
	p->stuck_ns = 0;
	p->stuck_told = false;
}

void exec_run(struct desk *d)
{
	exec_rest_watch(d);
	for (struct pair *p; (p = pairs_next_dirty(&d->pairs));)
		exec_look_at(d, p);
}
