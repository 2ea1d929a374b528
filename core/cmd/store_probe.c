/* What is recorded in a store, before it is played: symbols, steps, about what they trade at; and which two venues make a basis. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/store_feed.h"
#include "store/blocks.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VENUES 16

static int64_t gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t r = a % b;
		a = b;
		b = r;
	}
	return a;
}

static void learn(int64_t *step_e8, int64_t v, unsigned dp, int64_t *last_e8)
{
	int64_t e8 = dec_rescale(v, dp, 8, DEC_NEAREST);
	if (e8 <= 0 || e8 >= INT64_MAX)
		return;
	*step_e8 = gcd(*step_e8, e8);
	if (last_e8)
		*last_e8 = e8;
}

static void learn_event(struct probe_symbol *s, const struct pack_event *ev,
			const struct pack_instrument *i)
{
	bool depth = ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT;
	for (int side = 0; side < side_max; side++) {
		if (ev->kind == PACK_QUOTE && ev->quote.qty[side]) {
			s->has_best = true;
			learn(&s->tick_e8, ev->quote.px[side], i->px_dp, &s->px_e8);
			learn(&s->lot_e8, ev->quote.qty[side], i->qty_dp, NULL);
		}
		for (uint32_t k = 0; depth && k < ev->depth.n[side]; k++) {
			const struct level *l = &ev->depth.level[side][k];
			learn(&s->tick_e8, l->px, i->px_dp, k || s->has_best ? NULL : &s->px_e8);
			learn(&s->lot_e8, l->qty, i->qty_dp, NULL);
		}
	}
	s->frames++;
}

/* As the simulated venue writes it; a configuration must be able to hold it. */
static bool plain_symbol(const char *from, char to[32])
{
	size_t n = 0;
	for (; *from; from++)
		if (isalnum((unsigned char)*from))
			to[n++] = (char)toupper((unsigned char)*from);
	to[n] = '\0';
	return n > 0;
}

static struct probe_symbol *symbol_of(const struct pack_instrument *i, struct probe_symbol *out,
				      unsigned *n)
{
	char symbol[32];
	if (!plain_symbol(i->symbol, symbol))
		return NULL;
	for (unsigned k = 0; k < *n; k++)
		if (strcmp(out[k].symbol, symbol) == 0)
			return &out[k];
	if (*n == PROBE_SYMBOLS)
		return NULL;
	struct probe_symbol *s = &out[(*n)++];
	*s = (struct probe_symbol){ 0 };
	strcpy(s->symbol, symbol);
	return s;
}

static int probe_venue(const char *folder, const char *venue, struct probe_symbol *out, unsigned *n)
{
	struct blocks *b;
	struct blocks_event e;
	*n = 0;
	int rc = blocks_open(folder, &(struct blocks_filter){ .venue = venue[0] ? venue : NULL },
			     &b);
	if (rc)
		return rc;
	for (int k = 0; k < PLAYBACK_AHEAD && (rc = blocks_next(b, &e)) == 1; k++) {
		const struct blocks_instrument *i =
			e.ev.kind > PACK_TRADE ? NULL : blocks_instrument(b, e.ev.instrument);
		struct probe_symbol *s = i ? symbol_of(&i->i, out, n) : NULL;
		if (s)
			learn_event(s, &e.ev, &i->i);
	}
	blocks_close(b);
	if (rc < 0)
		return rc;
	return *n ? 0
		  : err_set(ERR_PARSE, "%s: no prices in the first %d events of %s", folder,
			    PLAYBACK_AHEAD, venue[0] ? venue : "it");
}

int store_feed_probe(const char *path, struct probe_symbol *out, unsigned *n)
{
	char folder[256], venue[32];
	int rc = store_feed_split(path, folder, venue);
	return rc ? rc : probe_venue(folder, venue, out, n);
}

/* ---------------------------------------------------------------- two of them */

struct probed {
	char name[32];
	struct probe_symbol symbol[PROBE_SYMBOLS];
	unsigned n;
};

static int probe_all(const char *folder, struct probed *of, unsigned *n)
{
	struct blocks *b;
	const char *name;
	int rc = blocks_open(folder, NULL, &b);
	if (rc)
		return rc;
	for (*n = 0; *n < VENUES && (name = blocks_venue(b, (uint16_t)*n)); ++*n)
		snprintf(of[*n].name, sizeof of[*n].name, "%s", name);
	blocks_close(b);
	for (unsigned k = 0; k < *n && !rc; k++) {
		rc = probe_venue(folder, of[k].name, of[k].symbol, &of[k].n);
		if (rc == -ERR_PARSE) /* a venue without prices is no market */
			rc = 0;
	}
	return rc;
}

static uint64_t in_common(const struct probed *a, const struct probed *b)
{
	unsigned i, k;
	if (!probe_common(a->symbol, a->n, b->symbol, b->n, &i, &k))
		return 0;
	uint64_t x = a->symbol[i].frames, y = b->symbol[k].frames;
	return x < y ? x : y;
}

int store_feed_pair(const char *folder, char *spot, char *usdm, size_t cap)
{
	struct probed *of = calloc(VENUES, sizeof *of);
	unsigned n = 0, a = 0, b = 0;
	uint64_t most = 0;
	int rc = of ? probe_all(folder, of, &n)
		    : err_set(ERR_NOMEM, "no memory to look into %s", folder);
	for (unsigned i = 0; i < n && !rc; i++)
		for (unsigned k = i + 1; k < n; k++)
			if (in_common(&of[i], &of[k]) > most) {
				most = in_common(&of[i], &of[k]);
				a = i;
				b = k;
			}
	if (!rc && !most)
		rc = err_set(
			ERR_NOTFOUND,
			"%s: no two of its %u venues have a symbol in common: a basis is between "
			"two markets of one thing; say which with --spot DB#VENUE and --usdm DB#VENUE",
			folder, n);
	if (!rc) {
		bool turned = strcasestr(of[b].name, "spot") != NULL;
		snprintf(spot, cap, "%s#%s", folder, of[turned ? b : a].name);
		snprintf(usdm, cap, "%s#%s", folder, of[turned ? a : b].name);
	}
	free(of);
	return rc;
}
