#include "core/cmd/why.h"
#include "core/base/err.h"
#include "core/market/feed.h"
#include "core/trade/gatekeeper.h"
#include "core/trade/risk.h"
#include "core/trade/venue.h"
#include <stdlib.h>
#include <string.h>

#define LEAVING_NS 1000000000LL /* an end lasts no longer */

static const char *const what_name[] = { "feed", "clock", "venue", "market" };
_Static_assert(sizeof what_name / sizeof *what_name == why_what_max, "a name for every input");
_Static_assert(feed_repair_max <= 8, "a count for every way to mend a feed");

const char *why_what_name(enum why_what w)
{
	return w < why_what_max ? what_name[w] : "?";
}

void why_init(struct why *w)
{
	*w = (struct why){ .gate = -1, .limit = -1 };
}

void why_free(struct why *w)
{
	free(w->gates);
	free(w->risks);
	free(w->inputs);
	why_init(w);
}

/* ---- rows */

/* Room for one more of `size` bytes, zeroed. */
static int room(void *rows, size_t n, size_t *cap, size_t size)
{
	void *old;
	memcpy(&old, rows, sizeof old);
	if (n == *cap) {
		size_t wider = *cap ? 2 * *cap : 16;
		old = realloc(old, wider * size);
		if (!old)
			return err_set(ERR_NOMEM, "no memory for %zu rows", wider);
		memcpy(rows, &old, sizeof old);
		*cap = wider;
	}
	memset((char *)old + n * size, 0, size);
	return 0;
}

static int gate_row(struct why *w, const struct fact *f, struct why_gate **out)
{
	for (size_t i = 0; i < w->n_gates; i++) {
		struct why_gate *g = *out = &w->gates[i];
		if (g->instance == f->instance && g->gate == f->num[0] && g->who == f->leg &&
		    g->instrument == f->instrument)
			return 0;
	}
	int rc = room(&w->gates, w->n_gates, &w->cap_gates, sizeof *w->gates);
	if (rc)
		return rc;
	*out = &w->gates[w->n_gates++];
	(*out)->instance = f->instance;
	(*out)->instrument = f->instrument;
	(*out)->gate = (uint8_t)f->num[0];
	(*out)->who = f->leg;
	(*out)->worst = f->num[1];
	return 0;
}

static int risk_row(struct why *w, const struct fact *f, struct why_risk **out)
{
	for (size_t i = 0; i < w->n_risks; i++) {
		*out = &w->risks[i];
		if ((*out)->instance == f->instance && (*out)->limit == f->num[0])
			return 0;
	}
	int rc = room(&w->risks, w->n_risks, &w->cap_risks, sizeof *w->risks);
	if (rc)
		return rc;
	*out = &w->risks[w->n_risks++];
	(*out)->instance = f->instance;
	(*out)->limit = (uint8_t)f->num[0];
	(*out)->first_utc_ns = f->utc_ns;
	return 0;
}

static int input_row(struct why *w, enum why_what what, uint32_t subject, struct why_input **out)
{
	for (size_t i = 0; i < w->n_inputs; i++) {
		*out = &w->inputs[i];
		if ((*out)->what == what && (*out)->subject == subject)
			return 0;
	}
	int rc = room(&w->inputs, w->n_inputs, &w->cap_inputs, sizeof *w->inputs);
	if (rc)
		return rc;
	*out = &w->inputs[w->n_inputs++];
	(*out)->what = (uint8_t)what;
	(*out)->subject = subject;
	return 0;
}

/* ---- stretches of time */

static void span_first(struct why_span *s, int64_t utc_ns)
{
	if (!s->first_utc_ns || utc_ns < s->first_utc_ns)
		s->first_utc_ns = utc_ns;
	if (utc_ns > s->last_utc_ns)
		s->last_utc_ns = utc_ns;
}

static void span_on(struct why_span *s, int64_t utc_ns)
{
	span_first(s, utc_ns);
	s->on = true;
	s->since_utc_ns = utc_ns;
}

static void span_add(struct why_span *s, int64_t ns)
{
	s->ns += ns;
	s->run_ns += ns;
}

