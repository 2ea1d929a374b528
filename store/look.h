/* look - the database of a store, opened by somebody who looks on: beside its host, after it was killed, or when it closed.
 *
 * A kill may cut the database's log in the middle of a write. Such a tail is no damage as long as the journal ring has what it told of: the log is then read up to its last
 * whole record. Where the ring says that the database had more, it is damage. One thread. Writes nothing into the store. */
#pragma once
#include "store/kv.h"

/* store: the folder of the store. -ERR_NOTFOUND: no store there; -ERR_CORRUPT; -ERR_IO. Closed with kv_close. */
int look_open(const char *store, struct kv_db **out);
