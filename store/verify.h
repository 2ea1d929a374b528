/* verify - is a store what was written? Every receipt against the tiles, the tiles against the signed checkpoint, both against one that was copied outside; then the
 * index, the names, the texts of scripts and the recorded market against the receipts (AUDIT.md says how).
 *
 * Looks on from outside: beside a running host, after a kill, on a closed store. Writes nothing there. A damaged database can make the library under it spin or die:
 * callers run this in a process that they can end. One thread calls; it starts `jobs` more. */
#pragma once
#include "store/note.h"
#include <stdbool.h>
#include <stdint.h>

#define VERIFY_FAULTS 8
#define VERIFY_TEXT   400

struct verify_options {
	const char *path;
	const char *
		key; /* a public key or its file; NULL: the one that the store names, which proves only what the store says of itself */
	const char *checkpoint; /* a checkpoint's file from outside; NULL: none */
	unsigned jobs;		/* threads; 0: 1 */
	/* Called a few times a second, from the calling thread. */
	void (*progress)(void *arg, const char *what, uint64_t done, uint64_t all);
	void *arg;
};

struct verify_fault {
	uint64_t seq; /* of the receipt; 0: of none */
	bool leaf;    /* its hash is not the one that the log has */
	char text[VERIFY_TEXT];
};

struct verify_report {
	struct note_checkpoint signed_by_store, outside; /* size 0: there is none */
	char key[NOTE_PUBLIC];
	bool own_key; /* it is the store's own word */
	bool closed;  /* in order: nothing is left in a ring */
	bool is_backup, is_archive;
	bool unread;		 /* the database does not open: nothing else here says anything */
	bool ring_gone;		 /* the store names a ring that is not there */
	uint64_t last;		 /* newest sequence in the database */
	uint64_t receipts, lost; /* there, and not */
	uint64_t away;		 /* in an archive: their hashes alone are here */
	uint64_t unsealed;	 /* newer than the store's checkpoint */
	uint64_t in_ring;	 /* newer than the database */
	uint64_t tiles, postings, names, texts, texts_missing, blocks, block_events, blocks_untold,
		inputs, inputs_untold;
	double receipts_s;			  /* how long the receipts took */
	uint64_t n_faults;			  /* 0: all of it is as it was written */
	struct verify_fault fault[VERIFY_FAULTS]; /* the first ones */
};

/* 0: it is; -ERR_CORRUPT: it is not, and the report's faults say where; -ERR_NOTFOUND: no store there; -ERR_PARSE, -ERR_AUTH, -ERR_CONFIG of a checkpoint's
 * file or a key that was given; -ERR_IO, -ERR_NOMEM: it could not be found out. */
int verify_store(const struct verify_options *o, struct verify_report *out);

/* Proofs under the store's newest checkpoint, as text. They are checked before they are given out, and need a few tiles only.
 * -ERR_RANGE: the checkpoint has no such receipt, or is older; -ERR_CORRUPT; what verify_store says of keys. */
int verify_inclusion(const struct verify_options *o, uint64_t seq, char *out, size_t cap);
int verify_consistency(const struct verify_options *o, uint64_t older, char *out, size_t cap);
#define VERIFY_PROOF (NOTE_MAX + 80 * MERKLE_PROOF)
/* All of the log as files that anybody can read (C2SP tlog-tiles): checkpoint, key.pub, tile/LEVEL/..., tile/entries/...; with the blocks as blocks/SHA-256. */
int verify_export(const struct verify_options *o, const char *folder);
