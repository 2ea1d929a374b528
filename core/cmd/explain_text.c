/* explain in a terminal: the head, the lanes, every receipt. */
#include "core/base/dec.h"
#include "core/cmd/explain.h"
#include "core/cmd/lanes_text.h"
#include "core/cmd/screen.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include "core/trade/pair.h"
#include <inttypes.h>
#include <string.h>

#define HEAD_AT	   13  /* column at which the head's values begin */
#define WIDTH_ELSE 100 /* of the lanes where no terminal says how wide it is */

/* How wide the columns of a story are. */
struct columns {
	int us, seq, cause, what;
};

/* Escape sequences only where a terminal reads them. */
static const char *ink(const struct explain *e, const char *code)
{
	return e->colour ? code : "";
}

#define INK_BOLD  "\033[1m"
#define INK_DIM	  "\033[2m"
#define INK_RED	  "\033[31m"
#define INK_GREEN "\033[32m"
#define INK_BLUE  "\033[34m"
#define INK_OFF	  "\033[0m"

static const char *ink_of_state(uint8_t state)
{
	switch ((enum pair_state)state) {
	case PAIR_HEDGED:
	case PAIR_FLAT:
		return INK_GREEN;
	case PAIR_BROKEN:
	case PAIR_HELD:
	case PAIR_REFUSED:
	case PAIR_COMPLETING:
	case PAIR_UNWINDING:
		return INK_RED;
	default:
		return "";
	}
}

static const char *ink_of(const struct fact *f)
{
	switch ((enum fact_kind)f->kind) {
	case FACT_QUOTE:
	case FACT_DECISION:
	case FACT_LEG:
		return INK_DIM;
	case FACT_PAIR:
		return ink_of_state(f->state);
	case FACT_FILL:
		return INK_GREEN;
	case FACT_REJECTED:
	case FACT_UNKNOWN:
	case FACT_BUST:
	case FACT_RISK:
	case FACT_GATE:
	case FACT_RESCUE:
	case FACT_ALERT:
		return INK_RED;
	case FACT_ORDER:
		return INK_BLUE;
	default:
		return "";
	}
}

/* A line of the head: its name, and a text that is broken where the terminal ends. */
static void head(const struct explain *e, FILE *f, const char *name, const char *text)
{
	fprintf(f, "  %-*s", HEAD_AT - 2, name);
	screen_text(f, text, HEAD_AT, HEAD_AT, e->width);
}

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

static void show_leg(const struct explain *e, FILE *out, unsigned i)
{
	const struct story_leg *l = &e->story.leg[i];
	const struct fact *f = &l->f;
	char text[400];
	if (!l->known)
		return;
	fprintf(out, "  leg %u      %s %s %s, account %s at %s\n", i, explain_verb(&e->story, l),
		tell_dec(explain_qty(&e->story, l), f->qty_dp),
		tell_name(e->reader, NAME_INSTRUMENT, f->instrument),
		tell_name(e->reader, NAME_ACCOUNT, f->account),
		tell_name(e->reader, NAME_VENUE, f->venue));
	if (explain_own(&e->story))
		fprintf(out, "             marked at %s\n", tell_dec(l->ref_px, f->px_dp));
	else
		fprintf(out, "             trigger %s, limit %s\n", tell_dec(l->ref_px, f->px_dp),
			tell_dec(l->limit_px, f->px_dp));
	explain_filled(e, l, text, sizeof(text));
	head(e, out, "", text);
}

