#include "core/market/instrument.h"

#include <string.h>

asset_id asset_find(const struct assets *a, const char *name)
{
	for (asset_id i = 1; i < a->n; i++)
		if (strcmp(a->name[i], name) == 0)
			return i;
	return 0;
}

asset_id asset_intern(struct assets *a, const char *name)
{
	size_t n = strlen(name);
	if (n == 0 || n >= sizeof a->name[0])
		return 0;
	if (a->n == 0)
		a->n = 1; /* entry 0 is "none" */
	asset_id found = asset_find(a, name);
	if (found)
		return found;
	if (a->n == ASSET_MAX)
		return 0;
	memcpy(a->name[a->n], name, n + 1);
	return a->n++;
}

const char *asset_name(const struct assets *a, asset_id id)
{
	return id < a->n ? a->name[id] : "";
}
