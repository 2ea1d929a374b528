#include "core/trade/gatekeeper.h"

#include "core/base/span.h"
#include <inttypes.h>
#include <string.h>

#define SECOND_NS 1000000000LL

void gatekeeper_init(struct gatekeeper *g, const struct basis_spec *spec, gatekeeper_say_fn say,
		     void *arg)
{
	memset(g, 0, sizeof *g);
	g->spec = spec;
	g->say = say;
	g->arg = arg;
	g->who = GATE_WHOLE;
}

/* ---- places: legs, references, the whole */

static unsigned place_of(uint8_t who)
{
	return who == GATE_WHOLE ? GATEKEEPER_WHO - 1
	       : who >= GATE_REF ? (unsigned)LEG_MAX + who - GATE_REF
				 : who;
}

static uint8_t who_at(unsigned place)
{
	return (uint8_t)(place == GATEKEEPER_WHO - 1 ? GATE_WHOLE
			 : place >= LEG_MAX	     ? GATE_REF + place - LEG_MAX
						     : place);
}

/* ---- tallies */

static void join(uint8_t gate, struct gate_tally *sum, const struct gate_tally *t)
{
	if (!sum->times) {
		*sum = *t;
		return;
	}
	sum->times += t->times;
	sum->closed_ns += t->closed_ns;
	sum->judged += t->judged;
	sum->triggers += t->triggers;
	sum->worst = gate_worse((enum gate)gate, sum->worst, t->worst);
	sum->bound = t->bound;
	sum->cause = t->cause ? t->cause : sum->cause;
}

/* ---- receipts */

static bool may_say(struct gatekeeper *g, int64_t now_ns)
{
	if (now_ns - g->second_ns >= SECOND_NS) {
		g->second_ns = now_ns;
		g->said = 0;
	}
	return g->said < GATEKEEPER_FACTS_PER_S;
}

/* "leg 0 BINANCE.BTCUSDT: last proven valid 812 ms ago, limit 500 ms" and what became of it. */
static void in_words(const struct gatekeeper *g, struct fact *f, const struct instrument *in)
{
	char words[GATE_WORDS], span[SPAN_BYTES];
	bool first = !f->num[3] && !f->num[4];
	gate_words((enum gate)f->num[0], first ? f->num[1] : f->num[7], f->num[2], words);
	span_format(f->num[4], span);
	const char *of = in ? in->name : "", *colon = in ? ": " : "";
	if (first)
		fact_text(f, "%s%s%s", of, colon, words);
	else if (!f->num[3])
		fact_text(f, "%s%s%s; %s so far", of, colon, words, span);
	else if (f->num[3] == 1)
		fact_text(f, "%s%s%s; %s%s", of, colon, words,
			  g->ending ? "closed to the end, " : "closed for ", span);
	else
		fact_text(f, "%s%s%s; %" PRId64 " times, %s in all", of, colon, words, f->num[3],
			  span);
}

static bool say(struct gatekeeper *g, uint8_t gate, uint8_t who, const struct gate_tally *t,
		uint64_t *seq)
{
	const struct instrument *in = gate_who(g->spec, who);
	struct fact f;
	fact_init(&f, FACT_GATE);
	f.cause = t->cause;
	f.leg = who;
	f.state = g->gate;
	f.instrument = in ? in->name_id : 0;
	const int64_t num[FACT_NUMS] = {
		gate,
		t->value,
		t->bound,
		t->times,
		t->closed_ns,
		(int64_t)t->judged,
		(int64_t)t->triggers,
		t->worst,
	};
	memcpy(f.num, num, sizeof num);
	in_words(g, &f, in);
	if (!g->say(g->arg, &f))
		return false;
	g->said++;
	*seq = f.seq;
	return true;
}

/* False: there is no room. */
static bool say_pending(struct gatekeeper *g, unsigned gate, unsigned place)
{
	struct gate_tally *t = &g->pending[gate][place];
	uint64_t seq;
	if (t->times) {
		if (!say(g, (uint8_t)gate, who_at(place), t, &seq))
			return false;
		memset(t, 0, sizeof *t);
		g->n_pending--;
	}
	return true;
}

