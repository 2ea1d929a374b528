/* Proves that keys and checkpoints are those of the published formats, that a changed note is refused whatever is changed, and that an unsafe key is not used. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "store/note.h"
#include "tests/unit/store/folder.h"
#include <sys/stat.h>

static char path[96];

static struct note_key *make_key(const char *name)
{
	struct note_key *k;
	snprintf(path, sizeof path, "%s/%s.key", folder, name);
	ck_assert_int_eq(note_key_make(path, name), 0);
	ck_assert_msg(note_key_open(path, &k) == 0, "%s", err_text());
	return k;
}

static struct note_checkpoint some_checkpoint(void)
{
	struct note_checkpoint c = { .origin = "tandem/00112233", .size = 20852163 };
	merkle_leaf("x", 1, &c.root);
	return c;
}

/* The key and the note that the format's first implementation documents. */
START_TEST(published_example)
{
	static const char vkey[] =
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	struct note_key *k;
	ck_assert_msg(note_key_public(vkey, &k) == 0, "%s", err_text());
	ck_assert_str_eq(note_key_name(k), "PeterNeumann");
	ck_assert_str_eq(note_key_text(k), vkey);
	note_key_free(k);
}
END_TEST

/* What AUDIT.md shows. */
START_TEST(example_of_the_page)
{
	static const char note[] =
		"tandem/567d2a0d59f11fea422df6569e187372\n"
		"821\n"
		"otRQTl+xm6SSxtJ8ZwcdYpkNne3XrJhPaJVSol0koow=\n"
		"\n"
		"\xe2\x80\x94 tandem/567d2a0d59f11fea422df6569e187372 43Eij2XrgxkrwoT7QZsLzZrxb6jZ8xgtPhGbexjUBbmLhfnJ4JGJ7cZ8CHkGyy1P76rdB1KTOgCxsY0K6q/HEm7zbQk=\n";
	struct note_key *k;
	struct note_checkpoint c;
	ck_assert_msg(
		note_key_public(
			"tandem/567d2a0d59f11fea422df6569e187372+e371228f+AdT/Quil78UAxD6k0bwPfHBqoYKQrVYfmrylZvIZ7nLF",
			&k) == 0,
		"%s", err_text());
	ck_assert_msg(note_open(k, note, sizeof note - 1, &c) == 0, "%s", err_text());
	ck_assert_uint_eq(c.size, 821);
	note_key_free(k);
}
END_TEST

START_TEST(signed_and_read)
{
	struct note_key *k = make_key("desk"), *pub;
	struct note_checkpoint c = some_checkpoint(), back;
	char note[NOTE_MAX], file[128];
	int n = note_sign(k, &c, note);
	ck_assert_int_gt(n, 0);
	ck_assert_uint_eq(strlen(note), (size_t)n);
	ck_assert_ptr_nonnull(strstr(note, "tandem/00112233\n20852163\n"));
	ck_assert_ptr_nonnull(strstr(note, "\n\n\xe2\x80\x94 desk "));
	snprintf(file, sizeof file, "%s.pub", path);
	ck_assert_int_eq(note_key_public(file, &pub), 0);
	ck_assert_str_eq(note_key_text(pub), note_key_text(k));
	ck_assert_msg(note_open(pub, note, (size_t)n, &back) == 0, "%s", err_text());
	ck_assert_str_eq(back.origin, c.origin);
	ck_assert_uint_eq(back.size, c.size);
	ck_assert(merkle_same(&back.root, &c.root));
	/* Somebody else's signature beside it, and one more line of text, are within the format. */
	struct note_key *other = make_key("witness");
	ck_assert_int_eq(note_open(other, note, (size_t)n, &back), -ERR_NOTFOUND);
	char more[NOTE_MAX];
	ck_assert_int_gt(note_sign(other, &c, more), 0);
	const char *line = strstr(more, "\n\n") + 2;
	snprintf(note + n, sizeof note - (size_t)n, "%s", line);
	ck_assert_int_eq(note_open(pub, note, strlen(note), &back), 0);
	ck_assert_int_eq(note_open(other, note, strlen(note), &back), 0);
	note_key_free(other);
	note_key_free(pub);
	note_key_free(k);
}
END_TEST

START_TEST(any_change_is_refused)
{
	struct note_key *k = make_key("desk");
	struct note_checkpoint c = some_checkpoint(), back;
	char note[NOTE_MAX], bad[NOTE_MAX];
	struct rng r;
	int n = note_sign(k, &c, note);
	rng_seed(&r, 3);
	for (int i = 0; i < n; i++) {
		memcpy(bad, note, (size_t)n);
		bad[i] = (char)(bad[i] ^ (1 << rng_below(&r, 7)));
		EXPECT_MSG(note_open(k, bad, (size_t)n, &back) < 0, "a bit of byte %d", i);
		EXPECT_MSG(note_open(k, note, (size_t)i, &back) < 0, "cut at byte %d", i);
		memcpy(bad, note, (size_t)i);
		memcpy(bad + i, note + i + 1, (size_t)(n - i - 1));
		/* The last newline's loss is a cut. */
		EXPECT_MSG(note_open(k, bad, (size_t)n - 1, &back) < 0, "without byte %d", i);
	}
	note_key_free(k);
}
END_TEST

START_TEST(keys_that_are_not_used)
{
	struct note_key *k = make_key("desk"), *none;
	char file[128];
	note_key_free(k);
	snprintf(file, sizeof file, "%s", path);
	ck_assert_int_eq(note_key_make(file, "desk"), -ERR_EXISTS);
	ck_assert_int_eq(chmod(file, 0644), 0);
	ck_assert_int_eq(note_key_open(file, &none), -ERR_AUTH);
	ck_assert_ptr_nonnull(strstr(err_text(), "chmod 600"));
	ck_assert_int_eq(chmod(file, 0600), 0);
	snprintf(path, sizeof path, "%s/link", folder);
	ck_assert_int_eq(symlink(file, path), 0);
	ck_assert_int_lt(note_key_open(path, &none), 0);
	snprintf(path, sizeof path, "%s/absent", folder);
	ck_assert_int_eq(note_key_open(path, &none), -ERR_NOTFOUND);
	snprintf(path, sizeof path, "%s/bad", folder);
	ck_assert_int_eq(note_key_make(path, "two words"), -ERR_ARG);
	ck_assert_int_eq(note_key_make(path, "a+b"), -ERR_ARG);
	ck_assert_int_eq(note_key_make(path, ""), -ERR_ARG);
	/* Another name under the same bytes is another key. */
	ck_assert_int_eq(
		note_key_public(
			"PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
			&none),
		-ERR_NOTFOUND);
}
END_TEST

FOLDER_SUITE("note", published_example, example_of_the_page, signed_and_read, any_change_is_refused,
	     keys_that_are_not_used)
