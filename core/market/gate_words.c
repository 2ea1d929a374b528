/* What a gate's numbers say, in words. */
#include "core/base/span.h"
#include "core/market/gate.h"
#include <inttypes.h>
#include <stdio.h>

static const char *book(int64_t v)
{
	return v >= 0 && v < book_state_max ? book_state_name((enum book_state)v) : "?";
}

static const char *phase(int64_t v)
{
	return v >= 0 && v < phase_max ? calendar_phase_name((enum phase)v) : "?";
}

size_t gate_words(enum gate g, int64_t value, int64_t bound, char out[GATE_WORDS])
{
	char v[SPAN_BYTES], b[SPAN_BYTES];
	const char *known = value == INT64_MAX ? "" : "known to ";
	span_format(value, v);
	span_format(bound, b);
	switch (g) {
	case GATE_BOOK:
		return (size_t)snprintf(out, GATE_WORDS, "the book is %s", book(value));
	case GATE_QUOTE:
		return (size_t)snprintf(out, GATE_WORDS, "there is no %s",
					value == SIDE_BUY ? "bid" : "ask");
	case GATE_SESSION:
		return (size_t)snprintf(out, GATE_WORDS, "the market is %s", phase(value));
	case GATE_CLOSING:
		return (size_t)snprintf(out, GATE_WORDS, "trading ends in %s, margin %s", v, b);
	case GATE_CLOCK:
		return (size_t)snprintf(out, GATE_WORDS, "the venue's clock is %s%s, limit %s",
					known, v, b);
	case GATE_UTC:
		return (size_t)snprintf(out, GATE_WORDS, "the host's clock is %s%s, limit %s",
					known, v, b);
	case GATE_AGE:
		return (size_t)snprintf(out, GATE_WORDS, "last proven valid %s ago, limit %s", v,
					b);
	case GATE_SKEW:
		return (size_t)snprintf(out, GATE_WORDS, "the legs are %s apart, limit %s", v, b);
	case GATE_VALUE:
		return (size_t)snprintf(out, GATE_WORDS, "it may be zero");
	case GATE_OPEN:
	case gate_max:
		break;
	}
	return (size_t)snprintf(out, GATE_WORDS, "open");
}
