#include "lua/config_part.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 256

/* True when it is a file with something in it; `look` is stat or lstat. */
static bool is_file(struct config_part *p, const struct tree_node *node, const char *path,
		    const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		schema_error(
			&p->schema, node,
			"%s is no file; it would be read whole at the start; name a plain file",
			path);
		return false;
	}
	if (st->st_size == 0) {
		schema_error(&p->schema, node,
			     "%s is empty; there is nothing to read in it; fill it or name another",
			     path);
		return false;
	}
	return true;
}

static void not_there(struct config_part *p, const struct tree_node *node, const char *path,
		      int error)
{
	schema_error(
		&p->schema, node,
		"%s cannot be read: %s; it is needed at the start; make it, or correct the path (relative ones count "
		"from the folder of this file)",
		path, strerror(error));
}

void config_file_key(struct config_part *p, const struct tree_node *node, const char *path)
{
	struct stat st;
	if (!path[0])
		return;
	if (lstat(path, &st)) {
		not_there(p, node, path, errno);
		return;
	}
	if (S_ISLNK(st.st_mode)) {
		schema_error(
			&p->schema, node,
			"%s is a symbolic link; what it points to could be exchanged without a trace here; name the "
			"file itself",
			path);
		return;
	}
	if (!is_file(p, node, path, &st))
		return;
	if (st.st_uid != geteuid())
		schema_error(
			&p->schema, node,
			"%s belongs to user %u; its owner could read and change the key; type: chown %u %s",
			path, (unsigned)st.st_uid, (unsigned)geteuid(), path);
	unsigned mode = st.st_mode & 07777;
	if (mode != 0600 && mode != 0400)
		schema_error(
			&p->schema, node,
			"%s has mode %04o; a key is for its owner alone (0600 or 0400); type: chmod 600 %s",
			path, mode, path);
}

void config_file_readable(struct config_part *p, const struct tree_node *node, const char *path)
{
	struct stat st;
	if (!path[0])
		return;
	if (stat(path, &st) || access(path, R_OK))
		not_there(p, node, path, errno);
	else
		is_file(p, node, path, &st);
}

void config_file_folder(struct config_part *p, const struct tree_node *node, const char *path)
{
	struct stat st;
	char at[PATH_ROOM];
	if (!path[0])
		return;
	snprintf(at, sizeof(at), "%s", path);
	int missing = 0;
	/* Up to the first part that is there. */
	while (stat(at, &st)) {
		char *slash = strrchr(at, '/');
		if ((errno != ENOENT && errno != ENOTDIR) || !slash) {
			schema_error(
				&p->schema, node,
				"%s cannot be made: %s; receipts are kept there; name another folder",
				path, strerror(errno));
			return;
		}
		slash[slash == at] = 0;
		missing++;
	}
	if (!S_ISDIR(st.st_mode))
		schema_error(
			&p->schema, node,
			"%s cannot be made: %s is a file; receipts are kept in a folder; name another, or move the file",
			path, at);
	else if (access(at, W_OK | X_OK))
		schema_error(
			&p->schema, node,
			"%s cannot be %s: %s: %s; receipts are kept there; name another folder, or make it writable",
			path, missing ? "made" : "written", at, strerror(errno));
}
