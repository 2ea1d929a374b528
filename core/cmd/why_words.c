#include "core/cmd/why_words.h"
#include "core/base/dec.h"
#include "core/base/span.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include "core/market/feed.h"
#include "core/trade/venue.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void why_put(struct why_line *l, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(l->text + l->n, sizeof l->text - l->n, fmt, ap);
	va_end(ap);
	l->n += n > 0 ? (size_t)n : 0;
	l->n = l->n < sizeof l->text ? l->n : sizeof l->text - 1;
}

void why_put_span(struct why_line *l, int64_t ns)
{
	char text[SPAN_BYTES];
	span_format(ns, text);
	why_put(l, "%s", text);
}

const char *why_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

int64_t why_share(const struct why *w, int64_t ns)
{
	return w->session_ns > 0 ? dec_muldiv(ns, 1000, w->session_ns, DEC_NEAREST) : 0;
}

void why_put_share(struct why_line *l, const struct why *w, int64_t ns)
{
	int64_t part = why_share(w, ns);
	if (part == 0 && ns > 0)
		why_put(l, "<0.1 %%");
	else
		why_put(l, "%" PRId64 ".%" PRId64 " %%", part / 10, part % 10);
}

void why_put_time(struct why_line *l, const struct why *w, int64_t utc_ns)
{
	char from[TZ_TIME], to[TZ_TIME], at[TZ_TIME];
	tz_time(w->from_utc_ns, from);
	tz_time(w->to_utc_ns, to);
	tz_time(utc_ns, at);
	bool one_day = strncmp(from, to, 10) == 0;
	why_put(l, "%.*s", one_day ? 12 : 23, at + (one_day ? 11 : 0));
}

void why_put_between(struct why_line *l, const struct why *w, const struct why_span *s)
{
	why_put_time(l, w, s->first_utc_ns);
	if (s->on) {
		why_put(l, ", and still so in the last receipt");
	} else if (s->last_utc_ns > s->first_utc_ns) {
		why_put(l, " to ");
		why_put_time(l, w, s->last_utc_ns);
	}
}

void why_put_length(struct why_line *l, const struct why_span *s)
{
	why_put(l, "%" PRIu64 " time%s, ", s->times, why_plural(s->times));
	why_put_span(l, s->ns);
	if (s->times == 1)
		return;
	why_put(l, " in all, longest %s", s->at_most ? "at most " : "");
	why_put_span(l, s->longest_ns);
}

const char *why_state_name(enum why_what what, unsigned state)
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

static void why_put_states(struct why_line *l, const struct why_input *in)
{
	const char *before = " (";
	for (unsigned s = 0; s < 32; s++)
		if (in->states & 1u << s) {
			why_put(l, "%s%s", before, why_state_name((enum why_what)in->what, s));
			before = ", ";
		}
	if (in->states)
		why_put(l, ")");
	before = "; mended by ";
	for (unsigned m = REPAIR_NONE + 1; m < feed_repair_max; m++)
		if (in->mended[m]) {
			why_put(l, "%s%s %" PRIu64, before, feed_repair_name((enum feed_repair)m),
				in->mended[m]);
			before = ", ";
		}
}

const char *why_subject(const struct reader *r, const struct why_input *in)
{
	bool venue = in->what == WHY_CLOCK || in->what == WHY_VENUE;
	return tell_name(r, venue ? NAME_VENUE : NAME_INSTRUMENT, in->subject);
}

void why_input_words(struct why_line *l, const struct why *w, const struct why_input *in)
{
	static const char *const bad[] = { [WHY_FEED] = "not LIVE",
					   [WHY_CLOCK] = "jumped",
					   [WHY_VENUE] = "not up",
					   [WHY_MARKET] = "not in continuous trading" };
	_Static_assert(sizeof bad / sizeof *bad == why_what_max, "words for every input");
	why_put(l, "%s ", bad[in->what]);
	if (in->what == WHY_CLOCK) {
		why_put(l, "%" PRIu64 " time%s, %sby ", in->span.times, why_plural(in->span.times),
			in->span.times == 1 ? "" : "the most ");
		why_put_span(l, in->jump_ns);
	} else {
		why_put_length(l, &in->span);
	}
	why_put_states(l, in);
	why_put(l, "; ");
	why_put_between(l, w, &in->span);
}

void why_put_amount(struct why_line *l, const char *name, int64_t v)
{
	size_t n = strlen(name);
	if (n > 3 && strcmp(name + n - 3, "_ns") == 0)
		why_put_span(l, v);
	else if (n > 3 && strcmp(name + n - 3, "_e8") == 0)
		why_put(l, "%s", tell_dec(v, 8));
	else
		why_put(l, "%" PRId64, v);
}