/* `times` stretches have ended, `ns` of them not added yet. */
static void span_off(struct why_span *s, uint64_t times, int64_t ns, int64_t utc_ns)
{
	span_add(s, ns);
	span_first(s, utc_ns - s->run_ns);
	span_first(s, utc_ns);
	int64_t longest = s->run_ns;
	if (times > 1 && longest > GATEKEEPER_ALONE_NS)
		longest = GATEKEEPER_ALONE_NS;
	if (longest > s->longest_ns) {
		s->longest_ns = longest;
		s->at_most = times > 1;
	}
	s->times += times;
	s->on = false;
	s->run_ns = 0;
}

/* What goes on where a session's receipts end went on until there. */
static void span_cut(struct why_span *s, int64_t utc_ns)
{
	if (s->on)
		span_off(s, 1, utc_ns > s->since_utc_ns ? utc_ns - s->since_utc_ns : 0, utc_ns);
}

static void session_end(struct why *w)
{
	if (!w->began_utc_ns)
		return;
	if (w->to_utc_ns > w->began_utc_ns)
		w->session_ns += w->to_utc_ns - w->began_utc_ns;
	w->sessions++;
	w->began_utc_ns = 0;
}

/* ---- receipts */

static int take_gate(struct why *w, const struct fact *f)
{
	struct why_gate *g;
	if ((w->gate != -1 && w->gate != f->num[0]) || f->num[0] <= GATE_OPEN ||
	    f->num[0] >= gate_max)
		return 0;
	int rc = gate_row(w, f, &g);
	if (rc)
		return rc;
	g->bound = f->num[2];
	g->judged += (uint64_t)f->num[5];
	g->triggers += (uint64_t)f->num[6];
	g->worst = gate_worse((enum gate)g->gate, g->worst, f->num[7]);
	if (f->num[3] > 0) {
		span_off(&g->span, (uint64_t)f->num[3], f->num[4], f->utc_ns);
		return 0;
	}
	if (f->num[4] > 0)
		span_add(&g->span, f->num[4]);
	span_on(&g->span, f->utc_ns);
	span_first(&g->span, f->utc_ns - g->span.run_ns);
	return 0;
}

static int take_risk(struct why *w, const struct fact *f)
{
	struct why_risk *r;
	if ((w->limit != -1 && w->limit != f->num[0]) || f->num[0] < 0 ||
	    f->num[0] >= risk_limit_max)
		return 0;
	int rc = risk_row(w, f, &r);
	if (rc)
		return rc;
	r->times += f->num[3] > 0 ? (uint64_t)f->num[3] : 1;
	r->value = f->num[1];
	r->bound = f->num[2];
	r->last_utc_ns = f->utc_ns;
	return 0;
}

/* Something went from one state to another; `good` is the one in which it can be used. A state that it began in is no fault. */
static int take_change(struct why *w, const struct fact *f, enum why_what what, uint32_t subject,
		       int64_t good)
{
	struct why_input *in;
	int64_t from = f->num[0], to = f->num[1];
	if (from == to)
		return 0;
	int rc = input_row(w, what, subject, &in);
	if (rc)
		return rc;
	if (from == good) {
		in->before = in->span;
		in->states_before = in->states;
		span_on(&in->span, f->utc_ns);
	}
	if (to != good && in->span.on && to >= 0 && to < 32)
		in->states |= 1u << to;
	if (to != good || !in->span.on)
		return 0;
	span_off(&in->span, 1, f->utc_ns - in->span.since_utc_ns, f->utc_ns);
	if (what == WHY_FEED && f->num[6] >= 0 && f->num[6] < feed_repair_max)
		in->mended[f->num[6]]++;
	return 0;
}

