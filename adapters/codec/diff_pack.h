/* diff_pack - the outer shape of what a DIFF server says: a pack with an `aid`, and of rtn_data the patches inside, one at a time.
 *
 * All patches of one pack are one step of the picture: whoever keeps it applies them all and looks at it only then. The spans point into the caller's text. No
 * memory, any thread. */
#pragma once
#include "adapters/codec/json_scan.h"

/* The parts of a picture that anybody here reads. */
enum diff_part {
	DIFF_QUOTES,
	DIFF_STATUS, /* trading_status, by symbol */
	DIFF_TRADE,  /* by user */
	DIFF_NOTIFY,
	DIFF_INS_LIST,
	diff_part_max
};

struct diff_pack {
	struct json_value aid;
	struct json_scan data; /* inside of the array */
	const char *why;
};

/* False: no pack (why says). Packs other than rtn_data have no patches. */
bool diff_pack_open(struct diff_pack *p, const char *text, size_t n);
/* The next patch's parts, absent ones TOKEN_NONE. False: there is no more, or why is not NULL. */
bool diff_pack_next(struct diff_pack *p, struct json_value part[diff_part_max]);

/* The members of an object, one at a time. */
struct diff_each {
	struct json_scan j;
};
void diff_each_open(struct diff_each *e, const struct json_value *object);
/* False: no more, or the text is broken (then e->j.error). key: the name without its quotes. */
bool diff_each_next(struct diff_each *e, struct json_value *key, struct json_value *value);
