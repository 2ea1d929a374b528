#include "store/keep.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "store/store_parts.h"
#include <string.h>
#include <time.h>

#define BIAS	 ((uint64_t)1 << 63) /* negative times sort before the others */
#define PAUSE_NS 200000
#define TRIES	 50000 /* ten seconds without a receipt taken: the disk does not answer */

static void put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

static uint32_t from_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void keep_key_write(const struct keep_key *k, uint8_t out[KEEP_KEY])
{
	put_be32(out, k->venue);
	put_be32(out + 4, k->recording);
	kv_be64(out + 8, (uint64_t)k->line_ns ^ BIAS);
	kv_be64(out + 16, k->number);
}

bool keep_key_read(struct keep_key *k, const uint8_t *p, size_t n)
{
	if (n != KEEP_KEY)
		return false;
	*k = (struct keep_key){ .venue = from_be32(p),
				.recording = from_be32(p + 4),
				.line_ns = (int64_t)(kv_from_be64(p + 8) ^ BIAS),
				.number = kv_from_be64(p + 16) };
	return true;
}

int keep_open(struct store *s, uint32_t *recording)
{
	uint8_t value[8] = { 0 };
	size_t len;
	int rc = kv_get(store_db(s), KV_STATE, KEEP_RECORDING, strlen(KEEP_RECORDING), value,
			sizeof value, &len);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	uint64_t last = rc ? 0 : kv_from_be64(value);
	if (last >= UINT32_MAX)
		return err_set(ERR_FULL,
			       "the store holds %llu recordings, and no more can be told "
			       "apart: start a new one",
			       (unsigned long long)last);
	*recording = (uint32_t)last + 1;
	kv_be64(value, last + 1);
	return kv_put(store_db(s), KV_STATE, KEEP_RECORDING, strlen(KEEP_RECORDING), value,
		      sizeof value, false);
}

static void stamp(struct fact *f)
{
	struct timespec mono, utc;
	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &utc);
	if (!f->mono_ns)
		f->mono_ns = (int64_t)mono.tv_sec * 1000000000 + mono.tv_nsec;
	if (!f->utc_ns)
		f->utc_ns = (int64_t)utc.tv_sec * 1000000000 + utc.tv_nsec;
}

int keep_append(struct store *s, struct fact *f)
{
	struct journal *j = store_journal(s);
	const char *why = "the writer of receipts does not get on";
	f->seq = 0;
	stamp(f);
	for (int tries = 0; tries < TRIES && !j->ops->append(j, f); tries++) {
		if (j->ops->trouble(j, &why))
			break;
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	}
	return f->seq ? 0 : err_set(ERR_IO, "the journal of the store takes no more: %s", why);
}

int keep_venue(struct store *s, const char *name, uint32_t *id)
{
	bool is_new;
	struct fact f;
	int rc = store_name(s, NAME_VENUE, name, id, &is_new);
	if (rc || !is_new)
		return rc;
	fact_init(&f, FACT_NAME);
	f.num[0] = NAME_VENUE;
	f.num[1] = *id;
	fact_text(&f, "%s", name);
	return keep_append(s, &f);
}

int keep_block(struct kv_db *db, struct keep_key *key, const uint8_t *p, size_t n,
	       const struct pack_head *h, struct tape_block *out)
{
	uint8_t bytes[KEEP_KEY];
	struct keep_key at = *key;
	if (h->first_ns > at.line_ns)
		at.line_ns = h->first_ns;
	keep_key_write(&at, bytes);
	int rc = kv_put(db, KV_BLOCKS, bytes, sizeof bytes, p, n, false);
	/* A block that is not kept leaves no trace in the line of time: its keys follow from the blocks that are there. */
	if (rc)
		return rc;
	key->number++;
	key->line_ns = h->last_ns > at.line_ns ? h->last_ns : at.line_ns;
	out->first_ns = h->first_ns;
	out->last_ns = h->last_ns;
	out->events = h->n_events;
	out->bytes = n;
	digest_sha256(p, n, out->digest);
	return 0;
}

void keep_fact(struct fact *f, const struct tape_block *b, uint32_t venue_id)
{
	_Static_assert(DIGEST_LEN == TAPE_DIGEST && DIGEST_HEX <= FACT_TEXT, "it fits");
	fact_init(f, FACT_BLOCK);
	f->venue = venue_id;
	f->num[0] = b->first_ns;
	f->num[1] = b->last_ns;
	f->num[2] = (int64_t)b->events;
	f->num[3] = (int64_t)b->bytes;
	f->num[4] = (int64_t)b->lost;
	digest_hex(b->digest, DIGEST_LEN, f->text);
}
