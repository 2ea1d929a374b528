#include "store/look.h"
#include "core/base/err.h"
#include "store/place.h"
#include "store/ring_file.h"
#include <stdio.h>

/* The last receipt that the ring says the database has taken; false: there is no ring that can be asked. */
static bool ring_says(const char *store, uint64_t *drained)
{
	struct ring_file r = { 0 };
	char path[PLACE_PATH];
	if (place_ring_read(store, path) || ring_file_view(&r, path, NULL))
		return false;
	*drained = ring_file_drained(&r);
	ring_file_close(&r);
	return true;
}

static int last_of(struct kv_db *db, uint64_t *last)
{
	size_t n;
	struct kv_iter *it = kv_iter_new(db, KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read a store");
	kv_iter_last(it);
	*last = kv_iter_valid(it) ? kv_from_be64(kv_iter_key(it, &n)) : 0;
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

int look_open(const char *store, struct kv_db **out)
{
	char folder[PLACE_PATH], why[400];
	uint64_t drained, last = 0;
	int rc = place_in(folder, store, "db");
	if (!rc)
		rc = kv_open_secondary(folder, out);
	if (rc != -ERR_CORRUPT)
		return rc;
	snprintf(why, sizeof why, "%s", err_text());
	if (!ring_says(store, &drained) || kv_open_what_is_left(folder, out))
		return err_set(ERR_CORRUPT, "%s", why);
	rc = last_of(*out, &last);
	if (!rc && last >= drained)
		return 0;
	kv_close(*out);
	*out = NULL;
	return err_set(ERR_CORRUPT, "%s; it has receipts up to %llu, and had them up to %llu", why,
		       (unsigned long long)last, (unsigned long long)drained);
}
