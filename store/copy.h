/* copy - a store, or a span of it, written anew into a folder of its own: what backups and archives are made of.
 *
 * Read from outside, beside a running host, after a kill, or closed; every byte passes its checksum on the way, and what only the ring holds is there
 * too. The copy is itself a store, packed tightly, with a page that says what it holds: counts, and a digest over every key and value. The page is
 * written last, so a copy without one is no copy. One thread. Writes nothing into the store that it reads. */
#pragma once
#include "core/base/digest.h"
#include "core/trade/fact.h"
#include "store/ring_file.h"
#include <stdbool.h>
#include <stdint.h>

/* What a copy is for: the first word of its page, and the page's name. */
enum copy_kind {
	COPY_BACKUP,  /* all of it: a host may go on with it */
	COPY_ARCHIVE, /* a span, with the blocks of market data that its receipts tell of: to be read, and to be put back */
	copy_kind_max
};

struct copy_span {
	uint64_t seq_from, seq_to; /* both included; seq_to 0: to the end */
};

struct copy_page {
	enum copy_kind kind;
	uint8_t id[RING_FILE_ID]; /* of the store that it is of */
	struct copy_span span;	  /* as it was asked for; seq_to 0: to the end */
	uint64_t first, last;	  /* sequences that are there; 0: none */
	uint64_t receipts, blocks;
	uint64_t others; /* names, values and whatever else the store keeps */
	uint64_t bytes;	 /* of all of these, keys included */
	uint8_t digest[DIGEST_LEN];
};

/* Copies the store `from` to the new folder `to`, and reads it back. -ERR_EXISTS: there is something already; -ERR_NOTFOUND: no store, or nothing in the span;
 * -ERR_CORRUPT: a damaged receipt, block or file in `from`; -ERR_IO. After an error nothing is left of `to`. */
int copy_make(const char *from, const char *to, enum copy_kind kind, const struct copy_span *span,
	      struct copy_page *out);
/* Reads a copy through and holds it against its page. -ERR_NOTFOUND: no page: it is no copy, or half of one; -ERR_CORRUPT: it is not what was written; the text
 * says what. */
int copy_check(const char *folder, struct copy_page *out);
/* Only its page. -ERR_NOTFOUND, -ERR_CORRUPT, -ERR_IO. */
int copy_read_page(const char *folder, struct copy_page *out);
bool copy_is_archive(const char *folder);

/* The span of a stretch of UTC [from, to): its first and last receipt. -ERR_NOTFOUND: none. */
int copy_span_of(const char *from, int64_t utc_from, int64_t utc_to, struct copy_span *out);
