/* kv_still - has a database stayed as it was while somebody looked? Its list of files, and the logs that are not yet part of it.
 *
 * A secondary that reads the list before a flush and looks for the log after it finds neither log nor table, and says nothing. Cold path; no state. */
#pragma once
#include <stdbool.h>

#define KV_STILL_TEXT 4096

struct kv_still {
	char current[64];	  /* which list of files is in force */
	char logs[KV_STILL_TEXT]; /* names of logs, a line each */
};

void kv_still_look(struct kv_still *s, const char *folder);
/* The same list is in force, and no log of then is gone. */
bool kv_still_is(const struct kv_still *then, const char *folder);
