#include "core/base/nearest.h"
#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to be added, dropped, changed, or swapped with their neighbour, to make b of a. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned row[3][NEAREST_WORD + 1];
	for (unsigned j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = last[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(now[j], least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

/* A third of the letters wrong is another word. */
void nearest_try(struct nearest *s, const char *known)
{
	size_t m = strlen(known);
	if (s->n == 0 || s->n > NEAREST_WORD || m > NEAREST_WORD)
		return;
	unsigned d = distance(s->word, s->n, known, m), most = s->n < 4 ? 1 : (unsigned)s->n / 3;
	if (d <= most && (!s->found || d < s->distance)) {
		s->found = known;
		s->distance = d;
	}
}
