/* exec_resolve - an operator's word on a pair that is held or broken. */
#include "core/base/err.h"
#include "core/trade/adopt.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/ladder.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include <stdio.h>

#define WRITE_OFF_AFTER_NS 60000000000LL

void exec_recall_told(struct pair *p, const struct fact *f)
{
	p->told = (uint8_t)f->num[2];
	p->accepted_base_e8 = p->told == RESOLVE_ACCEPT ? f->num[3] : 0;
	p->forgiven_e8 = f->num[6];
}

/* Open orders that may not be written off: they work, or have not been asked for as long as that takes. */
static unsigned may_still_fill(struct desk *d, const struct pair *p)
{
	unsigned n = 0;
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		int64_t since = o->sent_mono_ns > p->sent_ns ? o->sent_mono_ns : p->sent_ns;
		bool given_up =
			o->state == ORDER_UNKNOWN && d->now.mono_ns - since >= WRITE_OFF_AFTER_NS;
		n += order_open((enum order_state)o->state) && !given_up;
	}
	return n;
}

static int may_resolve(struct desk *d, const struct pair *p, enum resolve_way way, const char *why)
{
	const char *state = pair_state_name((enum pair_state)p->state);
	if (pair_over((enum pair_state)p->state))
		return err_set(ERR_STATE,
			       "the pair is %s: it has ended, and there is nothing to resolve",
			       state);
	if (p->state == PAIR_PROPOSED || p->state == PAIR_CHECKED || p->state == PAIR_SENT)
		return err_set(
			ERR_STATE,
			"the pair is %s: its orders are on their way; ask again once it is held or broken",
			state);
	if (way == RESOLVE_ACCEPT && may_still_fill(d, p))
		return err_set(
			ERR_STATE,
			"%u of its orders may still fill, so nobody knows what there is to accept; `tandem orders DB` shows them: their venues are being asked; "
			"ask again once they have ended, or when their venue has not answered for a minute",
			may_still_fill(d, p));
	if (way == RESOLVE_ACCEPT && pair_open_orders(p) && !why[0])
		return err_set(
			ERR_STATE,
			"%u of its orders are unknown to this day: accepting writes them off as cancelled; say why: --reason TEXT",
			pair_open_orders(p));
	if (way == RESOLVE_ADOPT && pair_open_orders(p))
		return err_set(
			ERR_STATE,
			"%u of its orders may still fill, so nobody knows what the pair lacks; ask again once they have ended",
			pair_open_orders(p));
	if (d->journal->ops->room(d->journal) < 6u * p->n_legs + 8u)
		return err_set(ERR_FULL, "the journal has no room for the receipts of it");
	return 0;
}

static void write_off(struct desk *d, const struct pair *p, const char *why, uint64_t cause)
{
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		router_write_off(d, o, why, cause);
}

/* What the word changes at once, with its receipt written. */
static void obey(struct desk *d, struct pair *p, enum resolve_way way, const char *why)
{
	p->again_ns = 0;
	if (way == RESOLVE_ACCEPT) {
		write_off(d, p, why, p->cause);
		round_accept(d, p->instance, p->accepted_base_e8);
		return;
	}
	if (way == RESOLVE_ADOPT)
		adopt_fills(d, p, p->cause);
	ladder_rested(p);
	p->climb_ns = d->now.mono_ns;
	if (pair_open_orders(p) == 0)
		p->rescue_ns = 0;
}

int exec_resolve(struct desk *d, struct pair *p, enum resolve_way way, const char *who,
		 const char *why)
{
	char text[FACT_TEXT];
	int rc = may_resolve(d, p, way, why);
	if (!rc && way == RESOLVE_ADOPT)
		rc = adopt_possible(d, p);
	if (rc)
		return rc;
	snprintf(text, sizeof text, "resolve %016llx %s by %s%s%s", (unsigned long long)p->id,
		 resolve_way_name(way), who, why[0] ? ": " : "", why);
	const struct pair before = *p;
	p->told = (uint8_t)way;
	p->forgiven_e8 = p->spent_e8;
	p->accepted_base_e8 = way == RESOLVE_ACCEPT ? rescue_imbalance_base_e8(d, p) : 0;
	uint64_t seq = scribe_told(d, p, p->cause, text);
	if (!seq) {
		*p = before;
		return err_set(ERR_FULL, "the journal has no room for the receipt of it");
	}
	p->cause = seq;
	obey(d, p, way, why);
	if (way == RESOLVE_ADOPT) /* it names no way: what is still open goes by the policy */
		p->told = RESOLVE_NONE;
	exec_look_at(d, p);
	return 0;
}
