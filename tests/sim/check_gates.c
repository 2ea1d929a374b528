/* The order of receipts, and what may be sent at all: sequence and causes (I7), markets that were believed (I9), kills (I10), time (I12), message budgets (I13). */
#include "core/trade/desk.h"
#include "tests/sim/checker_parts.h"

#define SECOND_NS 1000000000LL

static void check_chain(struct checker *c, const struct fact *f)
{
	if (f->seq != c->seq + 1)
		check_fail(c, 7, NULL, f->order, "receipt %llu follows %llu",
			   (unsigned long long)f->seq, (unsigned long long)c->seq);
	c->seq = f->seq;
	if (f->cause >= f->seq)
		check_fail(c, 7, NULL, f->order,
			   "receipt %llu has a cause that comes after it: %llu",
			   (unsigned long long)f->seq, (unsigned long long)f->cause);
	if (f->mono_ns < c->mono_ns)
		check_fail(c, 12, NULL, f->order, "time goes back by %lld ns",
			   (long long)(c->mono_ns - f->mono_ns));
	c->mono_ns = f->mono_ns;
}

/* The greedy window that a budget is counted in: it begins with the first message after the one before has passed. */
static void count_message(struct checker *c, const struct fact *f, unsigned at, bool opening)
{
	struct check_venue *v = &c->venue[at];
	int32_t most = c->t.messages_per_s[at];
	if (f->mono_ns - v->window_ns >= SECOND_NS) {
		v->window_ns = f->mono_ns;
		v->sent = 0;
	}
	v->sent++;
	if (opening)
		most -= most * c->t.reserve_pct[at] / 100;
	if (c->t.messages_per_s[at] && v->sent > most)
		check_fail(c, 13, check_pair_of(c, f->pair), f->order,
			   "message %d of a second, of at most %d%s", v->sent, most,
			   opening ? " that may open" : "");
}

static void on_quote(struct checker *c, const struct fact *f)
{
	bool sound = f->num[7] == BOOK_LIVE && f->num[0] > 0 && f->num[2] > 0 && f->num[1] > 0 &&
		     f->num[3] > 0 && f->num[0] < f->num[2] && f->num[6] <= c->t.max_age_ns;
	c->quote_bad = sound ? c->quote_bad : f->seq;
}

/* A pair was let through on the quotes that stand before its decision: each must have been sound (I9). */
static void on_passed(struct checker *c, const struct fact *f)
{
	if (f->num[0] != PAIR_PROPOSED || f->num[1] != PAIR_CHECKED)
		return;
	if (c->quote_bad)
		check_fail(
			c, 9, check_pair_of(c, f->pair), 0,
			"it was let through on a quote that is stale, crossed, empty or not live (receipt %llu)",
			(unsigned long long)c->quote_bad);
	c->quote_bad = 0;
}

void check_gates_fact(struct checker *c, const struct fact *f)
{
	check_chain(c, f);
	switch ((enum fact_kind)f->kind) {
	case FACT_SESSION_OPEN:
	case FACT_RECOVERY:
		c->quote_bad = 0;
		break;
	case FACT_QUOTE:
		on_quote(c, f);
		break;
	case FACT_RISK:
		c->quote_bad = 0;
		break;
	case FACT_PAIR:
		on_passed(c, f);
		break;
	case FACT_OPERATOR:
		if (f->num[1])
			c->halted = f->state != RISK_ACTIVE;
		break;
	case FACT_SENT: {
		const struct check_order *o = check_order_of(c, f->order);
		const struct check_pair *p = o ? &c->pair[o->pair] : NULL;
		count_message(c, f, check_venue_of(c, f->instrument), o && !o->rescue);
		if (o && !o->rescue && p->intent == INTENT_OPEN && c->halted)
			check_fail(c, 10, check_pair_of(c, f->pair), f->order,
				   "an order that adds risk goes out after a kill");
		break;
	}
	case FACT_CANCEL:
	case FACT_QUERY:
		count_message(c, f, check_venue_of(c, f->instrument), false);
		break;
	case FACT_ARM:
	case FACT_CANCEL_ALL:
		for (int64_t n = f->num[1]; n > 0 && f->venue && f->venue <= c->t.n_venues; n--)
			count_message(c, f, f->venue - 1, false);
		break;
	default:
		break;
	}
}