/* Sums of the same reason go first: what tells of an end never comes after the beginning of the next one. */
static void say_closed(struct gatekeeper *g, int64_t now_ns)
{
	unsigned place = place_of(g->who);
	if (!may_say(g, now_ns) || !say_pending(g, g->gate, place) || !may_say(g, now_ns))
		return;
	struct gate_tally t = { .value = g->open.value,
				.bound = g->open.bound,
				.worst = g->open.value };
	g->told = say(g, g->gate, g->who, &t, &g->open.cause);
}

static void say_part(struct gatekeeper *g, int64_t now_ns)
{
	uint64_t seq;
	g->open.closed_ns = now_ns - g->from_ns;
	if (!say(g, g->gate, g->who, &g->open, &seq))
		return;
	g->from_ns = now_ns;
	g->open.judged = g->open.triggers = 0;
}

static void say_all_pending(struct gatekeeper *g, int64_t now_ns, bool without_limit)
{
	const unsigned all = gate_max * GATEKEEPER_WHO;
	for (unsigned i = 0; i < all && g->n_pending; i++) {
		unsigned at = (g->next_pending + i) % all;
		if (!without_limit && !may_say(g, now_ns)) {
			g->next_pending = at; /* goes on from here: nobody waits for ever */
			return;
		}
		if (!say_pending(g, at / GATEKEEPER_WHO, at % GATEKEEPER_WHO))
			return;
	}
}

/* ---- stretches */

static void begin(struct gatekeeper *g, struct gate_verdict v, int64_t now_ns)
{
	g->gate = v.gate;
	g->who = v.who;
	g->told = false;
	g->from_ns = g->began_ns = now_ns;
	g->open = (struct gate_tally){
		.value = v.value, .worst = v.value, .bound = v.bound, .judged = 1
	};
	if (v.gate != GATE_OPEN)
		say_closed(g, now_ns);
}

/* What goes on has ended, and gate `next` is in force. */
static void end(struct gatekeeper *g, uint8_t next, int64_t now_ns)
{
	uint8_t gate = g->gate;
	unsigned place = place_of(g->who);
	struct gate_tally t = g->open, *sum = &g->pending[gate][place];
	bool alone = now_ns - g->began_ns >= GATEKEEPER_ALONE_NS;
	t.times = 1;
	t.closed_ns = now_ns - g->from_ns;
	g->gate = next;
	if (alone)
		say_pending(g, gate, place);
	g->n_pending += sum->times == 0;
	join(gate, sum, &t);
	if (alone || may_say(g, now_ns))
		say_pending(g, gate, place);
}

void gatekeeper_judged(struct gatekeeper *g, struct gate_verdict v, int64_t now_ns)
{
	if (v.gate == g->gate && v.who == g->who) {
		if (v.gate == GATE_OPEN)
			return;
		g->open.judged++;
		g->open.worst = gate_worse((enum gate)v.gate, g->open.worst, v.value);
		return;
	}
	if (g->gate != GATE_OPEN)
		end(g, v.gate, now_ns);
	begin(g, v, now_ns);
}

bool gatekeeper_trigger(struct gatekeeper *g)
{
	if (g->gate == GATE_OPEN)
		return false;
	g->open.triggers++;
	return true;
}

void gatekeeper_on_time(struct gatekeeper *g, int64_t now_ns)
{
	if (g->n_pending)
		say_all_pending(g, now_ns, false);
	if (g->gate == GATE_OPEN)
		return;
	if (!g->told)
		say_closed(g, now_ns);
	if (g->told && now_ns - g->from_ns >= GATEKEEPER_PART_NS && may_say(g, now_ns))
		say_part(g, now_ns);
}

void gatekeeper_close(struct gatekeeper *g, int64_t now_ns)
{
	say_all_pending(g, now_ns, true);
	g->ending = true;
	if (g->gate != GATE_OPEN)
		end(g, g->gate, now_ns);
	say_all_pending(g, now_ns, true);
	g->ending = false;
	g->gate = GATE_OPEN;
	g->who = GATE_WHOLE;
}
