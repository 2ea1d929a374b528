#include "adapters/codec/symbols.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

#define LOWER 0x2020202020202020ull

/* n bytes of a word, case folded; the rest zero. */
static inline uint64_t folded(const char *p, size_t n)
{
	uint64_t w = 0;
	memcpy(&w, p, n);
	return (w | LOWER) & (n == 8 ? ~0ull : (1ull << (8 * n)) - 1);
}

static uint64_t hash(const char *p, size_t n)
{
	uint64_t h = n;
	for (; n >= 8; p += 8, n -= 8)
		h = (h ^ folded(p, 8)) * 0x9e3779b97f4a7c15ull;
	if (n)
		h = (h ^ folded(p, n)) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

static bool same(const struct symbol *s, const char *p, size_t n)
{
	if (s->n != n)
		return false;
	size_t i = 0;
	for (; i + 8 <= n; i += 8)
		if (folded(s->text + i, 8) != folded(p + i, 8))
			return false;
	return i == n || folded(s->text + i, n - i) == folded(p + i, n - i);
}

/* Where the symbol is, or the free place where it would go. */
static struct symbol *place(const struct symbols *t, const char *p, size_t n)
{
	uint32_t i = (uint32_t)hash(p, n) & t->mask;
	while (t->slot[i].n && !same(&t->slot[i], p, n))
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

static int add(struct symbols *t, const struct instrument *in, uint32_t index)
{
	size_t n = strlen(in->symbol);
	if (!n)
		return err_set(ERR_ARG,
			       "instrument %s has no symbol: the venue cannot be asked for it",
			       in->name);
	struct symbol *s = place(t, in->symbol, n);
	if (s->n)
		return err_set(ERR_EXISTS,
			       "instrument %s has the symbol %s that another one of its venue has",
			       in->name, in->symbol);
	*s = (struct symbol){ .instrument = index,
			      .n = (uint8_t)n,
			      .px_dp = in->px_dp,
			      .qty_dp = in->qty_dp,
			      .px_may_be_negative = in->px_may_be_negative };
	memcpy(s->text, in->symbol, n);
	t->n++;
	return 0;
}

int symbols_init(struct symbols *t, const struct instrument *all, uint32_t n, uint16_t venue)
{
	*t = (struct symbols){ 0 };
	uint32_t slots = 16;
	while (slots < 2 * (uint64_t)n)
		slots *= 2;
	t->slot = calloc(slots, sizeof(*t->slot));
	if (!t->slot)
		return err_set(ERR_NOMEM, "no memory for the names of %u instruments", n);
	t->mask = slots - 1;
	for (uint32_t i = 0; i < n; i++) {
		int rc = all[i].venue == venue ? add(t, &all[i], i) : 0;
		if (rc) {
			symbols_free(t);
			return rc;
		}
	}
	return 0;
}

void symbols_free(struct symbols *t)
{
	free(t->slot);
	*t = (struct symbols){ 0 };
}

const struct symbol *symbols_find(const struct symbols *t, const char *p, size_t n)
{
	if (!n || n >= sizeof(t->slot->text) || !t->slot)
		return NULL;
	const struct symbol *s = place(t, p, n);
	return s->n ? s : NULL;
}
