#include "adapters/sim/source.h"

static const char *const kind_names[] = { "snapshot", "depth", "quote", "trade", "other" };
_Static_assert(sizeof kind_names / sizeof *kind_names == source_kind_max, "a name for every kind");

const char *source_kind_name(enum source_kind k)
{
	return k < source_kind_max ? kind_names[k] : "?";
}

int64_t source_seek(struct market_source *s, int64_t time_ns, source_fn fn, void *owner)
{
	int rc = source_rewind(s);
	if (rc)
		return rc;
	int64_t passed = 0;
	while (source_next_ns(s) < time_ns) {
		struct source_event e;
		rc = source_pop(s, &e);
		if (rc <= 0)
			return rc < 0 ? rc : passed;
		passed++;
		if (fn)
			fn(owner, &e);
	}
	return passed;
}
