/* Proves that a log which a kill has cut in the middle of a write is read up to its last whole record, that nothing of what the ring still has is missing then, and that a log
 * which has lost more than that, or whose ring is gone, stays damage. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/look.h"
#include "store/place.h"
#include "store/reader.h"
#include "store/store.h"
#include "tests/unit/store/folder.h"
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FACTS = 500 };

static void write_and_die(void *arg)
{
	struct store_options o = { .path = folder, .ring = folder, .ring_bytes = 1 << 20 };
	struct store *s;
	(void)arg;
	log_set_level(LOG_ERROR);
	EXPECT_MSG(store_open(&o, &s) == 0, "%s", err_text());
	for (int i = 0; i < FACTS; i++) {
		struct fact f;
		fact_init(&f, FACT_METRIC);
		EXPECT(store_journal(s)->ops->append(store_journal(s), &f) > 0);
	}
	while (store_drained(s) < FACTS)
		usleep(1000);
	kill(getpid(), SIGKILL);
}

/* The database's newest log. */
static void log_path(char out[400])
{
	char db[300];
	snprintf(db, sizeof db, "%s/db", folder);
	DIR *d = opendir(db);
	EXPECT(d != NULL);
	out[0] = 0;
	for (struct dirent *e; (e = readdir(d));)
		if (strlen(e->d_name) > 4 && !strcmp(e->d_name + strlen(e->d_name) - 4, ".log"))
			snprintf(out, 400, "%s/%.40s", db, e->d_name);
	closedir(d);
	EXPECT(out[0]);
}

/* A record of 8 KiB of which 100 bytes came to be written. */
static void begin_a_record(void *arg)
{
	uint8_t bytes[107] = { 1, 2, 3, 4, 0, 32, 1 };
	char path[400];
	(void)arg;
	log_path(path);
	FILE *f = fopen(path, "ab");
	EXPECT(f && fwrite(bytes, sizeof bytes, 1, f) == 1 && fclose(f) == 0);
}

static void cut(void *arg)
{
	struct stat st;
	char path[400];
	(void)arg;
	log_path(path);
	EXPECT(stat(path, &st) == 0 && truncate(path, st.st_size - 200) == 0);
}

static void forget_ring(void *arg)
{
	char path[400];
	(void)arg;
	snprintf(path, sizeof path, "%s/ring", folder);
	EXPECT(unlink(path) == 0);
}

static void is_whole(void *arg)
{
	struct reader *r;
	struct fact f;
	(void)arg;
	EXPECT_MSG(reader_open(folder, &r) == 0, "%s", err_text());
	EXPECT(reader_last(r) == FACTS);
	for (uint64_t seq = 1; seq <= FACTS; seq++)
		EXPECT_MSG(reader_get(r, seq, &f) == 0 && f.seq == seq, "%s", err_text());
	reader_close(r);
}

static void is_damaged(void *arg)
{
	struct reader *r;
	EXPECT(reader_open(folder, &r) == -ERR_CORRUPT);
	EXPECT_MSG(!arg || strstr(err_text(), arg), "%s", err_text());
}

START_TEST(a_write_that_a_kill_cut)
{
	apart(write_and_die, NULL, SIGKILL);
	apart(is_whole, NULL, 0);
	apart(begin_a_record, NULL, 0);
	apart(is_whole, NULL, 0);
	apart(forget_ring, NULL, 0);
	apart(is_damaged, NULL, 0);
}
END_TEST

START_TEST(more_is_gone_than_a_kill_takes)
{
	char words[] = "and had them up to 500";
	apart(write_and_die, NULL, SIGKILL);
	apart(cut, NULL, 0);
	apart(is_damaged, words, 0);
}
END_TEST

FOLDER_SUITE("look", a_write_that_a_kill_cut, more_is_gone_than_a_kill_takes)
