/* What a restart goes by, and what it could be led astray with: where it reads on from, what is said to be away, which recording comes next, the texts of scripts. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "store/away.h"
#include "store/keep.h"
#include "store/receipt.h"
#include "store/verify_parts.h"
#include "store/writer.h"
#include <inttypes.h>
#include <string.h>

#define SOURCE "k/source/"
#define CONFIG "k/config/"
#define MEMORY "k/memory/"

/* 0 where there is none of it. */
static int read_mark(struct verify *v, const char *what, uint64_t *seq)
{
	uint8_t value[8] = { 0 };
	size_t len;
	int rc = kv_get(v->db, KV_STATE, what, strlen(what), value, sizeof value, &len);
	*seq = rc ? 0 : kv_from_be64(value);
	return rc == -ERR_NOTFOUND ? 0 : rc;
}

/* ---- where a restart reads on from */

struct marks {
	uint64_t begun, whole; /* the newest that began; the newest that is complete */
};

/* As the writer goes by them. */
static int pass_checkpoint(struct verify *v, uint64_t seq, struct marks *m)
{
	uint8_t key[8], bytes[RECEIPT_BYTES_MAX];
	struct fact f;
	size_t n;
	kv_be64(key, seq);
	int rc = kv_get(v->db, KV_RECEIPTS, key, sizeof key, bytes, sizeof bytes, &n);
	if (rc)
		return rc == -ERR_NOTFOUND ? 0 : rc;
	if (n > sizeof bytes || receipt_decode(bytes, n, &f) || f.kind != FACT_CHECKPOINT)
		return 0;
	if (f.num[0] == CHECKPOINT_BEGIN)
		m->begun = seq;
	else
		m->whole = m->begun;
	return 0;
}

static void compare_mark(struct verify *v, const char *key, const char *what, uint64_t is,
			 uint64_t told)
{
	/* The receipts that would say may be away. */
	if (is == told || (is < told ? 0 : verify_may_be_away(v, is)))
		return;
	if (is && told)
		verify_fault(v, is,
			     "the mark of %s (%s) is on receipt %" PRIu64
			     ", and it is receipt %" PRIu64
			     ": a restart would read on from the wrong place",
			     what, key, is, told);
	else if (is)
		verify_fault(v, is,
			     "the mark of %s (%s) is on receipt %" PRIu64
			     ", where no checkpoint begins: a restart would read on from there",
			     what, key, is);
	else
		verify_fault(v, told,
			     "the mark of %s (%s) is gone; it is receipt %" PRIu64
			     ": a restart would read on from another place",
			     what, key, told);
}

static int check_restart(struct verify *v)
{
	struct index_walk w;
	struct marks m = { 0 };
	uint64_t seq, begun, whole;
	int rc = index_walk_open(&w, v->db, INDEX_KIND, FACT_CHECKPOINT, 1);
	if (rc)
		return rc;
	while ((rc = index_walk_next(&w, &seq)) == 1 && !(rc = pass_checkpoint(v, seq, &m)))
		;
	index_walk_close(&w);
	/* A damaged index was told of where it was read. */
	if (rc == -ERR_CORRUPT)
		return 0;
	rc = rc ? rc : read_mark(v, WRITER_BEGUN, &begun);
	rc = rc ? rc : read_mark(v, WRITER_CHECKPOINT, &whole);
	if (rc)
		return rc;
	compare_mark(v, WRITER_CHECKPOINT, "the last complete checkpoint", whole, m.whole);
	compare_mark(v, WRITER_BEGUN, "the last checkpoint that began", begun, m.begun);
	return 0;
}

/* ---- what is said to be away */

static bool any_receipt(struct kv_iter *it, uint64_t first, uint64_t last, uint64_t *seq)
{
	uint8_t key[8];
	size_t n;
	kv_be64(key, first);
	kv_iter_seek(it, key, sizeof key);
	const uint8_t *k = kv_iter_valid(it) ? kv_iter_key(it, &n) : NULL;
	*seq = k && n == 8 ? kv_from_be64(k) : 0;
	return *seq && *seq <= last;
}

static bool archive_told(const struct verify *v, const struct away_span *s)
{
	for (size_t i = 0; i < v->n_ranges; i++)
		if (v->range[i].first <= s->first && s->last <= v->range[i].last)
			return true;
	return false;
}

static bool is_listed(const struct away *a, const struct verify_range *r)
{
	return away_within(a, r->first, r->last) == r->last - r->first + 1;
}

