/* The page of a copy: a few lines of text, in the order of the table, each a word and its values. FORMAT.md shows one. */
#include "core/base/err.h"
#include "store/copy.h"
#include "store/copy_parts.h"
#include "store/place.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_BYTES 1024

static const char *const names[] = { "backup", "archive" };
_Static_assert(sizeof names / sizeof *names == copy_kind_max, "a name for every kind of copy");

static int format(const struct copy_page *p, char out[PAGE_BYTES])
{
	char id[2 * RING_FILE_ID + 1], digest[DIGEST_HEX];
	digest_hex(p->id, RING_FILE_ID, id);
	digest_hex(p->digest, DIGEST_LEN, digest);
	return snprintf(out, PAGE_BYTES,
			"tandem %s 1\nstore %s\nasked %" PRIu64 " %" PRIu64 "\nreceipts %" PRIu64
			" %" PRIu64 " %" PRIu64 "\nblocks %" PRIu64 "\nothers %" PRIu64
			"\nbytes %" PRIu64 "\ndigest %s\n",
			names[p->kind], id, p->span.seq_from, p->span.seq_to, p->first, p->last,
			p->receipts, p->blocks, p->others, p->bytes, digest);
}

int copy_write_page(const char *folder, const struct copy_page *p)
{
	char path[PLACE_PATH], fresh[PLACE_PATH], text[PAGE_BYTES];
	int rc = place_in(path, folder, names[p->kind]);
	if (!rc)
		rc = place_in(fresh, folder, "page.new");
	if (rc)
		return rc;
	int n = format(p, text), fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text, (size_t)n) == n && fsync(fd) == 0;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (!ok || rename(fresh, path))
		return err_set(ERR_IO, "%s cannot be written: %s", path, strerror(errno));
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return 0;
}

static bool from_hex(const char *text, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char two[3] = { text[2 * i], text[2 * i] ? text[2 * i + 1] : 0, 0 }, *end;
		out[i] = (uint8_t)strtoul(two, &end, 16);
		if (end != two + 2)
			return false;
	}
	return true;
}

bool copy_parse_page(const char *text, struct copy_page *p)
{
	char id[2 * RING_FILE_ID + 1], digest[DIGEST_HEX], word[16], again[PAGE_BYTES];
	int n = sscanf(text,
		       "tandem %15s 1 store %32s asked %" SCNu64 " %" SCNu64 " receipts %" SCNu64
		       " %" SCNu64 " %" SCNu64 " blocks %" SCNu64 " others %" SCNu64
		       " bytes %" SCNu64 " digest %64s",
		       word, id, &p->span.seq_from, &p->span.seq_to, &p->first, &p->last,
		       &p->receipts, &p->blocks, &p->others, &p->bytes, digest);
	if (n != 11 || !from_hex(id, p->id, RING_FILE_ID) ||
	    !from_hex(digest, p->digest, DIGEST_LEN))
		return false;
	for (p->kind = 0; p->kind < copy_kind_max && strcmp(names[p->kind], word) != 0;)
		p->kind++;
	/* It is what we would write, to the byte, or it is damaged. */
	return p->kind < copy_kind_max && format(p, again) > 0 && strcmp(again, text) == 0;
}

int copy_read_page(const char *folder, struct copy_page *out)
{
	char path[PLACE_PATH], text[PAGE_BYTES];
	FILE *f = NULL;
	for (unsigned k = 0; !f && k < copy_kind_max; k++) {
		int rc = place_in(path, folder, names[k]);
		if (rc)
			return rc;
		f = fopen(path, "re");
		if (!f && errno != ENOENT && errno != ENOTDIR)
			return err_set(ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	}
	if (!f)
		return err_set(
			ERR_NOTFOUND,
			"%s is no archive and no backup, or one that was never finished: it has no page "
			"\"archive\" or \"backup\"",
			folder);
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = 0;
	*out = (struct copy_page){ 0 };
	return copy_parse_page(text, out) ? 0
					  : err_set(ERR_CORRUPT, "the page %s is damaged", path);
}

bool copy_is_archive(const char *folder)
{
	char path[PLACE_PATH];
	return place_in(path, folder, names[COPY_ARCHIVE]) == 0 && access(path, F_OK) == 0;
}
