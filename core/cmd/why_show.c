#include "core/cmd/why_show.h"
#include "core/base/dec.h"
#include "core/base/json_out.h"
#include "core/base/span.h"
#include "core/cmd/screen.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include "core/market/feed.h"
#include "core/trade/risk.h"
#include "core/trade/venue.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORDS	   400
#define LINE_BYTES 4096
#define HANG	   6

/* ---- words */

struct line {
	char text[WORDS];
	size_t n;
};

static void put(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct line *l, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(l->text + l->n, sizeof l->text - l->n, fmt, ap);
	va_end(ap);
	l->n += n > 0 ? (size_t)n : 0;
	l->n = l->n < sizeof l->text ? l->n : sizeof l->text - 1;
}

static void put_span(struct line *l, int64_t ns)
{
	char text[SPAN_BYTES];
	span_format(ns, text);
	put(l, "%s", text);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Per mille of the sessions' time. */
static int64_t share(const struct why *w, int64_t ns)
{
	return w->session_ns > 0 ? dec_muldiv(ns, 1000, w->session_ns, DEC_NEAREST) : 0;
}

static void put_share(struct line *l, const struct why *w, int64_t ns)
{
	int64_t part = share(w, ns);
	if (part == 0 && ns > 0)
		put(l, "<0.1 %%");
	else
		put(l, "%" PRId64 ".%" PRId64 " %%", part / 10, part % 10);
}

/* "23:54:01.123", with the date where what was read is of more than one day. */
static void put_time(struct line *l, const struct why *w, int64_t utc_ns)
{
	char from[TZ_TIME], to[TZ_TIME], at[TZ_TIME];
	tz_time(w->from_utc_ns, from);
	tz_time(w->to_utc_ns, to);
	tz_time(utc_ns, at);
	bool one_day = strncmp(from, to, 10) == 0;
	put(l, "%.*s", one_day ? 12 : 23, at + (one_day ? 11 : 0));
}

static void put_between(struct line *l, const struct why *w, const struct why_span *s)
{
	put_time(l, w, s->first_utc_ns);
	if (s->on) {
		put(l, ", and still so in the last receipt");
	} else if (s->last_utc_ns > s->first_utc_ns) {
		put(l, " to ");
		put_time(l, w, s->last_utc_ns);
	}
}

static void put_length(struct line *l, const struct why_span *s)
{
	put(l, "%" PRIu64 " time%s, ", s->times, plural(s->times));
	put_span(l, s->ns);
	if (s->times == 1)
		return;
	put(l, " in all, longest %s", s->at_most ? "at most " : "");
	put_span(l, s->longest_ns);
}

static const char *state_name(enum why_what what, unsigned state)
{
	switch (what) {
	case WHY_FEED:
		return state < book_state_max ? book_state_name((enum book_state)state) : "?";
	case WHY_VENUE:
		return state < venue_state_max ? venue_state_name((enum venue_state)state) : "?";
	default:
		return state < phase_max ? calendar_phase_name((enum phase)state) : "?";
	}
}

static void put_states(struct line *l, const struct why_input *in)
{
	const char *before = " (";
	for (unsigned s = 0; s < 32; s++)
		if (in->states & 1u << s) {
			put(l, "%s%s", before, state_name((enum why_what)in->what, s));
			before = ", ";
		}
	if (in->states)
		put(l, ")");
	before = "; mended by ";
	for (unsigned m = REPAIR_NONE + 1; m < feed_repair_max; m++)
		if (in->mended[m]) {
			put(l, "%s%s %" PRIu64, before, feed_repair_name((enum feed_repair)m),
			    in->mended[m]);
			before = ", ";
		}
}

static const char *subject(const struct reader *r, const struct why_input *in)
{
	bool venue = in->what == WHY_CLOCK || in->what == WHY_VENUE;
	return tell_name(r, venue ? NAME_VENUE : NAME_INSTRUMENT, in->subject);
}

static void input_words(struct line *l, const struct why *w, const struct why_input *in)
{
	static const char *const bad[] = { [WHY_FEED] = "not LIVE",
					   [WHY_CLOCK] = "jumped",
					   [WHY_VENUE] = "not up",
					   [WHY_MARKET] = "not in continuous trading" };
	_Static_assert(sizeof bad / sizeof *bad == why_what_max, "words for every input");
	put(l, "%s ", bad[in->what]);
	if (in->what == WHY_CLOCK) {
		put(l, "%" PRIu64 " time%s, %sby ", in->span.times, plural(in->span.times),
		    in->span.times == 1 ? "" : "the most ");
		put_span(l, in->jump_ns);
	} else {
		put_length(l, &in->span);
	}
	put_states(l, in);
	put(l, "; ");
	put_between(l, w, &in->span);
}

static void put_amount(struct line *l, const char *name, int64_t v)
{
	size_t n = strlen(name);
	if (n > 3 && strcmp(name + n - 3, "_ns") == 0)
		put_span(l, v);
	else if (n > 3 && strcmp(name + n - 3, "_e8") == 0)
		put(l, "%s", tell_dec(v, 8));
	else
		put(l, "%" PRId64, v);
}

/* ---- for a trader */

static void show(const struct line *l, unsigned at)
{
	printf("%*s", (int)at, "");
	screen_text(stdout, l->text, at, HANG, screen_width(stdout));
}

static void show_gate(const struct why *w, const struct reader *r, const struct why_gate *g)
{
	char words[GATE_WORDS];
	struct line l = { .n = 0 };
	const char *name = gate_name((enum gate)g->gate);
	put(&l, "%-16s", name);
	put(&l, "%s%s", g->instrument ? tell_name(r, NAME_INSTRUMENT, g->instrument) : "all legs",
	    g->who != GATE_WHOLE && g->who >= GATE_REF ? " (reference)" : "");
	put(&l, ": closed ");
	put_length(&l, &g->span);
	put(&l, ", ");
	put_share(&l, w, g->span.ns);
	show(&l, 2);
	l.n = 0;
	gate_words((enum gate)g->gate, g->worst, g->bound, words);
	put(&l, "%s %s",
	    g->gate == GATE_BOOK || g->gate == GATE_SESSION ? "last:" : "worst:", words);
	show(&l, 18);
	l.n = 0;
	put(&l, "looked at %" PRIu64 " time%s, %" PRIu64 " proposal%s refused; ", g->judged,
	    plural(g->judged), g->triggers, plural(g->triggers));
	put_between(&l, w, &g->span);
	show(&l, 18);
}

static void show_gates(const struct why *w, const struct reader *r)
{
	for (size_t i = 0; i < w->n_gates; i++) {
		const struct why_gate *g = &w->gates[i];
		if (i == 0 || g->instance != g[-1].instance) {
			struct line l = { .n = 0 };
			int64_t ns = 0;
			uint64_t triggers = 0;
			for (size_t k = i; k < w->n_gates && w->gates[k].instance == g->instance;
			     k++) {
				ns += w->gates[k].span.ns;
				triggers += w->gates[k].triggers;
			}
			put(&l, "%s: its gate was closed for ",
			    tell_name(r, NAME_INSTANCE, g->instance));
			put_span(&l, ns);
			put(&l, ", ");
			put_share(&l, w, ns);
			put(&l, " of the time; %" PRIu64 " proposal%s refused by it", triggers,
			    plural(triggers));
			putchar('\n');
			show(&l, 0);
		}
		show_gate(w, r, g);
	}
}

static void show_risks(const struct why *w, const struct reader *r)
{
	for (size_t i = 0; i < w->n_risks; i++) {
		const struct why_risk *k = &w->risks[i];
		const char *name = risk_limit_name((enum risk_limit)k->limit);
		struct line l = { .n = 0 };
		if (i == 0 || k->instance != k[-1].instance)
			printf("\n%s: proposals refused by limits\n",
			       tell_name(r, NAME_INSTANCE, k->instance));
		put(&l, "%-20s  %" PRIu64 " time%s: %s; the last at ", name, k->times,
		    plural(k->times), risk_limit_text((enum risk_limit)k->limit));
		put_time(&l, w, k->last_utc_ns);
		put(&l, ", ");
		put_amount(&l, name, k->value);
		put(&l, " against ");
		put_amount(&l, name, k->bound);
		show(&l, 2);
	}
}

static void show_inputs(const struct why *w, const struct reader *r)
{
	if (w->n_inputs)
		printf("\nwhat was wrong with the inputs meanwhile\n");
	for (size_t i = 0; i < w->n_inputs; i++) {
		const struct why_input *in = &w->inputs[i];
		struct line l = { .n = 0 };
		put(&l, "%-7s%s: ", why_what_name((enum why_what)in->what), subject(r, in));
		input_words(&l, w, in);
		show(&l, 2);
	}
}

void why_show(const struct why *w, const struct reader *r)
{
	char from[TZ_TIME], to[TZ_TIME];
	struct line l = { .n = 0 };
	if (!w->receipts) {
		printf("no receipts of that time\n");
		return;
	}
	tz_time(w->from_utc_ns, from);
	tz_time(w->to_utc_ns, to);
	put(&l, "%s to %s: ", from, to);
	put_span(&l, w->session_ns);
	put(&l, " in %u session%s, %" PRIu64 " receipts", w->sessions, plural(w->sessions),
	    w->receipts);
	show(&l, 0);
	if (!w->n_gates && !w->n_risks)
		printf("nothing kept %s from trading: no gate closed, no proposal was refused\n",
		       w->instance ? tell_name(r, NAME_INSTANCE, w->instance) : "any instance");
	show_gates(w, r);
	show_risks(w, r);
	show_inputs(w, r);
}

/* ---- for programs */

struct object {
	char text[LINE_BYTES];
	struct json_out j;
};

static struct json_out *object_begin(struct object *o, const char *what)
{
	json_out_init(&o->j, o->text, sizeof o->text);
	json_obj(&o->j, NULL);
	json_str(&o->j, "what", what);
	return &o->j;
}

static void object_end(struct object *o)
{
	json_obj_end(&o->j);
	puts(o->text);
}

static void json_time(struct json_out *j, const char *key, int64_t utc_ns)
{
	char text[TZ_TIME];
	tz_time(utc_ns, text);
	json_str(j, key, text);
}

static void json_span(struct json_out *j, const struct why *w, const struct why_span *s)
{
	json_uint(j, "times", s->times);
	json_int(j, "ns", s->ns);
	json_dec(j, "share", share(w, s->ns), 3);
	json_int(j, "longest_ns", s->longest_ns);
	json_bool(j, "longest_at_most", s->at_most);
	json_bool(j, "on", s->on);
	json_time(j, "first", s->first_utc_ns);
	json_time(j, "last", s->last_utc_ns);
}

/* INT64_MAX is no number but the lack of one. */
static void json_value(struct json_out *j, const char *key, int64_t v)
{
	if (v == INT64_MAX)
		json_none(j, key);
	else
		json_int(j, key, v);
}

static void json_gate(const struct why *w, const struct reader *r, const struct why_gate *g)
{
	struct object o;
	char words[GATE_WORDS], who[16] = "all";
	struct json_out *j = object_begin(&o, "gate");
	if (g->who != GATE_WHOLE)
		snprintf(who, sizeof who, g->who >= GATE_REF ? "ref %d" : "leg %d",
			 g->who & ~GATE_REF);
	gate_words((enum gate)g->gate, g->worst, g->bound, words);
	json_str(j, "instance", tell_name(r, NAME_INSTANCE, g->instance));
	json_str(j, "gate", gate_name((enum gate)g->gate));
	json_str(j, "who", who);
	if (g->instrument)
		json_str(j, "instrument", tell_name(r, NAME_INSTRUMENT, g->instrument));
	json_span(j, w, &g->span);
	json_uint(j, "judged", g->judged);
	json_uint(j, "triggers", g->triggers);
	json_value(j, "worst", g->worst);
	json_int(j, "bound", g->bound);
	json_str(j, "text", words);
	object_end(&o);
}

static void json_risk(const struct reader *r, const struct why_risk *k)
{
	struct object o;
	struct json_out *j = object_begin(&o, "risk");
	json_str(j, "instance", tell_name(r, NAME_INSTANCE, k->instance));
	json_str(j, "limit", risk_limit_name((enum risk_limit)k->limit));
	json_uint(j, "times", k->times);
	json_int(j, "value", k->value);
	json_int(j, "bound", k->bound);
	json_time(j, "first", k->first_utc_ns);
	json_time(j, "last", k->last_utc_ns);
	json_str(j, "text", risk_limit_text((enum risk_limit)k->limit));
	object_end(&o);
}

static void json_input(const struct why *w, const struct reader *r, const struct why_input *in)
{
	struct object o;
	struct line l = { .n = 0 };
	struct json_out *j = object_begin(&o, why_what_name((enum why_what)in->what));
	bool venue = in->what == WHY_CLOCK || in->what == WHY_VENUE;
	json_str(j, venue ? "venue" : "instrument", subject(r, in));
	json_span(j, w, &in->span);
	if (in->what == WHY_CLOCK)
		json_int(j, "jump_ns", in->jump_ns);
	json_arr(j, "states");
	for (unsigned s = 0; s < 32; s++)
		if (in->states & 1u << s)
			json_str(j, NULL, state_name((enum why_what)in->what, s));
	json_arr_end(j);
	json_obj(j, "mended");
	for (unsigned m = REPAIR_NONE + 1; m < feed_repair_max; m++)
		if (in->mended[m])
			json_uint(j, feed_repair_name((enum feed_repair)m), in->mended[m]);
	json_obj_end(j);
	input_words(&l, w, in);
	json_str(j, "text", l.text);
	object_end(&o);
}

void why_show_json(const struct why *w, const struct reader *r)
{
	struct object o;
	struct json_out *j = object_begin(&o, "receipts");
	json_uint(j, "receipts", w->receipts);
	json_uint(j, "sessions", w->sessions);
	json_int(j, "ns", w->session_ns);
	if (w->receipts) {
		json_time(j, "first", w->from_utc_ns);
		json_time(j, "last", w->to_utc_ns);
	}
	object_end(&o);
	for (size_t i = 0; i < w->n_gates; i++)
		json_gate(w, r, &w->gates[i]);
	for (size_t i = 0; i < w->n_risks; i++)
		json_risk(r, &w->risks[i]);
	for (size_t i = 0; i < w->n_inputs; i++)
		json_input(w, r, &w->inputs[i]);
}
