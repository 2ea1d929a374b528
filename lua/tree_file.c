#include "core/base/err.h"
#include "lua/tree.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of the file, or NULL and an error. */
static char *slurp(const char *path, size_t *len, struct config_errors *errs)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	if (!f || fstat(fileno(f), &st)) {
		config_errors_add(
			errs, 0, 0,
			"cannot be opened: %s; nothing was read; check the name and who may read it",
			strerror(errno));
		if (f)
			fclose(f);
		return NULL;
	}
	char *text = NULL;
	if (!S_ISREG(st.st_mode))
		config_errors_add(errs, 0, 0,
				  "is not a file; a configuration is one Lua file; name that");
	else if (st.st_size > TREE_FILE_MAX)
		config_errors_add(
			errs, 0, 0,
			"is larger than 1 MiB; a configuration is not; check that it is the right file");
	else if (!(text = malloc((size_t)TREE_FILE_MAX + 1)))
		config_errors_add(
			errs, 0, 0,
			"no memory to read it; the machine is short of it; end other programs");
	if (text) {
		*len = fread(text, 1, TREE_FILE_MAX, f);
		if (ferror(f)) {
			config_errors_add(errs, 0, 0,
					  "cannot be read: %s; the disk failed; check it",
					  strerror(errno));
			free(text);
			text = NULL;
		}
	}
	fclose(f);
	return text;
}

/* The absolute name of the file, or an error. */
static int full_path(const char *path, char out[256], struct config_errors *errs)
{
	char full[PATH_MAX];
	if (!realpath(path, full)) {
		config_errors_add(
			errs, 0, 0,
			"its folder cannot be found: %s; paths in it count from there; check the name",
			strerror(errno));
		return -1;
	}
	if (strlen(full) >= 256) {
		config_errors_add(
			errs, 0, 0,
			"its full name is longer than 255 characters; receipts name it; move it");
		return -1;
	}
	memcpy(out, full, strlen(full) + 1);
	return 0;
}

int tree_read(const char *path, struct tree *t, struct config_errors *errs)
{
	config_errors_init(errs, path);
	*t = (struct tree){ .root = NULL };
	char full[256], folder[256];
	size_t len = 0;
	char *text = slurp(path, &len, errs);
	if (text && full_path(path, full, errs)) {
		free(text);
		text = NULL;
	}
	if (!text)
		return err_set(ERR_CONFIG, "%s cannot be read", path);
	memcpy(folder, full, sizeof(folder));
	char *slash = strrchr(folder, '/');
	slash[slash == folder] = 0;
	int rc = tree_parse(path, folder, text, len, t, errs);
	memcpy(t->path, full, sizeof(t->path));
	free(text);
	return rc;
}
