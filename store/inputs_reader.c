/* inputs_reader - the entries of a life as they lie in the database, and behind them what a killed host left in its file. */
#include "core/base/err.h"
#include "store/inputs_parts.h"
#include "store/look.h"
#include "store/reader_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct inputs_reader {
	struct kv_db *db;
	uint8_t *file; /* a copy of the mapped file, or NULL */
	bool borrowed;
};

static int copy_file(struct inputs_reader *r, const char *store)
{
	const size_t n = (size_t)INPUTS_BLOCK * INPUTS_BLOCKS;
	char ring[PLACE_PATH], path[PLACE_PATH];
	if (place_ring_read(store, ring) || inputs_path(path, ring))
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	r->file = aligned_alloc(64, n);
	size_t got = 0;
	for (ssize_t k;
	     r->file && got < n && (k = pread(fd, r->file + got, n - got, (off_t)got)) > 0;)
		got += (size_t)k;
	close(fd);
	if (r->file && got == n)
		return 0;
	free(r->file);
	r->file = NULL;
	return 0;
}

int inputs_reader_open(const char *path, struct inputs_reader **out)
{
	struct inputs_reader *r = calloc(1, sizeof *r);
	int rc = r ? 0 : err_set(ERR_NOMEM, "no memory to read inputs");
	if (!rc) /* before the database: what leaves the file meanwhile is in it then */
		rc = copy_file(r, path);
	if (!rc)
		rc = look_open(path, &r->db);
	if (rc)
		inputs_reader_close(r);
	else
		*out = r;
	return rc;
}

int inputs_reader_beside(const char *path, struct reader *reader, struct inputs_reader **out)
{
	struct inputs_reader *r = calloc(1, sizeof *r);
	int rc = r ? copy_file(r, path) : err_set(ERR_NOMEM, "no memory to read inputs");
	if (!rc) /* behind the copy, as above */
		rc = reader_refresh(reader);
	if (rc) {
		free(r ? r->file : NULL);
		free(r);
		return rc;
	}
	r->db = reader_db(reader);
	r->borrowed = true;
	*out = r;
	return 0;
}

void inputs_reader_close(struct inputs_reader *r)
{
	if (!r)
		return;
	if (!r->borrowed)
		kv_close(r->db);
	free(r->file);
	free(r);
}

static const struct inputs_head *in_file(const struct inputs_reader *r, int i)
{
	const struct inputs_head *h =
		(const struct inputs_head *)(const void *)(r->file + (size_t)i * INPUTS_BLOCK);
	return h->state != INPUTS_FREE && inputs_head_fits(h, INPUTS_BLOCK) && h->used ? h : NULL;
}

static void add_life(uint32_t *life, uint32_t max, uint32_t *n, uint32_t one)
{
	for (uint32_t k = 0; k < *n; k++)
		if (life[k] == one)
			return;
	if (*n < max)
		life[(*n)++] = one;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

int inputs_reader_lives(struct inputs_reader *r, uint32_t *life, uint32_t max, uint32_t *n)
{
	uint8_t key[INPUTS_KEY];
	struct kv_iter *it = kv_iter_new(r->db, KV_INPUTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read inputs");
	*n = 0;
	for (kv_iter_first(it); kv_iter_valid(it);) {
		size_t len;
		const uint32_t one = (uint32_t)kv_from_be64(kv_iter_key(it, &len));
		add_life(life, max, n, one);
		inputs_key_write(key, one + 1, 0);
		kv_iter_seek(it, key, sizeof key);
	}
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	for (int i = 0; r->file && i < INPUTS_BLOCKS; i++)
		if (in_file(r, i))
			add_life(life, max, n, in_file(r, i)->life);
	qsort(life, *n, sizeof *life, by_number);
	return rc;
}

/* What is in both is the same. */
static const struct inputs_head *look_in_file(const struct inputs_reader *r, uint32_t life,
					      uint64_t number)
{
	for (int i = 0; r->file && i < INPUTS_BLOCKS; i++) {
		const struct inputs_head *h = in_file(r, i);
		if (h && h->life == life && h->number == number)
			return h;
	}
	return NULL;
}

int inputs_reader_block(struct inputs_reader *r, uint32_t life, uint64_t number, uint32_t layout,
			void *out)
{
	uint8_t key[INPUTS_KEY];
	size_t n = 0;
	inputs_key_write(key, life, number);
	const struct inputs_head *h = look_in_file(r, life, number);
	int rc = 0;
	if (h)
		memcpy(out, h, n = sizeof *h + h->used);
	else
		rc = kv_get(r->db, KV_INPUTS, key, sizeof key, out, INPUTS_BLOCK, &n);
	if (rc)
		return rc;
	h = out;
	if (!inputs_head_fits(h, n) || h->life != life || h->number != number)
		return err_set(ERR_CORRUPT, "block %llu of the inputs of life %u is damaged",
			       (unsigned long long)number, life);
	if (h->layout != layout)
		return err_set(
			ERR_CORRUPT,
			"the inputs of life %u were written by another version of this program, "
			"whose entries this one cannot read",
			life);
	return 0;
}
