/* The host's own books, as its receipts tell them, against the venue's: positions, fences, and what it may open on after a line was down (I2, I4, I7, R6). */
#include "core/trade/fence.h"
#include "core/trade/router.h"
#include "core/trade/venue.h"
#include "tests/sim/checker_parts.h"

#define BESIDE_E8 5000	      /* fees of what was accepted, and less than a lot */
#define OLD_NS	  100000000LL /* a report of the new session may be on its way for so long */

void check_books_booked(struct checker *c, struct check_trade *t)
{
	if (t->old)
		c->n_old[t->account][t->instrument]--;
	t->old = false;
}

/* ---- opening on what is known ---- */

/* A venue is up again: what it did before, and the host has not booked, is what a reconciliation is for. */
static void on_venue(struct checker *c, const struct fact *f)
{
	if (!f->venue || f->venue > c->t.n_venues)
		return;
	c->venue[f->venue - 1].up = f->num[1] == VENUE_UP;
	if (!c->venue[f->venue - 1].up)
		return;
	while (c->first_unbooked < c->n_trades && c->trade[c->first_unbooked].booked)
		c->first_unbooked++;
	for (uint32_t i = c->first_unbooked; i < c->n_trades; i++) {
		struct check_trade *t = &c->trade[i];
		if (t->booked || t->old || t->order == CHECK_NONE ||
		    check_venue_of(c, t->instrument) != f->venue - 1u ||
		    t->at_ns > c->now_ns - OLD_NS)
			continue;
		t->old = true;
		c->n_old[t->account][t->instrument]++;
	}
}

static void on_order(struct checker *c, const struct fact *f)
{
	const struct check_pair *p = check_pair_of(c, f->pair);
	if (!p || f->num[2] != ORDER_OPENS || p->intent == INTENT_CLOSE)
		return;
	for (unsigned l = 0; l < p->n_legs; l++) {
		if (p->leg[l].account >= CHECK_ACCOUNTS ||
		    p->leg[l].instrument >= CHECK_INSTRUMENTS)
			continue;
		if (c->n_old[p->leg[l].account][p->leg[l].instrument])
			check_fail(
				c, 2, p, f->order,
				"it opens, and %u executions of before the session are not booked",
				c->n_old[p->leg[l].account][p->leg[l].instrument]);
		if (!c->venue[check_venue_of(c, p->leg[l].instrument)].up)
			check_fail(c, 2, p, f->order, "it opens, and a venue of it is not up");
	}
}

/* ---- what it does to others ---- */

static void on_foreign_order(struct checker *c, const struct fact *f)
{
	c->foreign_works[f->account % CHECK_ACCOUNTS][f->instrument % CHECK_INSTRUMENTS] =
		f->num[1] != 0;
}

/* A contract is cancelled whole: not while somebody else's order is known to work there (F16). */
static void on_cancel_all(struct checker *c, const struct fact *f)
{
	if (c->foreign_works[f->account % CHECK_ACCOUNTS][f->instrument % CHECK_INSTRUMENTS])
		check_fail(c, 4, NULL, 0,
			   "all orders of contract %u are cancelled, somebody else's too",
			   f->instrument);
}

/* ---- what it says of its books ---- */

static void on_fence(struct checker *c, const struct fact *f)
{
	unsigned a = f->account % CHECK_ACCOUNTS, i = f->instrument % CHECK_INSTRUMENTS;
	bool raised = f->num[1] && !c->fenced[a][i];
	c->fenced[a][i] = f->num[1] ? (uint8_t)(1 + f->num[0]) : 0;
	if (raised && f->num[0] == FENCE_POSITION && c->true_position[a][i] == c->position[a][i] &&
	    f->num[2] == c->position[a][i])
		check_fail(c, 4, NULL, 0,
			   "a contract is fenced for a difference that is none: both hold %lld",
			   (long long)f->num[2]);
}

