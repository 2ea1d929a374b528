/* Configurations for the tests of their reader: the known good one as it stands, or with a part exchanged, in a folder with the files that it names. */
#pragma once
#include "lua/config.h"
#include "tests/unit/store/folder.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCES TANDEM_SOURCE_DIR "/tests/unit/lua/"

static struct config_errors errs;

static char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "%s", path);
	char *text = calloc(1, 1 << 18);
	*n = fread(text, 1, (1 << 18) - 1, f);
	fclose(f);
	return text;
}

static void put(const char *name, const char *text, size_t n, mode_t mode)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	ck_assert_msg(f != NULL, "%s", path);
	fwrite(text, 1, n, f);
	fclose(f);
	chmod(path, mode);
}

/* The files that the configurations name. */
static void furnish(void)
{
	char path[512];
	put("good.key", "id\n", 3, 0600);
	put("good.secret", "secret\n", 7, 0600);
	put("loose.secret", "secret\n", 7, 0644);
	put("empty.secret", "", 0, 0600);
	put("good.lua", "return {}\n", 10, 0644);
	snprintf(path, sizeof(path), "%s/link.secret", folder);
	ck_assert_int_eq(symlink("good.secret", path), 0);
	snprintf(path, sizeof(path), "%s/folder", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static int read_text(const char *text, struct config **c)
{
	char path[512];
	put("it.lua", text, strlen(text), 0644);
	snprintf(path, sizeof(path), "%s/it.lua", folder);
	return config_read(path, c, &errs);
}
