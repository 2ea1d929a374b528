/* Parameters of a request, read and judged: the venue's 11xx errors. */
#include "adapters/sim/wire_parts.h"
#include "core/base/dec.h"
#include <stdlib.h>
#include <string.h>

#define PRICE_RANGE "^([0-9]{1,20})(\\.[0-9]{1,20})?$"

int wire_need(struct wire_call *c, const char *name, const char **out)
{
	*out = wire_request_get(c->r, name);
	if (*out && **out)
		return 0;
	return wire_fail(c, 400, -1102,
			 "Mandatory parameter '%s' was not sent, was empty/null, or malformed.",
			 name);
}

static int illegal(struct wire_call *c, const char *name, const char *range)
{
	return wire_fail(c, 400, -1100,
			 "Illegal characters found in parameter '%s'; legal range is '%s'.", name,
			 range);
}

static int find_symbol(struct wire_call *c, const char *text, uint16_t *instrument)
{
	static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t n = strlen(text);
	if (strspn(text, legal) != n || n > 20)
		return illegal(c, "symbol", "^[A-Z0-9-_.]{1,20}$");
	int at = exchange_find(&c->w->exchange, text, n);
	if (at < 0)
		return wire_fail_outcome(c, OUT_SYMBOL);
	*instrument = (uint16_t)at;
	return 0;
}

int wire_symbol(struct wire_call *c, uint16_t *instrument)
{
	const char *text;
	return wire_need(c, "symbol", &text) ? -1 : find_symbol(c, text, instrument);
}

int wire_symbol_or_all(struct wire_call *c, uint16_t *instrument)
{
	const char *text = wire_request_get(c->r, "symbol");
	*instrument = LEDGER_NONE;
	if (!text)
		return 0;
	if (!*text)
		return wire_fail(c, 400, -1105, "Parameter 'symbol' was empty.");
	return find_symbol(c, text, instrument);
}

int wire_client_id(struct wire_call *c, const char *name, char out[VENUE_CLIENT_ID])
{
	static const char legal[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/";
	const char *text = wire_request_get(c->r, name);
	out[0] = 0;
	if (!text)
		return 0;
	size_t n = strlen(text);
	if (n == 0)
		return wire_fail(c, 400, -1105, "Parameter '%s' was empty.", name);
	/* Spot lacks the last three. */
	bool odd = !wire_futures(c) && strpbrk(text, ".:/");
	if (n > 36 || strspn(text, legal) != n || odd)
		return illegal(c, name,
			       wire_futures(c) ? "^[\\.A-Z\\:/a-z0-9_-]{1,36}$"
					       : "^[a-zA-Z0-9-_]{1,36}$");
	memcpy(out, text, n + 1);
	return 0;
}

int wire_int(struct wire_call *c, const char *name, int64_t lo, int64_t hi, int64_t absent,
	     int64_t *out)
{
	const char *text = wire_request_get(c->r, name);
	*out = absent;
	if (!text)
		return 0;
	size_t n = strlen(text);
	if (n == 0)
		return wire_fail(c, 400, -1105, "Parameter '%s' was empty.", name);
	if (strspn(text, "0123456789") != n || n > 20)
		return illegal(c, name, "^[0-9]{1,20}$");
	if (dec_parse_fast(text, n, 0, out) != 0 || *out < lo || *out > hi)
		return wire_fail(c, 400, -1130, "Data sent for parameter '%s' is not valid.", name);
	return 0;
}

/* 1 to 20 digits, perhaps a point and 1 to 20 more. The decimals that count: without zeros at the end. */
static int decimals(const char *text, size_t *count)
{
	size_t whole = strspn(text, "0123456789");
	const char *p = text + whole;
	*count = 0;
	if (whole == 0 || whole > 20)
		return -1;
	if (*p == 0)
		return 0;
	size_t n = *p == '.' ? strspn(p + 1, "0123456789") : 0;
	if (n == 0 || n > 20 || p[1 + n])
		return -1;
	while (n && p[n] == '0')
		n--;
	*count = n;
	return 0;
}

int wire_decimal(struct wire_call *c, const char *name, unsigned dp, unsigned most_dp, int64_t *out)
{
	const char *text;
	size_t n;
	*out = -1;
	if (wire_need(c, name, &text))
		return -1;
	if (decimals(text, &n) != 0)
		return illegal(c, name, PRICE_RANGE);
	if (n > most_dp)
		return wire_fail(c, 400, -1111,
				 wire_futures(c)
					 ? "Precision is over the maximum defined for this asset."
					 : "Parameter '%s' has too much precision.",
				 name);
	/* What fits the wire and not the instrument's scale is on no grid of it: -1, which no filter passes. */
	if (dec_parse_fast(text, strlen(text), dp, out) != 0)
		*out = -1;
	return 0;
}

int wire_choice(struct wire_call *c, const char *name, const char *const *names, int code,
		const char *msg, int *out)
{
	const char *text = wire_request_get(c->r, name);
	if (!text)
		return 0; /* *out stays */
	if (!*text)
		return wire_fail(c, 400, -1105, "Parameter '%s' was empty.", name);
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], text) == 0) {
			*out = i;
			return 0;
		}
	return wire_fail(c, 400, code, "%s", msg);
}

int wire_nothing_else(struct wire_call *c)
{
	static const char *const always[] = { "apiKey", "signature", "timestamp", "recvWindow" };
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		(void)wire_request_get(c->r, always[i]);
	if (c->s)
		(void)wire_request_get(c->r, "returnRateLimits");
	uint32_t unread = wire_request_unread(c->r);
	if (!unread || wire_futures(c))
		return 0;
	return wire_fail(
		c, 400, -1104,
		"Not all sent parameters were read; read '%u' parameter(s) but was sent '%u'.",
		c->r->n - unread, c->r->n);
}
