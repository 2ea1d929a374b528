#include "core/cmd/tca.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/trade/pair.h"
#include <stdlib.h>

#define ORDER_RESCUES 1 /* `rescue` of an order: store/FORMAT.md */

const char *tca_step_name(enum tca_step s)
{
	static const char *const names[] = {
		[TCA_WIRE_TO_DECISION] = "wire to decision",
		[TCA_DECISION_TO_SENT] = "decision to sent",
		[TCA_SENT_TO_ACK] = "sent to ack",
		[TCA_SENT_TO_FILL] = "sent to fill",
		[TCA_LEG_GAP] = "leg gap",
		[TCA_RESCUE] = "rescue",
		[TCA_WHOLE] = "quote to end",
	};
	_Static_assert(sizeof names / sizeof *names == tca_step_max, "a name for every step");
	return s < tca_step_max ? names[s] : NULL;
}

int tca_open(struct tca *t, tca_fn *fn, void *arg)
{
	*t = (struct tca){ .fn = fn, .arg = arg };
	t->pair = calloc(TCA_KEPT, sizeof *t->pair);
	t->tick_of = calloc(TCA_TICKS, sizeof *t->tick_of);
	if (t->pair && t->tick_of && !map_init(&t->at, TCA_KEPT))
		return 0;
	tca_close(t);
	return err_set(ERR_NOMEM, "no memory for %u pairs", TCA_KEPT);
}

void tca_close(struct tca *t)
{
	free(t->pair);
	free(t->tick_of);
	map_free(&t->at);
	*t = (struct tca){ 0 };
}

/* ---------------------------------------------------------------- which pair */

static struct tca_pair *find(struct tca *t, uint64_t id)
{
	uint32_t at;
	return id && map_get(&t->at, id, &at) ? &t->pair[at] : NULL;
}

static int by_id(const void *a, const void *b)
{
	const struct tca_pair *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

/* Gives out what has ended and was not heard of after `until`, by the order of decisions; all of it also what has not ended. */
static int sweep(struct tca *t, uint64_t until, bool all)
{
	uint32_t kept = 0;
	int rc = 0;
	qsort(t->pair, t->n, sizeof *t->pair, by_id);
	map_clear(&t->at);
	for (uint32_t i = 0; i < t->n; i++) {
		struct tca_pair *p = &t->pair[i];
		if (all || (p->ended && p->heard <= until)) {
			t->pairs++;
			rc = rc ? rc : t->fn(t->arg, p);
			continue;
		}
		if (kept != i)
			t->pair[kept] = *p;
		map_put(&t->at, p->id, kept++);
	}
	t->n = kept;
	return rc;
}

/* Those that have been silent for the longer half of what is remembered. */
static int make_room(struct tca *t)
{
	uint64_t oldest = UINT64_MAX, newest = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct tca_pair *p = &t->pair[i];
		if (!p->ended)
			continue;
		oldest = p->heard < oldest ? p->heard : oldest;
		newest = p->heard > newest ? p->heard : newest;
	}
	return newest ? sweep(t, oldest + (newest - oldest) / 2, false) : 0;
}

/* ---------------------------------------------------------------- what a pair rests on */

static const struct fact *lately(const struct tca *t, uint64_t seq)
{
	for (uint32_t i = 0; seq && i < TCA_LATELY; i++)
		if (t->lately[i].seq == seq)
			return &t->lately[i];
	return NULL;
}

static void remember(struct tca *t, const struct fact *f)
{
	t->lately[t->n_lately++ % TCA_LATELY] = *f;
}

/* The decision, and the newest of the quotes in its chain. */
static void decided(struct tca *t, struct tca_pair *p, uint64_t cause)
{
	const struct fact *f = lately(t, cause);
	p->decided_ns = f && f->kind == FACT_DECISION ? f->mono_ns : 0;
	p->basis_bp_nano = TCA_UNKNOWN;
	for (unsigned i = 0; f && i < LEG_MAX + 8; i++, f = lately(t, f->cause)) {
		if (f->kind == FACT_DECISION)
			t->decision = *f;
		else if (f->num[5] > p->quote_ns && f->num[5] <= f->mono_ns)
			p->quote_ns = f->num[5];
	}
}