static uint64_t size_of(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static int take_clock(struct why *w, const struct fact *f)
{
	struct why_input *in;
	if (!f->venue) /* this machine's own: it bars only where max_utc_bound is set, and then the gate says so */
		return 0;
	int rc = input_row(w, WHY_CLOCK, f->venue, &in);
	if (rc)
		return rc;
	int64_t steps = f->num[5], jump = (int64_t)((uint64_t)f->num[0] - (uint64_t)in->offset_ns);
	if (in->known && steps > in->steps) {
		uint64_t before = size_of(in->jump_ns), size = size_of(jump);
		in->span.times += (uint64_t)(steps - in->steps);
		span_first(&in->span, f->utc_ns);
		in->jump_ns = size > before ? jump : in->jump_ns;
	}
	in->known = true;
	in->steps = steps;
	in->offset_ns = f->num[0];
	return 0;
}

static void new_session(struct why *w, const struct fact *f)
{
	for (size_t i = 0; i < w->n_gates; i++)
		span_cut(&w->gates[i].span, w->to_utc_ns);
	for (size_t i = 0; i < w->n_inputs; i++) {
		span_cut(&w->inputs[i].span, w->to_utc_ns);
		w->inputs[i].known = false;
	}
	session_end(w);
	w->began_utc_ns = f->utc_ns;
}

/* A host that ends takes leave of its venues: that is no fault of theirs. */
static void session_closed(struct why *w, const struct fact *f)
{
	for (size_t i = 0; i < w->n_inputs; i++) {
		struct why_input *in = &w->inputs[i];
		if (!in->span.on || f->utc_ns - in->span.since_utc_ns > LEAVING_NS)
			continue;
		in->span = in->before;
		in->states = in->states_before;
	}
}

int why_take(struct why *w, const struct fact *f)
{
	if (f->kind == FACT_SESSION_OPEN && w->under_way)
		new_session(w, f);
	w->under_way |= f->kind != FACT_NAME;
	if (!w->receipts++)
		w->from_utc_ns = f->utc_ns;
	if (!w->began_utc_ns)
		w->began_utc_ns = f->utc_ns;
	w->to_utc_ns = f->utc_ns;
	bool other = w->instance && f->instance != w->instance;
	switch ((enum fact_kind)f->kind) {
	case FACT_GATE:
		return other ? 0 : take_gate(w, f);
	case FACT_RISK:
		return other ? 0 : take_risk(w, f);
	case FACT_FEED:
		return take_change(w, f, WHY_FEED, f->instrument, BOOK_LIVE);
	case FACT_VENUE:
		return take_change(w, f, WHY_VENUE, f->venue, VENUE_UP);
	case FACT_MARKET:
		return take_change(w, f, WHY_MARKET, f->instrument, PHASE_CONTINUOUS);
	case FACT_CLOCK:
		return take_clock(w, f);
	case FACT_SESSION_CLOSE:
		session_closed(w, f);
		return 0;
	default:
		return 0;
	}
}

/* ---- the end */

static int more(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

static int by_gate(const void *a, const void *b)
{
	const struct why_gate *x = a, *y = b;
	return x->instance != y->instance ? more(y->instance, x->instance)
	       : x->span.ns != y->span.ns ? more((uint64_t)x->span.ns, (uint64_t)y->span.ns)
					  : more(x->span.times, y->span.times);
}

static int by_risk(const void *a, const void *b)
{
	const struct why_risk *x = a, *y = b;
	return x->instance != y->instance ? more(y->instance, x->instance)
					  : more(x->times, y->times);
}

static int by_input(const void *a, const void *b)
{
	const struct why_input *x = a, *y = b;
	return x->what != y->what ? more(y->what, x->what) : more(y->subject, x->subject);
}

/* Unlike a session's end in the middle, what goes on here is said to go on. */
static void count_to_the_end(struct why_span *s, int64_t utc_ns)
{
	bool on = s->on;
	span_cut(s, utc_ns);
	s->on = on;
}

void why_close(struct why *w)
{
	size_t kept = 0;
	for (size_t i = 0; i < w->n_gates; i++)
		count_to_the_end(&w->gates[i].span, w->to_utc_ns);
	for (size_t i = 0; i < w->n_inputs; i++) {
		count_to_the_end(&w->inputs[i].span, w->to_utc_ns);
		if (w->inputs[i].span.times) /* what was always well is no row */
			w->inputs[kept++] = w->inputs[i];
	}
	w->n_inputs = kept;
	session_end(w);
	if (w->n_gates)
		qsort(w->gates, w->n_gates, sizeof *w->gates, by_gate);
	if (w->n_risks)
		qsort(w->risks, w->n_risks, sizeof *w->risks, by_risk);
	if (w->n_inputs)
		qsort(w->inputs, w->n_inputs, sizeof *w->inputs, by_input);
}
