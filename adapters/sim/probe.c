#include "adapters/sim/probe.h"

#include "adapters/sim/recording_parts.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdbool.h>
#include <string.h>

static int64_t gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t r = a % b;
		a = b;
		b = r;
	}
	return a;
}

/* The text between the quotes that begin at p; its end, or NULL. */
static const char *quoted(const char *p, const char *end, const char **text, size_t *n)
{
	if (p >= end || *p != '"')
		return NULL;
	const char *close = memchr(p + 1, '"', (size_t)(end - p - 1));
	if (!close)
		return NULL;
	*text = p + 1;
	*n = (size_t)(close - p - 1);
	return close + 1;
}

static void learn(int64_t *step, const char *text, size_t n, int64_t *last)
{
	int64_t v;
	if (dec_parse_fast(text, n, 8, &v) || v <= 0)
		return;
	*step = gcd(*step, v);
	if (last)
		*last = v;
}

/* Levels are ["price","quantity"]; best prices are "b":"price","B":"quantity" and the same with a and A. What it trades at is taken from best
 * prices, or else from the first level of a change: those behind it may lie anywhere. */
static void learn_frame(struct probe_symbol *s, const char *p, const char *end)
{
	const char *text;
	size_t n;
	bool first = !s->has_best;
	for (; p + 4 < end; p++) {
		if (*p == '[' && p[1] == '"') {
			const char *next = quoted(p + 1, end, &text, &n);
			if (!next)
				return;
			learn(&s->tick_e8, text, n, first ? &s->px_e8 : NULL);
			first = false;
			if (next < end && *next == ',' && quoted(next + 1, end, &text, &n))
				learn(&s->lot_e8, text, n, NULL);
			p = next;
			if (p >= end)
				return;
		} else if (*p == '"' && p[2] == '"' && p[3] == ':' && p[4] == '"' &&
			   memchr("bBaA", p[1], 4)) {
			if (!quoted(p + 4, end, &text, &n))
				return;
			bool price = p[1] == 'b' || p[1] == 'a';
			s->has_best |= price;
			learn(price ? &s->tick_e8 : &s->lot_e8, text, n, price ? &s->px_e8 : NULL);
		}
	}
}

/* A name that a configuration can hold. */
static bool is_symbol(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 127 || strchr("\\'[]", text[i]))
			return false;
	return n > 0;
}

static struct probe_symbol *symbol_of(const char *json, size_t n_json, struct probe_symbol *out,
				      unsigned *n)
{
	static const char mark[] = "\"s\":\"";
	const char *at = memmem(json, n_json, mark, sizeof mark - 1), *text;
	size_t len;
	if (!at || !quoted(at + sizeof mark - 2, json + n_json, &text, &len) ||
	    len >= sizeof out->symbol || !is_symbol(text, len))
		return NULL;
	for (unsigned i = 0; i < *n; i++)
		if (strlen(out[i].symbol) == len && memcmp(out[i].symbol, text, len) == 0)
			return &out[i];
	if (*n == PROBE_SYMBOLS)
		return NULL;
	struct probe_symbol *s = &out[(*n)++];
	*s = (struct probe_symbol){ 0 };
	memcpy(s->symbol, text, len);
	return s;
}

void probe_line(const char *line, size_t len, struct probe_symbol *out, unsigned *n)
{
	struct recording_line x;
	if (recording_line(line, len, &x) || !x.json)
		return;
	bool market = memmem(x.json, x.n_json, "bookTicker", 10) ||
		      memmem(x.json, x.n_json, "depthUpdate", 11);
	struct probe_symbol *s = market ? symbol_of(x.json, x.n_json, out, n) : NULL;
	if (!s)
		return;
	s->frames++;
	learn_frame(s, x.json, x.json + x.n_json);
}

int probe_file(const char *path, struct probe_symbol *out, unsigned *n)
{
	struct line_reader r;
	const char *line;
	size_t len;
	*n = 0;
	int rc = lines_open(&r, path);
	if (rc)
		return rc;
	for (unsigned i = 0; i < PROBE_LINES && (rc = lines_next(&r, &line, &len)) > 0; i++)
		probe_line(line, len, out, n);
	lines_close(&r);
	if (rc < 0)
		return rc;
	return *n ? 0
		  : err_set(ERR_PARSE,
			    "%s: no bookTicker and no depthUpdate frame in its first %d lines; is it a recording of Binance's streams?",
			    path, PROBE_LINES);
}

const char *probe_common(const struct probe_symbol *a, unsigned na, const struct probe_symbol *b,
			 unsigned nb, unsigned *ia, unsigned *ib)
{
	uint64_t most = 0;
	const char *best = NULL;
	for (unsigned i = 0; i < na; i++)
		for (unsigned k = 0; k < nb; k++) {
			uint64_t both = a[i].frames < b[k].frames ? a[i].frames : b[k].frames;
			if (strcmp(a[i].symbol, b[k].symbol) == 0 && both > most) {
				most = both;
				best = a[i].symbol;
				*ia = i;
				*ib = k;
			}
		}
	return best;
}