static int begin(struct tca *t, const struct fact *f)
{
	int rc = t->n == TCA_KEPT ? make_room(t) : 0;
	if (rc)
		return rc;
	if (t->n == TCA_KEPT) {
		t->dropped++;
		return 0;
	}
	struct tca_pair *p = &t->pair[t->n];
	*p = (struct tca_pair){ .id = f->pair,
				.instance = f->instance,
				.script = f->script,
				.intent = (uint8_t)f->num[5],
				.utc_ns = f->utc_ns,
				.priced = true,
				.heard = f->seq };
	for (int s = 0; s < tca_step_max; s++)
		p->step_ns[s] = TCA_UNKNOWN;
	decided(t, p, f->cause);
	if (p->quote_ns && p->decided_ns)
		p->step_ns[TCA_WIRE_TO_DECISION] = p->decided_ns - p->quote_ns;
	return map_put(&t->at, p->id, t->n++);
}

/* ---------------------------------------------------------------- its life */

static void end(struct tca_pair *p, const struct fact *f)
{
	p->ended = true;
	p->ended_ns = f->mono_ns;
	p->completed = p->broke && f->state == PAIR_HEDGED;
	p->unwound = p->broke && f->state == PAIR_FLAT;
	if (p->resumed)
		return;
	if (p->broke_ns)
		p->step_ns[TCA_RESCUE] = f->mono_ns - p->broke_ns;
	if (p->quote_ns && p->step_ns[TCA_WHOLE] == TCA_UNKNOWN)
		p->step_ns[TCA_WHOLE] = f->mono_ns - p->quote_ns;
}

static void on_pair(struct tca_pair *p, const struct fact *f)
{
	p->state = f->state;
	if (f->num[0] == f->num[1])
		return;
	p->ended = false;
	if (f->state == PAIR_BROKEN && !p->broke_ns) {
		p->broke = true;
		p->broke_ns = f->mono_ns;
	}
	p->held |= f->state == PAIR_HELD;
	if (pair_over((enum pair_state)f->state))
		end(p, f);
}

static void on_leg(struct tca *t, struct tca_pair *p, const struct fact *f)
{
	struct tca_leg *l = &p->leg[f->leg];
	if (l->known)
		return;
	*l = (struct tca_leg){ .known = true,
			       .instrument = f->instrument,
			       .account = f->account,
			       .side = f->side,
			       .px_dp = f->px_dp,
			       .qty_dp = f->qty_dp,
			       .ref_px = f->num[4],
			       .want_qty = f->num[2] };
	if (f->instrument < TCA_TICKS)
		l->tick = t->tick_of[f->instrument];
	if (f->leg >= p->n_legs)
		p->n_legs = f->leg + 1u;
	if (f->leg == 0 && p->decided_ns)
		p->basis_bp_nano = t->decision.num[f->side == SIDE_SELL ? 2 : 3];
}

/* Only the first receipt of an order says what it is for. */
static void on_order(struct tca_pair *p, const struct fact *f)
{
	struct tca_leg *l = &p->leg[f->leg];
	if (f->num[2] == ORDER_RESCUES && p->n_rescues < TCA_RESCUES)
		p->rescue[p->n_rescues++] = f->order;
	else if (!l->arrival_px)
		l->arrival_px = f->num[5];
	p->money = (uint32_t)f->num[7];
	l->orders++;
}

static void step(struct tca_pair *p, enum tca_step s, int64_t from_ns, int64_t to_ns)
{
	if (from_ns && to_ns >= from_ns && !p->resumed && to_ns - from_ns > p->step_ns[s])
		p->step_ns[s] = to_ns - from_ns;
}

static void on_sent(struct tca_pair *p, const struct fact *f)
{
	struct tca_leg *l = &p->leg[f->leg];
	if (l->sent_ns)
		return;
	l->sent_ns = f->mono_ns;
	if (p->step_ns[TCA_DECISION_TO_SENT] == TCA_UNKNOWN)
		step(p, TCA_DECISION_TO_SENT, p->decided_ns, f->mono_ns);
}

static void on_ack(struct tca_pair *p, const struct fact *f)
{
	struct tca_leg *l = &p->leg[f->leg];
	if (l->acked_ns)
		return;
	l->acked_ns = f->mono_ns;
	step(p, TCA_SENT_TO_ACK, l->sent_ns, f->mono_ns);
}

static void first_fill(struct tca_pair *p, struct tca_leg *l, const struct fact *f)
{
	l->filled_ns = f->mono_ns;
	step(p, TCA_SENT_TO_FILL, l->sent_ns, f->mono_ns);
	for (unsigned i = 0; i < p->n_legs; i++)
		if (&p->leg[i] != l && p->leg[i].filled_ns)
			step(p, TCA_LEG_GAP, p->leg[i].filled_ns, f->mono_ns);
}

static bool is_rescue(const struct tca_pair *p, uint64_t order)
{
	for (uint32_t i = 0; i < p->n_rescues; i++)
		if (p->rescue[i] == order)
			return true;
	return p->broke && p->n_rescues == TCA_RESCUES;
}

