#include "store/place.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define POINTER	   "ring"
#define LOCK	   "lock"
#define SHM	   "/dev/shm"
#define LOCK_TRIES 5
#define SHM_SPARE  (16u << 20) /* left to others when the ring goes to SHM */

int place_in(char out[PLACE_PATH], const char *folder, const char *name)
{
	int n = snprintf(out, PLACE_PATH, "%s/%s", folder, name);
	if (n < PLACE_PATH)
		return 0;
	return err_set(ERR_RANGE, "the path %.100s.../%s is longer than %d bytes", folder, name,
		       PLACE_PATH - 1);
}

int place_canonical(char out[PLACE_PATH], const char *path)
{
	char full[PATH_MAX];
	if (!realpath(path, full))
		return err_set(errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO,
			       "there is no store in %s: %s", path, strerror(errno));
	/* Room for the names within. */
	if (strlen(full) >= PLACE_PATH - 40)
		return err_set(ERR_RANGE, "the path of the store is longer than %d bytes: %s",
			       PLACE_PATH - 41, full);
	strcpy(out, full);
	return 0;
}

static uint64_t free_bytes(const char *folder)
{
	struct statvfs v;
	return statvfs(folder, &v) ? 0 : (uint64_t)v.f_bavail * v.f_frsize;
}

int place_ring(char out[PLACE_PATH], const char *folder, const char *ring, uint64_t bytes)
{
	char name[80], hex[DIGEST_HEX];
	uint8_t sha[DIGEST_LEN];
	digest_sha256(folder, strlen(folder), sha);
	digest_hex(sha, 8, hex);
	snprintf(name, sizeof(name), PLACE_RING_NAME "%s", (unsigned)geteuid(), hex);
	const char *where = ring;
	if (!ring || !ring[0])
		where = free_bytes(SHM) >= bytes + SHM_SPARE ? SHM : folder;
	return place_in(out, where, name);
}

int place_ring_read(const char *folder, char out[PLACE_PATH])
{
	char path[PLACE_PATH];
	int rc = place_in(path, folder, POINTER);
	if (rc)
		return rc;
	/* Whoever put a pipe there makes nobody wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!file)
		return errno == ENOENT
			       ? err_set(ERR_NOTFOUND, "%s has no journal ring", folder)
			       : err_set(ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	bool got = fgets(out, PLACE_PATH, file) != NULL;
	fclose(file);
	size_t n = got ? strcspn(out, "\n") : 0;
	if (n == 0 || out[n] != '\n')
		return err_set(ERR_CORRUPT, "%s does not say where the journal ring is", path);
	out[n] = 0;
	return 0;
}

int place_ring_write(const char *folder, const char *ring)
{
	char path[PLACE_PATH], fresh[PLACE_PATH];
	int rc = place_in(path, folder, POINTER);
	if (!rc)
		rc = place_in(fresh, folder, POINTER ".new");
	if (rc)
		return rc;
	FILE *file = fopen(fresh, "we");
	bool ok = file && fprintf(file, "%s\n", ring) > 0 && fflush(file) == 0 &&
		  fsync(fileno(file)) == 0;
	if (file)
		ok = fclose(file) == 0 && ok;
	if (!ok || rename(fresh, path))
		return err_set(ERR_IO, "%s cannot be written: %s", path, strerror(errno));
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return 0;
}

void place_ring_forget(const char *folder)
{
	char path[PLACE_PATH];
	if (place_in(path, folder, POINTER) == 0)
		unlink(path);
}

static int lock_file(const char *folder, int flags)
{
	char path[PLACE_PATH];
	int rc = place_in(path, folder, LOCK);
	if (rc)
		return rc;
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s cannot be opened: %s",
			       path, strerror(errno));
	return fd;
}

static pid_t pid_in(int fd)
{
	char text[16] = "";
	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return (pid_t)strtol(text, NULL, 10);
}

/* A reader that looks who holds it holds it for a moment itself, so one refusal is not yet an answer. */
static int lock_patiently(int fd)
{
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return -ERR_IO;
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	}
	return -ERR_BUSY;
}

int place_lock(const char *folder)
{
	int fd = lock_file(folder, O_RDWR | O_CREAT);
	if (fd < 0)
		return fd;
	int rc = lock_patiently(fd);
	if (rc == -ERR_BUSY)
		err_set(ERR_BUSY, "the store %s is in use by process %d; one host a store", folder,
			(int)pid_in(fd));
	else if (rc)
		err_set(ERR_IO, "the store %s cannot be locked: %s", folder, strerror(errno));
	if (rc) {
		close(fd);
		return rc;
	}
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n) {
		rc = err_set(ERR_IO, "the lock of the store %s cannot be written: %s", folder,
			     strerror(errno));
		close(fd);
		return rc;
	}
	return fd;
}

pid_t place_lock_holder(const char *folder)
{
	int fd = lock_file(folder, O_RDONLY);
	if (fd < 0)
		return 0;
	pid_t pid = 0;
	if (flock(fd, LOCK_SH | LOCK_NB) == 0)
		flock(fd, LOCK_UN);
	else
		pid = pid_in(fd);
	close(fd);
	return pid;
}
