#include "adapters/sim/server_state.h"
#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x31455441544e4556ull /* "VENTATE1" */

static int open_file(struct server_state *s, const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->fd < 0)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	if (fcntl(s->fd, F_OFD_SETLK, &lock) != 0)
		return err_set(ERR_BUSY, "%s: another venue runs in this folder", path);
	struct stat st;
	if (fstat(s->fd, &st) != 0)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	s->fresh = st.st_size == 0;
	if (!s->fresh && st.st_size != sizeof(struct server_state_page))
		return err_set(ERR_CORRUPT,
			       "%s is no state of a venue: remove the folder to begin anew", path);
	int e = posix_fallocate(s->fd, 0, sizeof(struct server_state_page));
	if (e)
		return err_set(ERR_IO, "%s: %s", path, strerror(e));
	void *p = mmap(NULL, sizeof(struct server_state_page), PROT_READ | PROT_WRITE, MAP_SHARED,
		       s->fd, 0);
	if (p == MAP_FAILED)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	s->page = p;
	return 0;
}

int server_state_open(struct server_state *s, const char *path, uint64_t digest)
{
	*s = (struct server_state){ .fd = -1, .fresh = true };
	int rc = 0;
	if (path)
		rc = open_file(s, path);
	else if (!(s->page = calloc(1, sizeof *s->page)))
		rc = err_set(ERR_NOMEM, "no memory for the state of a venue");
	/* A kill before the first word was written leaves zeros. */
	if (!rc && s->page->magic == 0)
		s->fresh = true;
	else if (!rc && s->page->magic != MAGIC)
		rc = err_set(ERR_CORRUPT,
			     "%s is no state of a venue: remove the folder to begin anew", path);
	if (!rc && !s->fresh && s->page->digest != digest)
		rc = err_set(
			ERR_CONFIG,
			"%s: the market of this folder came from another source or seed; go on with that "
			"one, or take another folder",
			path);
	if (rc) {
		server_state_close(s);
		return rc;
	}
	if (s->fresh) {
		*s->page = (struct server_state_page){ .digest = digest };
		s->page->magic = MAGIC;
	}
	return 0;
}

void server_state_close(struct server_state *s)
{
	if (s->page && s->fd >= 0)
		munmap(s->page, sizeof *s->page);
	else
		free(s->page);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct server_state){ .fd = -1 };
}