static void on_position(struct checker *c, const struct fact *f)
{
	if (f->instance >= CHECK_INSTANCES || f->account >= CHECK_ACCOUNTS ||
	    f->instrument >= CHECK_INSTRUMENTS)
		return;
	int64_t mine = c->instance[f->instance].qty[f->account][f->instrument];
	if (f->num[0] - f->num[1] != mine)
		check_fail(
			c, 4, NULL, 0,
			"instance %u is written down with %lld of contract %u, its receipts make %lld",
			f->instance, (long long)(f->num[0] - f->num[1]), f->instrument,
			(long long)mine);
}

/* An adopted or accepted difference is one no more. */
static void on_reconciled(struct checker *c, const struct fact *f)
{
	if (f->instrument)
		c->beside_e8[f->account % CHECK_ACCOUNTS][f->instrument % CHECK_INSTRUMENTS] +=
			f->num[6];
	if (!(f->num[2] || f->num[3]) ||
	    c->fenced[f->account % CHECK_ACCOUNTS][f->instrument % CHECK_INSTRUMENTS] !=
		    1 + FENCE_POSITION)
		return;
	if (f->num[2] + f->num[3] != f->num[1] - f->num[0])
		check_fail(c, 4, NULL, 0, "of a difference of %lld the books take over %lld",
			   (long long)(f->num[1] - f->num[0]), (long long)(f->num[2] + f->num[3]));
}

/* ---- the words and the causes of what happens ---- */

/* Every pair that is held is told of, in the same turn (R6). */
static void told_of(struct checker *c, const struct fact *f)
{
	if (f->kind == FACT_ALERT && f->pair == c->untold)
		c->untold = 0;
	if (!c->untold || f->turn == c->untold_turn)
		return;
	if (!check_trouble(c, 0, TROUBLE_ROOM))
		check_fail(c, CHECKER_RULE + 6, check_pair_of(c, c->untold), 0,
			   "it is held, and nobody is told");
	c->untold = 0;
}

/* What becomes of an order follows from a receipt of that order, and what becomes of a pair from one of that pair (I7). */
static void causes(struct checker *c, const struct fact *f)
{
	bool of_order = false, of_pair = false;
	switch ((enum fact_kind)f->kind) {
	case FACT_SENT:
	case FACT_ACK:
	case FACT_FILL:
	case FACT_CANCELLED:
	case FACT_STATUS:
	case FACT_UNKNOWN:
	case FACT_QUERY:
	case FACT_CANCEL_REJECTED:
		of_order = true;
		break;
	case FACT_ORDER:
	case FACT_LEG:
	case FACT_PLAN:
	case FACT_REJECTED:
	case FACT_CANCEL:
	case FACT_RESCUE:
	case FACT_COST:
	case FACT_HELD:
		of_pair = true;
		break;
	default:
		return;
	}
	const struct fact *why = c->t.fact ? c->t.fact(c->t.owner, f->cause) : NULL;
	if (!c->t.fact)
		return;
	if (!why || (of_order && why->order != f->order) || (of_pair && why->pair != f->pair))
		check_fail(c, 7, check_pair_of(c, f->pair), f->order,
			   "the cause of its %s is receipt %llu, which is of something else",
			   fact_kind_name((enum fact_kind)f->kind), (unsigned long long)f->cause);
}

void check_books_fact(struct checker *c, const struct fact *f)
{
	told_of(c, f);
	causes(c, f);
	switch ((enum fact_kind)f->kind) {
	case FACT_VENUE:
		on_venue(c, f);
		break;
	case FACT_ORDER:
		on_order(c, f);
		break;
	case FACT_FOREIGN_ORDER:
		on_foreign_order(c, f);
		break;
	case FACT_CANCEL_ALL:
		on_cancel_all(c, f);
		break;
	case FACT_FENCE:
		on_fence(c, f);
		break;
	case FACT_POSITION:
		on_position(c, f);
		break;
	case FACT_RECONCILE:
		on_reconciled(c, f);
		break;
	default:
		break;
	}
}

/* ---- the end ---- */

