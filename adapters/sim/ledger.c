#include "adapters/sim/ledger.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x544c4452u /* "RDLT" as it stands in the file */

static const char *const kind_names[] = { "head",    "asset",	 "instrument", "account", "start",
					  "order",   "fill",	 "end",	       "reject",  "move",
					  "balance", "position", "amend", "day" };
_Static_assert(sizeof kind_names / sizeof *kind_names == ledger_kind_max, "a name for every kind");

const char *ledger_kind_name(enum ledger_kind k)
{
	return k < ledger_kind_max ? kind_names[k] : "?";
}

static uint64_t check_of(const struct ledger_record *r)
{
	const uint8_t *p = (const uint8_t *)r;
	uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */
	for (size_t i = sizeof r->check; i < sizeof *r; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

static bool whole(const struct ledger_record *r, uint64_t seq)
{
	return r->magic == MAGIC && r->seq == seq && r->check == check_of(r) &&
	       r->kind < ledger_kind_max && r->text[LEDGER_TEXT - 1] == '\0';
}

/* ---------------------------------------------------------------- reading */

static struct ledger_record record_at(const uint8_t *bytes, size_t i)
{
	struct ledger_record r;
	memcpy(&r, bytes + i * sizeof r, sizeof r);
	return r;
}

/* Where whole batches end, counted in records. */
static size_t batches_end(const uint8_t *bytes, size_t n, size_t *good)
{
	size_t end = 0, i = 0;
	for (; i < n; i++) {
		struct ledger_record r = record_at(bytes, i);
		if (!whole(&r, i + 1))
			break;
		if (r.last)
			end = i + 1;
	}
	*good = i;
	return end;
}

int ledger_scan(const void *bytes, size_t size, ledger_fn fn, void *owner, int64_t *end)
{
	size_t n = size / sizeof(struct ledger_record), good;
	size_t stop = batches_end(bytes, n, &good);
	/* A torn write leaves nothing after itself: a good record behind a bad one is damage. */
	for (size_t i = good + 1; i < n; i++) {
		struct ledger_record r = record_at(bytes, i);
		if (whole(&r, i + 1))
			return err_set(
				ERR_CORRUPT,
				"record %zu of the ledger is damaged, record %zu after it is "
				"not: this is no torn tail",
				good + 1, i + 1);
	}
	if (end)
		*end = (int64_t)(stop * sizeof(struct ledger_record));
	for (size_t i = 0; i < stop && fn; i++) {
		struct ledger_record r = record_at(bytes, i);
		int rc = fn(owner, &r);
		if (rc)
			return rc;
	}
	return 0;
}

static int scan_fd(int fd, const char *path, ledger_fn fn, void *owner, int64_t *end)
{
	struct stat info;
	if (fstat(fd, &info) < 0)
		return err_set(ERR_IO, "cannot read the ledger %s: %s", path, strerror(errno));
	if (info.st_size == 0) {
		if (end)
			*end = 0;
		return 0;
	}
	size_t size = (size_t)info.st_size;
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return err_set(ERR_IO, "cannot read the ledger %s: %s", path, strerror(errno));
	int rc = ledger_scan(bytes, size, fn, owner, end);
	munmap(bytes, size);
	return rc == -ERR_CORRUPT ? err_ctx(rc, "%s", path) : rc;
}

int ledger_read(const char *path, ledger_fn fn, void *owner, int64_t *end)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
			       "cannot open the ledger %s: %s", path, strerror(errno));
	int rc = scan_fd(fd, path, fn, owner, end);
	close(fd);
	return rc;
}

/* ---------------------------------------------------------------- writing */

static int check_head(struct ledger *l, const char *name, const uint8_t digest[32])
{
	struct ledger_record head;
	if (pread(l->fd, &head, sizeof head, 0) != (ssize_t)sizeof head)
		return err_set(ERR_IO, "cannot read the head of the ledger %s", l->path);
	if (head.kind != LEDGER_HEAD || strncmp(head.text, name, LEDGER_TEXT - 1) != 0)
		return err_set(ERR_CONFIG,
			       "the ledger %s belongs to the venue \"%.63s\", this one is \"%s\": "
			       "give it a ledger of its own",
			       l->path, head.text, name);
	if (memcmp(head.body.digest, digest, sizeof head.body.digest) != 0)
		return err_set(
			ERR_CONFIG,
			"the ledger %s was begun with another configuration of \"%s\" (its "
			"instruments, accounts or deposits): restore that one, or name a new "
			"ledger",
			l->path, name);
	return 0;
}

