/* Files for the tests of the importer: written plain or packed into the test's folder. */
#pragma once
#include "tests/unit/store/folder.h"
#include <zlib.h>

static inline const char *file_path(const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", folder, name);
	return out;
}

static inline void file_write(const char *name, const char *text, size_t n, bool packed)
{
	char path[128];
	file_path(name, path);
	gzFile f = gzopen(path, packed ? "wb1" : "wbT");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(gzwrite(f, text, (unsigned)n), (int)n);
	ck_assert_int_eq(gzclose(f), Z_OK);
}

/* Leaves the first `part` percent of the file. */
static inline void file_cut(const char *name, long part)
{
	char path[128];
	FILE *f = fopen(file_path(name, path), "rb");
	ck_assert_ptr_nonnull(f);
	fseek(f, 0, SEEK_END);
	long n = ftell(f);
	fclose(f);
	ck_assert_int_eq(truncate(path, n * part / 100), 0);
}