/* An operator may have accepted that an account holds what the books do not (spot: its baseline takes that over). */
static bool differs(const struct checker *c, unsigned a, unsigned i)
{
	int64_t qty = c->true_position[a][i] - c->position[a][i];
	if (qty == 0 || i > c->t.n_instruments)
		return false;
	int64_t left = check_base_e8(c, i, SIDE_BUY, qty, 0) - c->beside_e8[a][i];
	return !c->beside_e8[a][i] || left > BESIDE_E8 || left < -BESIDE_E8;
}

/* Nothing of it is held, or stands apart as somebody else's. */
static bool all_its_own(const struct checker *c, unsigned instance)
{
	for (uint32_t k = 0; k < c->n_pairs; k++)
		if (c->pair[k].instance == instance &&
		    (c->pair[k].accepted || c->pair[k].state == PAIR_HELD))
			return false;
	for (unsigned a = 1; a < CHECK_ACCOUNTS; a++)
		for (unsigned i = 1; i < CHECK_INSTRUMENTS; i++)
			if (c->fenced[a][i] || c->instance[0].qty[a][i])
				return false;
	return true;
}

static bool uneven(const struct checker *c, unsigned instance)
{
	int64_t base = c->instance[instance].base_e8, lot = c->t.lot_base_e8[instance];
	return base > lot || -base > lot;
}

bool checker_at_ease(struct checker *c)
{
	for (uint32_t i = 0; i < c->n_pairs; i++) {
		const struct check_pair *p = &c->pair[i];
		bool lasts = p->cause == HELD_BY_POLICY || p->cause == HELD_BUDGET;
		if (pair_working((enum pair_state)p->state) && !(p->state == PAIR_HELD && lasts))
			return false;
	}
	for (unsigned a = 1; a < CHECK_ACCOUNTS; a++)
		for (unsigned i = 1; i < CHECK_INSTRUMENTS; i++)
			if ((differs(c, a, i) && !c->fenced[a][i]) || c->n_old[a][i])
				return false;
	for (unsigned k = 1; k <= c->t.n_instances && k < CHECK_INSTANCES; k++)
		if (uneven(c, k) && all_its_own(c, k))
			return false;
	return true;
}

void checker_had_time(struct checker *c)
{
	c->had_time = true;
	for (uint32_t i = 0; i < c->n_pairs; i++)
		if (pair_working((enum pair_state)c->pair[i].state))
			c->instance[c->pair[i].instance].worked_on = true;
}

int64_t checker_excused_ns(const struct checker *c)
{
	int64_t most = c->host_dead_ns;
	for (unsigned v = 0; v < c->t.n_venues; v++)
		for (unsigned k = 0; k < checker_trouble_max; k++)
			most = c->venue[v].trouble_ns[k] > most ? c->venue[v].trouble_ns[k] : most;
	return most;
}

/* What a strategy holds in all is hedged: the watch has seen what fees, forced closing and late fills did to it (I1). */
static void instances_end(struct checker *c)
{
	for (unsigned k = 1; k <= c->t.n_instances && k < CHECK_INSTANCES; k++) {
		int64_t base = c->instance[k].base_e8;
		if (uneven(c, k) && !c->instance[k].worked_on && all_its_own(c, k))
			check_fail(
				c, 1, NULL, 0,
				"in the end instance %u holds %lld e-8 base units unhedged, and nobody repairs it",
				k, (long long)base);
	}
}

/* A difference that stands in the end is known: its contract is fenced. */
void check_books_end(struct checker *c)
{
	if (!c->had_time)
		return;
	instances_end(c);
	for (unsigned a = 1; a < CHECK_ACCOUNTS; a++)
		for (unsigned i = 1; i < CHECK_INSTRUMENTS; i++) {
			if (!differs(c, a, i) || c->fenced[a][i])
				continue;
			check_fail(
				c, 4, NULL, 0,
				"in the end the books have %lld of contract %u on account %u, the venue %lld",
				(long long)c->position[a][i], i, a,
				(long long)c->true_position[a][i]);
		}
}
