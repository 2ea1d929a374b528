#include "lua/suggest.h"
#include <ctype.h>
#include <string.h>

#define LETTERS 63

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static int letter(char c)
{
	return tolower((unsigned char)c);
}

unsigned suggest_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	if (n > LETTERS || m > LETTERS)
		return LETTERS;
	unsigned row[3][LETTERS + 1];
	for (unsigned j = 0; j <= m; j++)
		row[0][j] = j;
	for (unsigned i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
		now[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			unsigned change = letter(a[i - 1]) != letter(b[j - 1]);
			now[j] = least(least(now[j - 1], last[j]) + 1, last[j - 1] + change);
			if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) &&
			    letter(a[i - 2]) == letter(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

void suggest_offer(struct suggest *s, const char *name)
{
	unsigned d = suggest_distance(s->given, name);
	if (s->best && d >= s->distance)
		return;
	s->best = name;
	s->distance = d;
}

const char *suggest_best(const struct suggest *s)
{
	/* A third of the letters may be wrong: more, and it is another word. */
	return s->best && s->distance <= 1 + strlen(s->given) / 3 ? s->best : NULL;
}
