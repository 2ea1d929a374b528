/* retention - days that are older than they are to be kept go from a store into archives, a folder a day.
 *
 * For a store that no host runs on; oldest first, each read back and compared before it goes (archive.h). What a restart needs stays whatever its age. One thread. */
#pragma once
#include <stdint.h>

/* Moves whole UTC days that ended `keep_days` days or more before now_utc_ns to `to`/2026-11-22 and so on; `to` is made where it is not. *days: how many went.
 * -ERR_EXISTS: an archive of that name is there already and is not of the same receipts; what archive_put_away says. */
int retention_apply(const char *store, const char *to, uint32_t keep_days, int64_t now_utc_ns,
		    uint32_t *days);