static void show_head(struct explain *e, FILE *f)
{
	struct story *s = &e->story;
	char time[TZ_TIME], instance[2 * ROW_TEXT];
	tz_time(s->utc_ns, time);
	fprintf(f, "%spair %016" PRIx64 "%s  %s, %s%s%s after %s us\n", ink(e, INK_BOLD), s->pair,
		ink(e, INK_OFF), explain_intent(s), ink(e, ink_of_state(s->state)),
		explain_state(s), ink(e, INK_OFF), tell_dec(s->took_ns / 100, 1));
	head(e, f, "decided", time);
	if (s->asked.kind != FACT_NONE)
		head(e, f, s->intent == INTENT_FLATTEN ? "asked" : "moved by", s->asked.text);
	explain_instance(e, instance, sizeof(instance));
	head(e, f, "instance", instance);
	if (s->session.kind == FACT_SESSION_OPEN)
		head(e, f, "host", s->session.text);
	for (unsigned i = 0; i < s->n_legs; i++)
		show_leg(e, f, i);
	fprintf(f, "  outcome    %s%s%s with %u order%s, %u fill%s, %u rescue step%s\n",
		ink(e, ink_of_state(s->state)), explain_state(s), ink(e, INK_OFF), s->orders,
		plural(s->orders), s->fills, plural(s->fills), s->rescues, plural(s->rescues));
	if (s->ended && s->why[0])
		head(e, f, "", s->why);
	fprintf(f, "             unhedged %s, the instance carries %s (base units)\n",
		tell_dec(s->imbalance_e8, 8), tell_dec(s->residual_e8, 8));
	if (!s->ended)
		fprintf(f, "  it has not ended%s\n",
			reader_host(e->reader) ? ": its host is at it"
					       : ", and no host is running");
	if (s->cut)
		fprintf(f, "  only the first %d receipts are shown\n", STORY_MAX);
}

/* The columns of one event, as texts. */
struct event_text {
	char us[24], seq[24], cause[24], what[ROW_NAME + 8];
};

static void event_text(const struct explain *e, const struct fact *f, struct event_text *t)
{
	struct row row;
	row_make(&row, e->reader, f);
	dec_format(story_since_ns(&e->story, f) / 100, 1, 1, t->us);
	snprintf(t->seq, sizeof(t->seq), "%" PRIu64, f->seq);
	snprintf(t->cause, sizeof(t->cause), f->cause ? "%" PRIu64 : "", f->cause);
	row_what(&row, t->what, sizeof(t->what));
}

static void widen(int *width, const char *text)
{
	int n = (int)strlen(text);
	*width = n > *width ? n : *width;
}

static void show_event(const struct explain *e, FILE *out, const struct columns *c,
		       const struct fact *f)
{
	struct event_text t;
	char words[TELL_BYTES];
	event_text(e, f, &t);
	tell(&e->story, e->reader, f, words);
	fprintf(out, "%*s  %*s  %*s  %s%-*s  ", c->us, t.us, c->seq, t.seq, c->cause, t.cause,
		ink(e, ink_of(f)), c->what, t.what);
	screen_text(out, words, (unsigned)(c->us + c->seq + c->cause + c->what) + 8, HEAD_AT,
		    e->width);
	fputs(ink(e, ink_of(f)[0] ? INK_OFF : ""), out);
}

void explain_text(struct explain *e, FILE *f)
{
	struct columns c = { 2, 7, 5, 9 }; /* of their headings */
	struct event_text t;
	struct lanes_look look = { e->width ? e->width : WIDTH_ELSE, e->ascii, e->colour };
	for (uint32_t i = 0; i < e->story.n; i++) {
		event_text(e, &e->story.fact[i], &t);
		widen(&c.us, t.us);
		widen(&c.seq, t.seq);
		widen(&c.cause, t.cause);
		widen(&c.what, t.what);
	}
	show_head(e, f);
	if (e->lanes.n_orders) {
		fputc('\n', f);
		lanes_text(&e->lanes, &look, f);
	}
	fprintf(f, "\n%*s  %*s  %*s  %s\n", c.us, "us", c.seq, "receipt", c.cause, "cause",
		"what, leg");
	for (uint32_t i = 0; i < e->story.n; i++)
		show_event(e, f, &c, &e->story.fact[i]);
}
