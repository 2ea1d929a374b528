#include "core/market/zone.h"
#include "core/base/err.h"
#include "core/market/zone_rule.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX   (1u << 20) /* the largest on Debian has 4 KB */
#define HEADER	   44
#define TYPE	   6 /* bytes of a local time type: offset, daylight flag, place of its name */
#define OFFSET_MAX (26 * 3600)
/* A table may name the beginning of time; sums with it must stay within 64 bits. */
#define MOMENT_MAX (INT64_MAX / 4)

/* From at_s on the local clock is so far from UTC. */
struct zone_turn {
	int64_t at_s;
	int32_t offset_s;
};

struct zone {
	int32_t first_s; /* before the table */
	uint32_t n;
	struct zone_rule rule; /* after it, where given */
	struct zone_turn turn[];
};

/* ---- names and files */

bool zone_name_ok(const char *name)
{
	size_t part = 0, i = 0;
	for (; name[i] && i < ZONE_NAME; i++) {
		char c = name[i];
		bool word = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') ||
			    (part > 0 && strchr("_+-", c));
		if (!word && (c != '/' || part == 0))
			return false;
		part = word ? part + 1 : 0;
	}
	return i < ZONE_NAME && part > 0;
}

static int read_file(const char *path, const char *name, uint8_t **bytes, size_t *n)
{
	FILE *f = fopen(path, "rbe");
	if (!f)
		return err_set(
			errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO,
			"there is no time zone \"%s\" on this machine (%s: %s); its clock tells when "
			"markets open; install the package tzdata, or name a zone such as "
			"\"Asia/Shanghai\"",
			name, path, strerror(errno));
	uint8_t *p = malloc(FILE_MAX);
	if (!p) {
		fclose(f);
		return err_set(ERR_NOMEM, "no memory for the time zone \"%s\"", name);
	}
	*n = fread(p, 1, FILE_MAX, f);
	bool bad = ferror(f);
	fclose(f);
	if (bad) {
		free(p);
		return err_set(
			ERR_IO,
			"%s cannot be read; its clock tells when markets open; name a zone such "
			"as \"Asia/Shanghai\"",
			path);
	}
	*bytes = p;
	return 0;
}

int zone_open(const char *folder, const char *name, struct zone **out)
{
	char path[512];
	uint8_t *bytes = NULL;
	size_t n = 0;
	*out = NULL;
	if (!zone_name_ok(name))
		return err_set(
			ERR_CONFIG,
			"\"%.60s\" is no name of a time zone; it names a file; write one such "
			"as \"Asia/Shanghai\"",
			name);
	if (!folder)
		folder = secure_getenv("TZDIR");
	if (!folder || !folder[0])
		folder = ZONE_FOLDER;
	int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return err_set(ERR_CONFIG, "the folder of the time zones has too long a name; "
					   "there is no room for it; set TZDIR to a shorter one");
	int rc = read_file(path, name, &bytes, &n);
	if (rc)
		return rc;
	rc = zone_parse(bytes, n, out);
	free(bytes);
	return rc ? err_ctx(rc, "%s", path) : 0;
}

/* ---- the format */

static int64_t big_endian(const uint8_t *p, unsigned width)
{
	uint64_t v = width == 4 && p[0] & 0x80 ? UINT64_MAX << 32 : 0;
	uint64_t u = 0;
	for (unsigned i = 0; i < width; i++)
		u = u << 8 | p[i];
	return (int64_t)(v | u);
}

/* One block of the file: version 1 has one with 4-byte moments, later ones a second with 8-byte moments. */
struct block {
	unsigned width;
	uint32_t n_times, n_types;
	const uint8_t *times, *indices, *types, *end;
};

static int no_zone(const char *why)
{
	return err_set(ERR_PARSE,
		       "is no time zone file that can be used: %s; local times would be wrong; "
		       "install the package tzdata",
		       why);
}

