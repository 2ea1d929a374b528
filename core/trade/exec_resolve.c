/* exec_resolve - an operator's word on a pair that is held or broken. */
#include "core/base/err.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/scribe.h"
#include <stdio.h>

void exec_recall_told(struct pair *p, const struct fact *f)
{
	p->told = (uint8_t)f->num[2];
	p->accepted_base_e8 = p->told == RESOLVE_ACCEPT ? f->num[3] : 0;
	p->forgiven_e8 = f->num[6];
}

static int may_resolve(const struct desk *d, const struct pair *p, enum resolve_way way)
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
	if (way == RESOLVE_ADOPT)
		return err_set(
			ERR_STATE,
			"a pair's books take only what its venues report of its own orders; trade the difference by hand at the venue and accept the pair as it is");
	if (way == RESOLVE_ACCEPT && pair_open_orders(p))
		return err_set(
			ERR_STATE,
			"%u of its orders may still fill, so nobody knows what there is to accept; `tandem orders DB` shows them: ask again once they have ended",
			pair_open_orders(p));
	if (d->journal->ops->room(d->journal) < 4u * p->n_legs + 4u)
		return err_set(ERR_FULL, "the journal has no room for the receipts of it");
	return 0;
}

int exec_resolve(struct desk *d, struct pair *p, enum resolve_way way, const char *who,
		 const char *why)
{
	char text[FACT_TEXT];
	int rc = may_resolve(d, p, way);
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
	if (way != RESOLVE_ACCEPT) {
		p->attempts = 0;
		p->broken_ns = d->now.mono_ns;
		p->waiting = false;
		if (pair_open_orders(p) == 0)
			p->rescue_ns = 0;
	}
	exec_look_at(d, p);
	return 0;
}
