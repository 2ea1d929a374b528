/* receipt - a fact as the bytes that are kept for years: msgpack, the same bytes for the same fact, readable by versions to come.
 *
 * A map from small numbers (the fields, FORMAT.md) to values; what is zero or not set is left out; an old reader skips keys that it does not
 * know. Bytes from a disk are not trusted: lengths are walked before anything is unpacked. Any thread; encoding allocates only through the
 * buffer of the encoder, which is kept. */
#pragma once
#include "core/trade/fact.h"
#include <stddef.h>
#include <stdint.h>

#define RECEIPT_BYTES_MAX 4096 /* larger is refused unread; a fact of today takes at most 640 */

struct receipt_encoder;
struct receipt_encoder *receipt_encoder_new(void); /* NULL: no memory */
void receipt_encoder_free(struct receipt_encoder *e);
/* The receipt's bytes; they belong to the encoder and live until its next call. -ERR_NOMEM. */
int receipt_encode(struct receipt_encoder *e, const struct fact *f, const void **bytes, size_t *n);
/* -ERR_CORRUPT: not a receipt, or a value that its field cannot hold. */
int receipt_decode(const void *bytes, size_t n, struct fact *out);
