/* Proves that a source is taken whole and as text, that ^ is found wherever it is an operator and nowhere else. */
#include "lua/source.h"
#include "tests/unit/lua/script.h"
#include <sys/stat.h>
#include <unistd.h>

static int take(const char *text)
{
	struct source s;
	int rc = source_copy(&s, "f.lua", text, strlen(text));
	if (!rc)
		source_free(&s);
	return rc;
}

START_TEST(the_power_operator_is_found_with_its_line)
{
	static const struct {
		const char *text;
		int line;
	} cases[] = {
		{ "x = 1 ^ 2", 1 },
		{ "\n\nlocal x = y^2", 3 },
		{ "-- a ^ b\nx = a^b", 2 },
		{ "--[[ a ^\n b ]] x = a^b", 2 },
		{ "--[==[ a ]] ^\n ]==]\n x = a^b", 3 },
		{ "s = '^' x = a ^ b", 1 },
		{ "s = '\\'^' y = \"^\\\\\" \nx = a ^ b", 2 },
		{ "s = [[ ^ \n ^ ]]\nx = a ^ b", 3 },
		{ "s = [=[ ]] ^ ]=] x = a^b", 1 },
		{ "t[a[1]] = 1\nx = t[a[1]]^2", 2 },
		{ "s = 'a\\\nb^' x = a^b", 2 },
		{ "x = 1 -- ^", 0 },
		{ "x = '^' .. \"^\" .. [[^]] .. [==[^]==]", 0 },
		{ "--[[ never closed ^", 0 },
		{ "s = [[ never closed ^", 0 },
		{ "s = 'never closed ^", 0 },
		{ "", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char where[32];
		int rc = take(cases[i].text);
		ck_assert_msg(rc == (cases[i].line ? -ERR_SCRIPT : 0), "%zu: %s", i, cases[i].text);
		snprintf(where, sizeof(where), "f.lua:%d: the operator ^", cases[i].line);
		if (rc)
			ck_assert_msg(!strncmp(err_text(), where, strlen(where)), "%zu: %s", i,
				      err_text());
	}
}
END_TEST

START_TEST(only_text_and_not_too_much_of_it)
{
	struct source s;
	ck_assert_int_eq(take("\033LJ\2"), -ERR_SCRIPT);
	ck_assert_int_eq(source_copy(&s, "f.lua", "a\0b", 3), -ERR_SCRIPT);
	char *big = calloc(1, SOURCE_MAX + 2);
	memset(big, ' ', SOURCE_MAX + 1);
	ck_assert_int_eq(source_copy(&s, "f.lua", big, SOURCE_MAX + 1), -ERR_SCRIPT);
	ck_assert_int_eq(source_copy(&s, "f.lua", big, SOURCE_MAX), 0);
	source_free(&s);

	char name[] = "/tmp/test_source_XXXXXX";
	int fd = mkstemp(name);
	ck_assert(fd >= 0 && write(fd, big, SOURCE_MAX) == SOURCE_MAX);
	ck_assert_int_eq(source_read(&s, name), 0);
	ck_assert_uint_eq(s.len, SOURCE_MAX);
	uint8_t digest[DIGEST_LEN];
	digest_sha256(big, SOURCE_MAX, digest);
	ck_assert_mem_eq(digest, s.sha256, DIGEST_LEN);
	source_free(&s);
	ck_assert(write(fd, " ", 1) == 1);
	ck_assert_int_eq(source_read(&s, name), -ERR_SCRIPT);
	close(fd);
	unlink(name);
	ck_assert_int_eq(source_read(&s, name), -ERR_IO);
	free(big);
}
END_TEST

/* A pipe has no writer, and who reads it would wait for ever; a device gives what it likes. */
START_TEST(what_is_no_file_of_text_is_not_waited_for)
{
	struct source s;
	char dir[] = "/tmp/test_source_XXXXXX", pipe[64];
	ck_assert(mkdtemp(dir) != NULL);
	snprintf(pipe, sizeof(pipe), "%s/pipe.lua", dir);
	ck_assert_int_eq(mkfifo(pipe, 0600), 0);
	ck_assert_int_eq(source_read(&s, pipe), -ERR_IO);
	ck_assert_msg(strstr(err_text(), "pipe.lua: it is no file of text"), "%s", err_text());
	ck_assert_int_eq(source_read(&s, "/dev/zero"), -ERR_IO);
	ck_assert_int_eq(source_read(&s, dir), -ERR_IO);
	ck_assert_msg(strstr(err_text(), "Is a directory"), "%s", err_text());
	unlink(pipe);
	rmdir(dir);
}
END_TEST

START_TEST(a_word_is_found_only_where_it_is_alone)
{
	struct source s;
	const char *text = "one\ntwo\nthree two\n";
	ck_assert_int_eq(source_copy(&s, "f.lua", text, strlen(text)), 0);
	ck_assert_int_eq(source_find(&s, 1, 2, "two"), 2);
	ck_assert_int_eq(source_find(&s, 1, 9, "two"), 0);
	ck_assert_int_eq(source_find(&s, 3, 3, "two"), 3);
	ck_assert_int_eq(source_find(&s, 1, 9, "four"), 0);
	source_free(&s);
}
END_TEST

SUITE("source", the_power_operator_is_found_with_its_line, only_text_and_not_too_much_of_it,
      what_is_no_file_of_text_is_not_waited_for, a_word_is_found_only_where_it_is_alone)
