/* seal - the writer's side of the log: every receipt's leaf, tiles as they are complete, a signed checkpoint at least every second.
 *
 * Tiles and checkpoints go into the same batch as the receipts, so that the database never holds one without the other; a checkpoint leaves for the outside (courier)
 * only once the database has taken it. The tree is made of tiles and the newest receipts when it is opened, and held against the checkpoint that stands there.
 * The writer's thread; before that whoever opens the store. */
#pragma once
#include "store/kv.h"
#include "store/merkle.h"

#define SEAL_NOTE     "s/note"	       /* key of KV_STATE: the newest signed checkpoint */
#define SEAL_ASIDE    "s/note.damaged" /* one that a repair found not to fit */
#define SEAL_KEY      "s/key"	       /* the public half of the key that signed it */
#define SEAL_TILE_KEY 9		       /* bytes: the level, and the number high byte first */

struct seal;

struct seal_options {
	const char *key;    /* the key's file */
	const char *to;	    /* where checkpoints are copied (courier.h); NULL: nowhere */
	const char *origin; /* the log's name */
};

/* Brings the tiles up to the receipts, which takes as long as there are receipts without a tile. -ERR_CORRUPT: the tree is not what the last checkpoint signed says;
 * -ERR_AUTH, -ERR_CONFIG, -ERR_NOTFOUND of the key; -ERR_IO. */
int seal_open(const struct seal_options *o, struct kv_db *db, struct seal **out);
void seal_free(struct seal *s); /* the newest checkpoint is outside, or has failed to get there */
/* Receipts that the newest signed checkpoint spoke of and that the database does not have: a loss of power, or of the disk. */
uint64_t seal_signed(const struct seal *s);
const char *seal_key(const struct seal *s); /* the public half that signs */
/* Another key signed before. */
bool seal_key_changed(const struct seal *s);
/* As courier_news; any thread. */
int seal_news(struct seal *s, char *why, size_t cap);

/* One batch: begin, add by rising sequence (what is missing between two was lost, what the log has already is passed over), end. Again from begin where the database refused it. */
int seal_begin(struct seal *s, struct kv_batch *batch);
int seal_add(struct seal *s, uint64_t seq, const void *bytes, size_t n);
/* Puts a checkpoint into the batch where one is due, or where `now` asks for one and there is anything new. 1: it did; 0; -ERR_AUTH, -ERR_IO. */
int seal_end(struct seal *s, int64_t mono_ns, bool now);
void seal_taken(struct seal *s); /* the database has the batch */
bool seal_due(const struct seal *s, int64_t mono_ns);
/* The database was closed and opened again, and may hold less than before. */
int seal_reload(struct seal *s);

/* For who repairs: is the newest checkpoint one of these receipts, as far as they go? -ERR_CORRUPT, -ERR_AUTH, -ERR_PARSE: no, and no host would go on. */
int seal_look(struct kv_db *db);
/* Keeps it, as evidence; the next host signs what is there. */
int seal_set_aside(struct kv_db *db);

/* Receipts first..last have come back, some of which the log held for lost: makes its tiles again. 1: some were others; 0. */
int seal_mend(struct kv_db *db, uint64_t first, uint64_t last);

/* Receipts up to `last` go away, or stay behind: puts the leaves of those that no tile has yet into the batch for `to`, so that the tree can still be made there. */
int seal_keep_leaves(struct kv_db *from, struct kv_db *to, struct kv_batch *batch, uint64_t last);
void seal_tile_key(uint8_t key[SEAL_TILE_KEY], unsigned level, uint64_t n);
/* Tiles and leaves of a database; arg is the kv_db. */
struct proof_source;
void seal_source(struct proof_source *src, struct kv_db *db);
