/* status_page - the file through which a running host shows its numbers, and a killed one its last.
 *
 * A mapping of struct snapshot_page. The host that opens it for writing takes over the counts that its predecessor left; anybody may read. */
#pragma once
#include "core/trade/snapshot.h"
#include <stdbool.h>

/* Creates or takes over. -ERR_EXISTS: another file lies there; -ERR_IO. */
int status_page_open(const char *path, struct snapshot_page **out);
/* Read-only. -ERR_NOTFOUND, -ERR_CORRUPT. */
int status_page_read(const char *path, const struct snapshot_page **out);
void status_page_close(const struct snapshot_page *p);
