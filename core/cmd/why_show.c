#include "core/cmd/why_show.h"
#include "core/base/json_out.h"
#include "core/cmd/screen.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include "core/cmd/why_words.h"
#include "core/market/feed.h"
#include "core/trade/risk.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_BYTES 4096
#define HANG	   6

/* ---- for a trader */

static void show(const struct why_line *l, unsigned at)
{
	printf("%*s", (int)at, "");
	screen_text(stdout, l->text, at, HANG, screen_width(stdout));
}

static void show_gate(const struct why *w, const struct reader *r, const struct why_gate *g)
{
	char words[GATE_WORDS];
	struct why_line l = { .n = 0 };
	const char *name = gate_name((enum gate)g->gate);
	why_put(&l, "%-16s", name);
	why_put(&l, "%s%s",
		g->instrument ? tell_name(r, NAME_INSTRUMENT, g->instrument) : "all legs",
		g->who != GATE_WHOLE && g->who >= GATE_REF ? " (reference)" : "");
	why_put(&l, ": closed ");
	why_put_length(&l, &g->span);
	why_put(&l, ", ");
	why_put_share(&l, w, g->span.ns);
	show(&l, 2);
	l.n = 0;
	gate_words((enum gate)g->gate, g->worst, g->bound, words);
	why_put(&l, "%s %s",
		g->gate == GATE_BOOK || g->gate == GATE_SESSION ? "last:" : "worst:", words);
	show(&l, 18);
	l.n = 0;
	why_put(&l, "looked at %" PRIu64 " time%s, %" PRIu64 " proposal%s refused; ", g->judged,
		why_plural(g->judged), g->triggers, why_plural(g->triggers));
	why_put_between(&l, w, &g->span);
	show(&l, 18);
}

static void show_gates(const struct why *w, const struct reader *r)
{
	for (size_t i = 0; i < w->n_gates; i++) {
		const struct why_gate *g = &w->gates[i];
		if (i == 0 || g->instance != g[-1].instance) {
			struct why_line l = { .n = 0 };
			int64_t ns = 0;
			uint64_t triggers = 0;
			for (size_t k = i; k < w->n_gates && w->gates[k].instance == g->instance;
			     k++) {
				ns += w->gates[k].span.ns;
				triggers += w->gates[k].triggers;
			}
			why_put(&l, "%s: its gate was closed for ",
				tell_name(r, NAME_INSTANCE, g->instance));
			why_put_span(&l, ns);
			why_put(&l, ", ");
			why_put_share(&l, w, ns);
			why_put(&l, " of the time; %" PRIu64 " proposal%s refused by it", triggers,
				why_plural(triggers));
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
		struct why_line l = { .n = 0 };
		if (i == 0 || k->instance != k[-1].instance)
			printf("\n%s: proposals refused by limits\n",
			       tell_name(r, NAME_INSTANCE, k->instance));
		why_put(&l, "%-20s  %" PRIu64 " time%s: %s; the last at ", name, k->times,
			why_plural(k->times), risk_limit_text((enum risk_limit)k->limit));
		why_put_time(&l, w, k->last_utc_ns);
		why_put(&l, ", ");
		why_put_amount(&l, name, k->value);
		why_put(&l, " against ");
		why_put_amount(&l, name, k->bound);
		show(&l, 2);
	}
}

static void show_inputs(const struct why *w, const struct reader *r)
{
	if (w->n_inputs)
		printf("\nwhat was wrong with the inputs meanwhile\n");
	for (size_t i = 0; i < w->n_inputs; i++) {
		const struct why_input *in = &w->inputs[i];
		struct why_line l = { .n = 0 };
		why_put(&l, "%-7s%s: ", why_what_name((enum why_what)in->what), why_subject(r, in));
		why_input_words(&l, w, in);
		show(&l, 2);
	}
}

void why_show(const struct why *w, const struct reader *r)
{
	char from[TZ_TIME], to[TZ_TIME];
	struct why_line l = { .n = 0 };
	if (!w->receipts) {
		printf("no receipts of that time\n");
		return;
	}
	tz_time(w->from_utc_ns, from);
	tz_time(w->to_utc_ns, to);
	why_put(&l, "%s to %s: ", from, to);
	why_put_span(&l, w->session_ns);
	why_put(&l, " in %u session%s, %" PRIu64 " receipts", w->sessions, why_plural(w->sessions),
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
	json_dec(j, "share", why_share(w, s->ns), 3);
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
	struct why_line l = { .n = 0 };
	struct json_out *j = object_begin(&o, why_what_name((enum why_what)in->what));
	bool venue = in->what == WHY_CLOCK || in->what == WHY_VENUE;
	json_str(j, venue ? "venue" : "instrument", why_subject(r, in));
	json_span(j, w, &in->span);
	if (in->what == WHY_CLOCK)
		json_int(j, "jump_ns", in->jump_ns);
	json_arr(j, "states");
	for (unsigned s = 0; s < 32; s++)
		if (in->states & 1u << s)
			json_str(j, NULL, why_state_name((enum why_what)in->what, s));
	json_arr_end(j);
	json_obj(j, "mended");
	for (unsigned m = REPAIR_NONE + 1; m < feed_repair_max; m++)
		if (in->mended[m])
			json_uint(j, feed_repair_name((enum feed_repair)m), in->mended[m]);
	json_obj_end(j);
	why_input_words(&l, w, in);
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