/* What a fill cost beyond the price of the decision. With value v at price x and the decision at r: v (x - r) / x, which is qty * (x - r) of a contract that is worth its
 * price, and of an inverse one, worth 1 / x, what it lost in coin at the decision's price. */
static int64_t worse_e8(const struct fact *f, int64_t ref_px)
{
	int64_t apart = f->side == SIDE_BUY ? f->px - ref_px : ref_px - f->px;
	return f->px ? dec_muldiv(f->num[6], apart, f->px, DEC_NEAREST) : 0;
}

/* n is 1, or -1 where an execution was taken back. A bust names no money: what it moved is known from its price. */
static void on_fill(struct tca_pair *p, const struct fact *f, int n)
{
	struct tca_leg *l = &p->leg[f->leg];
	bool own = (f->side == l->side) != (p->intent == INTENT_FLATTEN),
	     rescue = is_rescue(p, f->order);
	int64_t worse = worse_e8(f, l->ref_px);
	p->priced = p->priced && f->num[6] && n > 0;
	*(own ? &l->qty : &l->back_qty) += n * f->qty;
	*(own ? &l->value : &l->back_value) += (__int128)n * f->px * f->qty;
	*(!own ? &l->unwind_e8 : rescue ? &l->chase_e8 : &l->slip_e8) += n * worse;
	*(!own ? &p->unwind_e8 : rescue ? &p->chase_e8 : &p->slip_e8) += n * worse;
	l->fee_e8 += n * f->num[7];
	p->fee_e8 += n * f->num[7];
	p->value_e8 += own ? n * f->num[6] : 0;
	if (n < 0)
		return;
	l->fills++;
	l->maker += f->num[2] != 0;
	if (!l->filled_ns)
		first_fill(p, l, f);
}

static void take(struct tca *t, struct tca_pair *p, const struct fact *f)
{
	bool leg = f->leg < LEG_MAX;
	p->heard = f->seq;
	switch ((enum fact_kind)f->kind) {
	case FACT_PAIR:
		on_pair(p, f);
		break;
	case FACT_LEG:
		if (leg)
			on_leg(t, p, f);
		break;
	case FACT_ORDER:
		if (leg)
			on_order(p, f);
		break;
	case FACT_SENT:
		if (leg)
			on_sent(p, f);
		break;
	case FACT_ACK:
		if (leg)
			on_ack(p, f);
		break;
	case FACT_FILL:
		if (leg && f->side < side_max && p->leg[f->leg].known)
			on_fill(p, f, 1);
		break;
	case FACT_BUST:
		if (leg && f->side < side_max && p->leg[f->leg].known)
			on_fill(p, f, -1);
		break;
	default:
		break;
	}
}

static void restarted(struct tca *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		t->pair[i].resumed |= !t->pair[i].ended;
}

int tca_take(struct tca *t, const struct fact *f)
{
	struct tca_pair *p;
	if (f->kind == FACT_QUOTE || f->kind == FACT_DECISION)
		remember(t, f);
	else if (f->kind == FACT_RULE && f->instrument < TCA_TICKS)
		t->tick_of[f->instrument] = f->num[1];
	else if (f->kind == FACT_SESSION_OPEN)
		restarted(t);
	else if ((p = find(t, f->pair)))
		take(t, p, f);
	else if (f->kind == FACT_PAIR && f->state == PAIR_PROPOSED)
		return begin(t, f);
	return 0;
}

int tca_end(struct tca *t)
{
	return sweep(t, 0, true);
}

/* ---------------------------------------------------------------- figures of one */

int64_t tca_average_px(const struct tca_leg *l)
{
	return l->qty > 0 ? (int64_t)((l->value + (l->value < 0 ? -l->qty : l->qty) / 2) / l->qty)
			  : 0;
}

bool tca_slip_ticks(const struct tca_leg *l, int64_t *hundredths)
{
	int64_t px = tca_average_px(l);
	if (!l->tick || !px)
		return false;
	__int128 apart = l->value - (__int128)l->ref_px * l->qty;
	apart = l->side == SIDE_BUY ? apart : -apart;
	*hundredths = (int64_t)(apart * 100 / ((__int128)l->tick * l->qty));
	return true;
}

bool tca_cost_bp(const struct tca_pair *p, double *bp)
{
	if (!p->priced || p->value_e8 <= 0)
		return false;
	*bp = 1e4 * (double)(p->slip_e8 + p->chase_e8 + p->unwind_e8 + p->fee_e8) /
	      (double)p->value_e8;
	return true;
}
