#include "store/stale.h"

#include "core/base/log.h"
#include "store/place.h"
#include "store/ring_file.h"
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_S 86400 /* for a store that was moved to be opened where it is now */

/* True: the folder is not there, and that is no file system which is just not mounted. */
static bool gone(const struct ring_owner *o)
{
	char at[PLACE_PATH];
	struct stat st;
	if (!o->folder[0] || lstat(o->folder, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return false;
	snprintf(at, sizeof at, "%s", o->folder);
	for (char *slash; (slash = strrchr(at, '/'));) {
		slash[slash == at] = 0;
		if (stat(at, &st) == 0)
			return (uint64_t)st.st_dev == o->device;
		if (slash == at)
			break;
	}
	return false;
}

static void mark(struct ring_file *r, struct ring_owner *o, int64_t now_s)
{
	if (o->gone_s)
		return;
	o->gone_s = now_s;
	ring_file_set_owner(r, o);
}

/* It is ours now: no host holds it. True: it went. */
static bool judge(struct ring_file *r, const char *path, struct ring_owner *o, int64_t now_s)
{
	uint64_t newest = ring_file_last(r), drained = ring_file_drained(r);
	uint64_t unread = newest > drained ? newest - drained : 0;
	if (unread && (!o->gone_s || now_s - o->gone_s < WAIT_S)) {
		mark(r, o, now_s);
		return false;
	}
	if (unlink(path))
		return false;
	if (unread)
		log_warn(
			"%s is removed: the store %s, whose journal it was, is gone, and with it %llu receipts that were not in its database yet",
			path, o->folder, (unsigned long long)unread);
	else
		log_info("%s is removed: the store %s, whose journal it was, is gone", path,
			 o->folder);
	return true;
}

static bool look(const char *path, int64_t now_s)
{
	struct ring_owner o;
	struct ring_file r;
	if (ring_file_owner(path, &o) || !gone(&o) || ring_file_open(&r, path, NULL))
		return false;
	bool went = gone(&o) && judge(&r, path, &o, now_s);
	ring_file_close(&r);
	return went;
}

unsigned stale_rings(const char *own, const char *store, int64_t now_s)
{
	char folder[PLACE_PATH], path[PLACE_PATH], ours[32];
	unsigned n = 0;
	snprintf(folder, sizeof folder, "%s", own);
	char *slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return 0;
	*slash = 0;
	DIR *d = strcmp(folder, store) == 0 ? NULL : opendir(folder);
	snprintf(ours, sizeof ours, PLACE_RING_NAME, (unsigned)geteuid());
	for (const struct dirent *e; d && (e = readdir(d));)
		if (strncmp(e->d_name, ours, strlen(ours)) == 0 &&
		    strcmp(e->d_name, slash + 1) != 0 && place_in(path, folder, e->d_name) == 0)
			n += look(path, now_s);
	if (d)
		closedir(d);
	return n;
}
