/* Proves that a file's lines come out whole, packed or plain, however long they are, and that what broke off is given as far as it goes and said. */
#include "adapters/import/input.h"
#include "core/base/err.h"
#include "tests/unit/import/files.h"

enum { LINES = 60000 };

/* Lines of changing length that say their own number. */
static char *make_lines(size_t *n)
{
	char *text = malloc(LINES * 160), *p = text;
	for (int i = 0; i < LINES; i++)
		p += sprintf(
			p, "%d %.*s%s", i, i % 97,
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxx",
			i % 3 ? "\n" : "\r\n");
	*n = (size_t)(p - text);
	return text;
}

static struct input *open_name(const char *name)
{
	char path[128];
	struct input *in;
	ck_assert_msg(input_open(file_path(name, path), &in) == 0, "%s", err_text());
	return in;
}

static int count_lines(struct input *in)
{
	const char *line;
	size_t n;
	int i = 0;
	for (; input_line(in, &line, &n); i++) {
		char want[128];
		int k = snprintf(want, sizeof want, "%d ", i);
		EXPECT(n == (size_t)(k + i % 97) && memcmp(line, want, (size_t)k) == 0);
		EXPECT(input_number(in) == (uint64_t)i + 1);
	}
	EXPECT(!input_line(in, &line, &n));
	return i;
}

START_TEST(every_line_arrives_packed_or_plain)
{
	size_t n;
	char *text = make_lines(&n);
	for (int packed = 0; packed < 2; packed++) {
		file_write("a", text, n, packed);
		struct input *in = open_name("a");
		size_t first;
		const char *p = input_first(in, &first);
		ck_assert(first > 1000 && first < n && memcmp(p, text, first) == 0);
		ck_assert_uint_gt(input_size(in), 0);
		ck_assert_int_eq(count_lines(in), LINES);
		ck_assert_int_eq(input_ended(in), INPUT_WHOLE);
		ck_assert_uint_eq(input_read(in), input_size(in));
		input_close(in);
	}
	free(text);
}
END_TEST

START_TEST(it_may_be_closed_at_any_line)
{
	size_t n;
	const char *line;
	char *text = make_lines(&n);
	file_write("a", text, n, true);
	for (int stop = 0; stop < LINES; stop += 4999) {
		struct input *in = open_name("a");
		for (int i = 0; i < stop; i++)
			EXPECT(input_line(in, &line, &n));
		input_close(in);
	}
	free(text);
}
END_TEST

START_TEST(a_torn_file_gives_what_it_has)
{
	size_t n;
	char *text = make_lines(&n);
	file_write("a", text, n, true);
	file_cut("a", 50);
	struct input *in = open_name("a");
	int got = count_lines(in); /* no half line is among them */
	ck_assert(got > LINES / 4 && got < LINES);
	ck_assert_int_eq(input_ended(in), INPUT_TORN);
	input_close(in);
	free(text);
}
END_TEST

START_TEST(a_damaged_file_gives_what_it_has)
{
	size_t n;
	char path[128], *text = make_lines(&n);
	file_write("a", text, n, true);
	FILE *f = fopen(file_path("a", path), "r+b");
	fseek(f, -6, SEEK_END); /* the checksum */
	fputc(0x5a, f);
	fputc(0x5a, f);
	fclose(f);
	struct input *in = open_name("a");
	ck_assert_int_gt(count_lines(in), LINES / 2);
	ck_assert_int_eq(input_ended(in), INPUT_DAMAGED);
	input_close(in);
	free(text);
}
END_TEST

START_TEST(a_line_too_long_is_left_out)
{
	size_t cap = 3 * INPUT_LINE + 100, n = 0;
	char *text = malloc(cap);
	const char *line;
	n += (size_t)sprintf(text, "one\n");
	memset(text + n, 'x', 2 * INPUT_LINE);
	n += 2 * INPUT_LINE;
	n += (size_t)sprintf(text + n, "\ntwo\nthree"); /* no end of line */
	file_write("a", text, n, false);
	struct input *in = open_name("a");
	static const char *const want[] = { "one", "two", "three" };
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(input_line(in, &line, &n), 1);
		ck_assert_msg(n == strlen(want[i]) && memcmp(line, want[i], n) == 0, "%.*s",
			      (int)(n < 20 ? n : 20), line);
	}
	ck_assert_int_eq(input_line(in, &line, &n), 0);
	ck_assert_uint_eq(input_too_long(in), 1);
	input_close(in);
	free(text);
}
END_TEST

START_TEST(what_cannot_be_opened_says_so)
{
	char path[128];
	struct input *in;
	ck_assert_int_eq(input_open(file_path("none", path), &in), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "none"));
	ck_assert_int_eq(input_open(folder, &in), -ERR_IO);
	ck_assert_ptr_nonnull(strstr(err_text(), "folder"));
	file_write("empty", "", 0, false);
	in = open_name("empty");
	size_t n;
	input_first(in, &n);
	ck_assert_uint_eq(n, 0);
	input_close(in);
}
END_TEST

FOLDER_SUITE("input", every_line_arrives_packed_or_plain, it_may_be_closed_at_any_line,
	     a_torn_file_gives_what_it_has, a_damaged_file_gives_what_it_has,
	     a_line_too_long_is_left_out, what_cannot_be_opened_says_so)
