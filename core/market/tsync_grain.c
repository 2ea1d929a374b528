/* tsync_grain - the greatest step that divides all stamps: it is never finer than the venue's own. */
#include "core/market/tsync_part.h"

/* A stray stamp of a finer kind must not make the venue look finer than it is. */
#define ODD_ENOUGH 4

void tsync_grain_init(struct tsync_grain *g, int64_t stated_ns)
{
	*g = (struct tsync_grain){ .stated = stated_ns > 0 };
	g->now_ns = g->next_ns = g->stated ? stated_ns : TSYNC_GRAIN_FIRST;
}

static int64_t common(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

void tsync_grain_see(struct tsync_grain *g, int64_t stamp_ns)
{
	if (g->stated || g->now_ns == 1 || stamp_ns % g->now_ns == 0)
		return;
	g->next_ns = common(g->next_ns, stamp_ns < 0 ? -stamp_ns : stamp_ns);
	if (++g->odd < ODD_ENOUGH)
		return;
	g->now_ns = g->next_ns;
	g->odd = 0;
}
