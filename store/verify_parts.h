/* verify_parts - what the files of the verifier share. For verify*.c only. */
#pragma once
#include "core/base/digest.h"
#include "core/trade/fact.h"
#include "store/index.h"
#include "store/inputs_parts.h"
#include "store/kv.h"
#include "store/place.h"
#include "store/ring_file.h"
#include "store/verify.h"
#include <pthread.h>
#include <stdatomic.h>

/* The index seen from both sides as sums over a secret hash of every entry: equal sums, equal sets, without holding either. */
enum verify_side { VERIFY_PAIR, VERIFY_ORDER, VERIFY_INSTANCE, VERIFY_KIND, verify_side_max };
struct verify_sums {
	uint64_t n[verify_side_max], sum[verify_side_max];
};

struct verify_span { /* of a time entry */
	uint64_t second, first, last;
	_Atomic uint8_t met; /* receipts of that second at its ends */
};
enum { VERIFY_MET_FIRST = 1, VERIFY_MET_LAST = 2 };

struct verify_range { /* receipts that a receipt says lie in an archive */
	uint64_t first, last;
	uint64_t receipts; /* of those sequences */
};

struct verify_name {
	uint64_t seq; /* of the receipt that tells it */
	uint8_t key[9];
	char text[FACT_TEXT];
};

struct verify_input { /* a block of what the engine heard, as its receipt says */
	uint64_t seq;
	uint8_t key[INPUTS_KEY];
	char digest[DIGEST_HEX];
};

struct verify {
	const struct verify_options *o;
	struct verify_report *out;
	struct kv_db *db;
	struct note_key *key;
	uint8_t id[RING_FILE_ID];
	char path[PLACE_PATH], note[NOTE_MAX];
	size_t note_len;
	uint64_t salt[3];
	pthread_mutex_t lock; /* faults, names, sums */
	struct verify_sums told, indexed;
	struct verify_span *span;
	size_t n_spans, spans_cap;
	struct verify_range *range;  /* what archives took */
	struct verify_range *absent; /* what of it is not here */
	size_t n_ranges, n_absent;
	struct verify_name *name;
	size_t n_names, names_cap;
	bool leaves_differ;
	struct verify_input *input;
	size_t n_inputs, inputs_cap;
	uint64_t parts;		   /* of tiles that archives began */
	struct merkle_hash *chunk; /* of every VERIFY_CHUNK receipts, the root over them */
	_Atomic uint64_t done;
};

#define VERIFY_CHUNK 65536 /* receipts that one thread takes at a time: a tile of level 1 */

/* Notes a fault; the eight that come first by sequence are kept: 0 of the log as a whole, VERIFY_LAST of what is only made of receipts. Any thread. */
#define VERIFY_LAST UINT64_MAX
void verify_fault(struct verify *v, uint64_t seq, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A receipt whose hash is not the one that the log has. Any thread. */
void verify_leaf_fault(struct verify *v, uint64_t seq, const char *what);
/* Opens the store beside whoever has it, reads its identity and key. */
int verify_open(struct verify *v, const struct verify_options *o, struct verify_report *out);
void verify_close(struct verify *v);
/* Sees what has come since, reads the checkpoint and where the receipts end: from here on nothing moves. */
int verify_look(struct verify *v);

uint64_t verify_entry(const struct verify *v, enum verify_side side, uint64_t id, uint64_t seq);
/* Which receipts may be away; before all that follows. */
int verify_read_archives(struct verify *v);
bool verify_may_be_away(const struct verify *v, uint64_t seq);
int verify_add_range(struct verify_range **all, size_t *n, struct verify_range one);
/* 0, or an error that makes the rest senseless; what is wrong is noted. */
int verify_receipts(struct verify *v);
int verify_tiles(struct verify *v);
int verify_read_times(struct verify *v);    /* before the receipts, which are looked up in it */
int verify_read_postings(struct verify *v); /* after them */
int verify_names(struct verify *v);
int verify_state(struct verify *v);
void verify_script_name(struct verify *v, const uint8_t *sha, size_t n);
int verify_keep_input(struct verify *v, const uint8_t *bytes, size_t n); /* any thread */
int verify_inputs(struct verify *v);