/* Readers take for archived what the list says, so it must be what receipts say. */
static int check_away(struct verify *v)
{
	struct away a = { 0 };
	uint64_t seq;
	int rc = away_load(&a, v->db);
	struct kv_iter *it = rc ? NULL : kv_iter_new(v->db, KV_RECEIPTS);
	if (!rc && !it)
		rc = err_set(ERR_NOMEM, "no memory to read receipts");
	for (uint32_t i = 0; i < a.n && !rc; i++) {
		const struct away_span *s = &a.span[i];
		if (!archive_told(v, s))
			verify_fault(v, s->first,
				     "receipts %" PRIu64 " to %" PRIu64
				     " are listed as archived (s/away), and no receipt tells of "
				     "such an archive",
				     s->first, s->last);
		else if (any_receipt(it, s->first, s->last, &seq))
			verify_fault(v, seq,
				     "receipt %" PRIu64 " is listed as archived, and is here", seq);
	}
	for (size_t i = 0; i < v->n_absent && !rc; i++)
		if (!is_listed(&a, &v->absent[i]))
			verify_fault(v, v->absent[i].first,
				     "receipts %" PRIu64 " to %" PRIu64
				     " went into an archive, and the list of what did (s/away) "
				     "does not have them all: queries would take them for lost",
				     v->absent[i].first, v->absent[i].last);
	if (it && !rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	away_free(&a);
	return rc;
}

/* ---- which recording comes next */

/* A number that was given out before would make the next recording write over an old one. */
static int check_recording(struct verify *v)
{
	uint64_t last, most = 0;
	struct keep_key key;
	size_t n;
	int rc = read_mark(v, KEEP_RECORDING, &last);
	struct kv_iter *it = rc ? NULL : kv_iter_new(v->db, KV_BLOCKS);
	if (!rc && !it)
		rc = err_set(ERR_NOMEM, "no memory to read a recording");
	if (rc)
		return rc;
	for (kv_iter_first(it); kv_iter_valid(it); kv_iter_next(it)) {
		const uint8_t *k = kv_iter_key(it, &n);
		if (keep_key_read(&key, k, n) && key.recording > most)
			most = key.recording;
	}
	if (most > last)
		verify_fault(v, VERIFY_LAST,
			     "the newest recording is said to be number %" PRIu64
			     " (s/recording), and there are blocks of number %" PRIu64
			     ": the next recording would be written over them",
			     last, most);
	rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

/* ---- texts of scripts */

static void check_text(struct verify *v, const char *what, const uint8_t *key, size_t n,
		       const uint8_t *text, size_t len)
{
	uint8_t digest[DIGEST_LEN];
	char hex[DIGEST_HEX];
	const size_t head = n - (DIGEST_HEX - 1);
	v->out->texts++;
	digest_sha256(text, len, digest);
	digest_hex(digest, DIGEST_LEN, hex);
	if (memcmp(hex, key + head, DIGEST_HEX - 1) != 0)
		verify_fault(v, VERIFY_LAST,
			     "the text kept as %s %.12s... is another: its SHA-256 is %.12s...",
			     what, (const char *)key + head, hex);
}

/* Each lies under the SHA-256 of itself. */
static int check_texts(struct verify *v, const char *prefix, const char *what)
{
	struct kv_iter *it = kv_iter_new(v->db, KV_STATE);
	size_t n, len;
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the state of a store");
	const size_t head = strlen(prefix);
	for (kv_iter_seek(it, prefix, head); kv_iter_valid(it); kv_iter_next(it)) {
		const uint8_t *key = kv_iter_key(it, &n), *text = kv_iter_value(it, &len);
		if (n < head || memcmp(key, prefix, head) != 0)
			break;
		if (n == head + DIGEST_HEX - 1)
			check_text(v, what, key, n, text, len);
	}
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

void verify_script_name(struct verify *v, const uint8_t *sha, size_t n)
{
	uint8_t key[sizeof SOURCE + DIGEST_HEX], one;
	const size_t head = strlen(SOURCE);
	size_t len;
	if (n != DIGEST_HEX - 1)
		return;
	memcpy(key, SOURCE, head);
	memcpy(key + head, sha, n);
	int rc = kv_get(v->db, KV_STATE, key, head + n, &one, 0, &len);
	v->out->texts_missing += rc == -ERR_NOTFOUND;
}

int verify_state(struct verify *v)
{
	int rc = check_texts(v, SOURCE, "script");
	rc = rc ? rc : check_texts(v, CONFIG, "configuration");
	rc = rc ? rc : check_texts(v, MEMORY, "memory");
	/* An archive has a span of the receipts, and the marks of the store that it is of. */
	if (!rc && !v->out->is_archive)
		rc = check_restart(v);
	if (!rc && !v->out->is_archive)
		rc = check_away(v);
	return rc ? rc : check_recording(v);
}
