/* Proves the form of a log line, that levels filter, that text from outside cannot forge one, and
 * that a line of any length is one write of one line. */
#include "core/base/log.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <pthread.h>
#include <regex.h>
#include <string.h>
#include <unistd.h>

static char said[65536];
static int saved, pipe_read;

static void capture(void)
{
	int fd[2];
	ck_assert_int_eq(pipe(fd), 0);
	saved = dup(STDERR_FILENO);
	dup2(fd[1], STDERR_FILENO);
	close(fd[1]);
	pipe_read = fd[0];
}

static const char *captured(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	size_t n = 0;
	for (ssize_t k; (k = read(pipe_read, said + n, sizeof(said) - 1 - n)) > 0;)
		n += (size_t)k;
	said[n] = 0;
	close(pipe_read);
	return said;
}

static void match(const char *text, const char *pattern)
{
	regex_t re;
	ck_assert_int_eq(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	ck_assert_msg(regexec(&re, text, 0, NULL, 0) == 0, "\"%s\" is not %s", text, pattern);
	regfree(&re);
}

#define STAMP "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z "

START_TEST(a_line_has_time_level_name_and_text)
{
	capture();
	log_warn("feed %d stale", 3);
	match(captured(), STAMP "WARN  feed 3 stale\n$");
	log_set_name("venue");
	capture();
	log_error("refused");
	match(captured(), STAMP "ERROR venue: refused\n$");
	log_set_name("a name beyond its room");
	capture();
	log_info("x");
	match(captured(), STAMP "INFO  a name beyond i: x\n$");
}
END_TEST

START_TEST(levels_filter)
{
	capture();
	log_debug("hidden");
	log_info("shown");
	ck_assert_ptr_null(strstr(captured(), "hidden"));
	ck_assert_ptr_nonnull(strstr(said, "shown"));
	log_set_level(LOG_ERROR);
	capture();
	log_warn("hidden");
	log_error("shown");
	ck_assert_ptr_null(strstr(captured(), "hidden"));
	ck_assert_ptr_nonnull(strstr(said, "shown"));
	log_set_level(LOG_DEBUG);
	capture();
	log_debug("shown");
	match(captured(), STAMP "DEBUG shown\n$");
}
END_TEST

START_TEST(text_from_outside_cannot_forge_a_line)
{
	capture();
	log_info("%s", "bad\n2026-01-01 ERROR forged\r\x1b[2J\x7f\t\xc3\xa9");
	match(captured(), STAMP "INFO  bad 2026-01-01 ERROR forged  \\[2J  \xc3\xa9\n$");
}
END_TEST

START_TEST(a_long_line_is_cut_visibly)
{
	char longer[5000];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	capture();
	log_info("%s", longer);
	captured();
	ck_assert_uint_eq(strlen(said), 1024);
	ck_assert_str_eq(said + 1019, "x...\n");
}
END_TEST

START_TEST(errno_passes_through)
{
	capture();
	errno = ENOENT;
	log_info("%m");
	ck_assert_int_eq(errno, ENOENT);
	match(captured(), "No such file or directory\n$");
}
END_TEST

static void *chatter(void *text)
{
	for (int i = 0; i < 100; i++)
		log_info("%s", (const char *)text);
	return NULL;
}

START_TEST(lines_of_two_threads_do_not_mix)
{
	capture();
	pthread_t thread;
	ck_assert_int_eq(pthread_create(&thread, NULL, chatter, "aaaaaaaaaaaaaaaa"), 0);
	chatter("bbbbbbbbbbbbbbbb");
	pthread_join(thread, NULL);
	captured();
	unsigned lines = 0;
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"), lines++)
		match(line, STAMP "INFO  (a{16}|b{16})$");
	ck_assert_uint_eq(lines, 200);
}
END_TEST

SUITE("log", a_line_has_time_level_name_and_text, levels_filter,
      text_from_outside_cannot_forge_a_line, a_long_line_is_cut_visibly, errno_passes_through,
      lines_of_two_threads_do_not_mix)