static int read_block(const uint8_t *p, const uint8_t *end, unsigned width, struct block *b)
{
	if (end - p < HEADER || memcmp(p, "TZif", 4))
		return no_zone("it does not begin as one");
	uint64_t count[6]; /* of ut marks, standard marks, leap seconds, moments, types, letters */
	for (unsigned i = 0; i < 6; i++)
		count[i] = (uint64_t)big_endian(p + 20 + 4 * i, 4) & UINT32_MAX;
	uint64_t size = count[3] * (width + 1) + count[4] * TYPE + count[5] +
			count[2] * (width + 4) + count[1] + count[0];
	if (count[4] == 0 || count[4] > 256 || size > (uint64_t)(end - p) - HEADER)
		return no_zone("its tables do not fit it");
	if (count[2])
		return no_zone("it counts leap seconds");
	b->width = width;
	b->n_times = (uint32_t)count[3];
	b->n_types = (uint32_t)count[4];
	b->times = p + HEADER;
	b->indices = b->times + count[3] * width;
	b->types = b->indices + count[3];
	b->end = p + HEADER + size;
	return 0;
}

static int read_turns(const struct block *b, struct zone *z)
{
	int32_t offset[256];
	for (uint32_t i = 0; i < b->n_types; i++) {
		offset[i] = (int32_t)big_endian(b->types + i * TYPE, 4);
		if (offset[i] > OFFSET_MAX || offset[i] < -OFFSET_MAX)
			return no_zone("a clock of it is more than 26 hours off");
	}
	z->first_s = offset[0];
	for (uint32_t i = 0; i < b->n_times; i++) {
		uint8_t type = b->indices[i];
		int64_t at = big_endian(b->times + (size_t)i * b->width, b->width);
		at = at < -MOMENT_MAX ? -MOMENT_MAX : at > MOMENT_MAX ? MOMENT_MAX : at;
		if (type >= b->n_types || (i > 0 && at < z->turn[i - 1].at_s))
			return no_zone("its moments are out of order");
		z->turn[i] = (struct zone_turn){ at, offset[type] };
	}
	z->n = b->n_times;
	return 0;
}

static int read_footer(const uint8_t *p, const uint8_t *end, struct zone *z)
{
	const uint8_t *stop =
		p < end && *p == '\n' ? memchr(p + 1, '\n', (size_t)(end - p) - 1) : NULL;
	if (!stop)
		return no_zone("it ends too soon");
	if (zone_rule_parse((const char *)p + 1, (size_t)(stop - p) - 1, &z->rule))
		return no_zone("its rule for later years is not understood");
	return 0;
}

int zone_parse(const void *bytes, size_t n, struct zone **out)
{
	const uint8_t *p = bytes, *end = p + n;
	struct block b;
	*out = NULL;
	int rc = read_block(p, end, 4, &b);
	bool later = rc == 0 && p[4] >= '2';
	if (later)
		rc = read_block(b.end, end, 8, &b);
	if (rc)
		return rc;
	struct zone *z = calloc(1, sizeof(*z) + b.n_times * sizeof(z->turn[0]));
	if (!z)
		return err_set(ERR_NOMEM, "no memory for a time zone of %u changes", b.n_times);
	rc = read_turns(&b, z);
	if (rc == 0 && later)
		rc = read_footer(b.end, end, z);
	if (rc) {
		zone_free(z);
		return rc;
	}
	*out = z;
	return 0;
}

void zone_free(struct zone *z)
{
	free(z);
}

/* ---- the clock */

/* How many turns of the table lie at or before utc_s. */
static uint32_t turns_until(const struct zone *z, int64_t utc_s)
{
	uint32_t lo = 0, hi = z->n;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (z->turn[mid].at_s <= utc_s)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int32_t zone_offset_s(const struct zone *z, int64_t utc_s)
{
	uint32_t k = turns_until(z, utc_s);
	if (k == z->n && z->rule.given)
		return zone_rule_offset_s(&z->rule, utc_s);
	return k ? z->turn[k - 1].offset_s : z->first_s;
}

int64_t zone_next_s(const struct zone *z, int64_t utc_s)
{
	uint32_t k = turns_until(z, utc_s);
	if (k < z->n)
		return z->turn[k].at_s;
	return z->rule.given ? zone_rule_next_s(&z->rule, utc_s) : INT64_MAX;
}

int64_t zone_local_s(const struct zone *z, int64_t utc_s)
{
	return utc_s + zone_offset_s(z, utc_s);
}

int64_t zone_utc_s(const struct zone *z, int64_t local_s)
{
	/* No clock is that far off: here the local one still shows less. */
	int64_t from = local_s - OFFSET_MAX;
	for (;;) {
		int64_t at = local_s - zone_offset_s(z, from), next = zone_next_s(z, from);
		if (at < next)
			return at > from ? at : from;
		from = next;
	}
}
