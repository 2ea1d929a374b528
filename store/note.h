/* note - what a log says of itself, signed: so many receipts, this root (C2SP tlog-checkpoint in a C2SP signed-note, Ed25519).
 *
 * A key file is one line, `PRIVATE+KEY+name+id+base64`, readable by its owner alone; its public half, `name+id+base64`, is what others check with (both as in
 * golang.org/x/mod/sumdb/note). No text of an error holds a byte of a private key. One thread a key; a signature costs about 50 us and allocates. */
#pragma once
#include "store/merkle.h"
#include <stddef.h>
#include <stdint.h>

#define NOTE_NAME   128 /* of a key, or of a log; terminated */
#define NOTE_PUBLIC 200 /* a public half as text, terminated */
#define NOTE_MAX    2048

struct note_key;

/* Makes a key under a name (no space, no plus) in a file that is not there yet, and FILE.pub beside it. -ERR_ARG, -ERR_EXISTS, -ERR_IO. */
int note_key_make(const char *file, const char *name);
/* -ERR_NOTFOUND; -ERR_AUTH: others could read or change it; -ERR_CONFIG: there is no such key in it; -ERR_IO. */
int note_key_open(const char *file, struct note_key **out);
/* To check with: the public half itself, or a file that holds it. -ERR_CONFIG, -ERR_NOTFOUND, -ERR_IO. */
int note_key_public(const char *text_or_file, struct note_key **out);
/* The text alone: what a store says is never taken for the name of a file. */
int note_key_parse(const char *text, struct note_key **out);
void note_key_free(struct note_key *k);		     /* NULL is fine */
const char *note_key_text(const struct note_key *k); /* the public half */
const char *note_key_name(const struct note_key *k);

struct note_checkpoint {
	char origin[NOTE_NAME]; /* which log */
	uint64_t size;
	struct merkle_hash root;
};

/* Writes the signed note, terminated; its length. -ERR_AUTH: OpenSSL fails. */
int note_sign(struct note_key *k, const struct note_checkpoint *c, char out[NOTE_MAX]);
/* Checks and takes apart. -ERR_PARSE: no checkpoint; -ERR_AUTH: changed since this key signed it; -ERR_NOTFOUND: this key did not. k NULL: reads without a check. */
int note_open(struct note_key *k, const char *note, size_t n, struct note_checkpoint *out);
/* From a file. -ERR_NOTFOUND, -ERR_IO, and the same. */
int note_open_file(struct note_key *k, const char *file, struct note_checkpoint *out);

/* At most cap - 1 bytes of a file, terminated. -ERR_NOTFOUND, -ERR_IO, -ERR_FULL: more than that. */
int note_read_file(const char *file, char *out, size_t cap, size_t *n);

#define NOTE_BASE64(n) (((n) + 2) / 3 * 4 + 1) /* bytes of the text, terminated */
void note_base64(const void *p, size_t n, char *out);
/* Exactly n bytes, or false. */
bool note_from_base64(const char *text, size_t len, void *out, size_t n);
