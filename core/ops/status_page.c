#include "core/ops/status_page.h"

#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATUS_VERSION 5

static int map(const char *path, int fd, int protection, struct snapshot_page **out)
{
	void *p = mmap(NULL, sizeof **out, protection, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return err_set(ERR_IO, "%s: cannot be mapped: %s", path, strerror(errno));
	*out = p;
	return 0;
}

/* An empty file, or a page of some version of this program: anything else is somebody's, and stays as it is. */
static bool may_be_ours(int fd)
{
	uint32_t magic = 0;
	ssize_t n = pread(fd, &magic, sizeof magic, 0);
	return n == 0 || (n == sizeof magic && (magic == SNAPSHOT_MAGIC || magic == 0));
}

int status_page_open(const char *path, struct snapshot_page **out)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
	if (!may_be_ours(fd)) {
		close(fd);
		return err_set(
			ERR_EXISTS,
			"%s: is there already and is no status page: give engine.status_page another path",
			path);
	}
	/* Space is taken now: a full disk is an error here and not a SIGBUS later. */
	int rc = posix_fallocate(fd, 0, sizeof **out);
	if (rc) {
		close(fd);
		return err_set(ERR_IO, "%s: no space: %s", path, strerror(rc));
	}
	rc = map(path, fd, PROT_READ | PROT_WRITE, out);
	if (rc)
		return rc;
	struct snapshot_page *p = *out;
	if (p->magic != SNAPSHOT_MAGIC || p->version != STATUS_VERSION)
		memset(p, 0, sizeof *p);
	p->magic = SNAPSHOT_MAGIC;
	p->version = STATUS_VERSION;
	p->halted = 0;
	p->pid = (uint32_t)getpid();
	return 0;
}

int status_page_read(const char *path, const struct snapshot_page **out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: cannot be opened: %s",
			       path, strerror(errno));
	if (fstat(fd, &st) || st.st_size < (off_t)sizeof **out) {
		close(fd);
		return err_set(ERR_CORRUPT, "%s: is not a status page", path);
	}
	struct snapshot_page *p;
	int rc = map(path, fd, PROT_READ, &p);
	if (rc)
		return rc;
	if (p->magic != SNAPSHOT_MAGIC || p->version != STATUS_VERSION) {
		status_page_close(p);
		return err_set(ERR_CORRUPT, "%s: is not a status page of this version", path);
	}
	*out = p;
	return 0;
}

void status_page_close(const struct snapshot_page *p)
{
	if (p)
		munmap((void *)(uintptr_t)p, sizeof *p);
}
