#include "core/base/glob.h"
#include <stddef.h>

/* Only the last star needs to be come back to: what the ones before it took is settled. */
bool glob_match(const char *pattern, const char *s)
{
	const char *star = NULL, *from = NULL;
	while (*s)
		if (*pattern == '*') {
			star = ++pattern;
			from = s;
		} else if (*pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star;
			s = ++from;
		} else {
			return false;
		}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