/* An existing file: whole, ours, and cut back to its last batch. */
static int take_over(struct ledger *l, const char *name, const uint8_t digest[32])
{
	int64_t end;
	int rc = scan_fd(l->fd, l->path, NULL, NULL, &end);
	if (rc)
		return rc;
	struct stat info;
	uint32_t magic = 0;
	ssize_t got = pread(l->fd, &magic, sizeof magic, offsetof(struct ledger_record, magic));
	if (fstat(l->fd, &info) < 0 || got < 0)
		return err_set(ERR_IO, "cannot read the ledger %s: %s", l->path, strerror(errno));
	if (end == 0 && info.st_size > 0 && magic != MAGIC)
		return err_set(ERR_CORRUPT, "%s is no ledger: name another file, or remove it",
			       l->path);
	if ((info.st_size != end && ftruncate(l->fd, end) < 0))
		return err_set(ERR_IO, "cannot cut the torn tail off the ledger %s: %s", l->path,
			       strerror(errno));
	l->size = end;
	l->seq = (uint64_t)end / sizeof(struct ledger_record);
	return end ? check_head(l, name, digest) : 0;
}

static int write_head(struct ledger *l, const char *name, const uint8_t digest[32])
{
	struct ledger_record head = { .kind = LEDGER_HEAD,
				      .account = LEDGER_NONE,
				      .instrument = LEDGER_NONE,
				      .asset = LEDGER_NONE,
				      .fee_asset = LEDGER_NONE };
	strncpy(head.text, name, sizeof head.text - 1);
	memcpy(head.body.digest, digest, sizeof head.body.digest);
	return ledger_add(l, &head);
}

int ledger_open(struct ledger *l, const char *path, const char *name, const uint8_t digest[32],
		uint32_t cap, bool *fresh)
{
	*l = (struct ledger){ .fd = -1, .cap = cap };
	if (strlen(path) >= sizeof l->path || strlen(name) >= LEDGER_TEXT)
		return err_set(ERR_ARG, "the path or the name of the ledger is too long: %s", path);
	memcpy(l->path, path, strlen(path) + 1);
	l->batch = calloc(cap, sizeof *l->batch);
	if (!l->batch)
		return err_set(ERR_NOMEM, "no memory for ledger batches of %u records", cap);
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int rc = 0;
	if (l->fd < 0)
		rc = err_set(ERR_IO, "cannot open the ledger %s: %s", path, strerror(errno));
	else if (flock(l->fd, LOCK_EX | LOCK_NB) < 0)
		rc = err_set(ERR_BUSY, "the ledger %s is being written by another venue", path);
	else
		rc = take_over(l, name, digest);
	*fresh = rc == 0 && l->size == 0;
	if (*fresh)
		rc = write_head(l, name, digest);
	if (rc)
		ledger_close(l);
	return rc;
}

void ledger_close(struct ledger *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->batch);
	*l = (struct ledger){ .fd = -1 };
}

int ledger_add(struct ledger *l, const struct ledger_record *r)
{
	if (l->broken)
		return err_set(ERR_IO, "the ledger %s broke before: nothing more is written",
			       l->path);
	if (l->n == l->cap)
		return err_set(ERR_FULL, "more than %u ledger records in one batch", l->cap);
	struct ledger_record *to = &l->batch[l->n++];
	*to = *r;
	to->magic = MAGIC;
	to->last = 0;
	to->seq = ++l->seq;
	to->text[LEDGER_TEXT - 1] = '\0';
	return 0;
}

/* All bytes, or a negative code. */
static int write_all(struct ledger *l, const uint8_t *p, size_t n)
{
	int64_t at = l->size;
	while (n) {
		ssize_t done = pwrite(l->fd, p, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set(ERR_IO, "cannot write the ledger %s: %s", l->path,
				       done < 0 ? strerror(errno) : "nothing was taken");
		p += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

int ledger_commit(struct ledger *l)
{
	if (l->broken)
		return err_set(ERR_IO, "the ledger %s broke before: nothing more is written",
			       l->path);
	if (!l->n)
		return 0;
	l->batch[l->n - 1].last = 1;
	for (uint32_t i = 0; i < l->n; i++)
		l->batch[i].check = check_of(&l->batch[i]);
	size_t bytes = l->n * sizeof *l->batch;
	int rc = write_all(l, (const uint8_t *)l->batch, bytes);
	if (rc == 0) {
		l->size += (int64_t)bytes;
		l->n = 0;
		return 0;
	}
	l->broken = true;
	l->n = 0;
	if (ftruncate(l->fd, l->size) < 0) /* the torn batch is no whole one either way */
		return rc;
	return rc;
}
