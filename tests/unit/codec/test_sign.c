/* Proves signatures against published vectors, and that a key's file is refused unless it is as safe as it must be. */
#include "adapters/codec/sign.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From the venue's public documentation, made for nothing else than this. */
static const char hmac_key[] = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
static const char hmac_text[] =
	"apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00&quantity=0.01000000"
	"&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT";
static const char hmac_signature[] =
	"aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24";
static const char ed_key[] = "-----BEGIN PRIVATE KEY-----\n"
			     "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n"
			     "-----END PRIVATE KEY-----\n";
static const char ed_text[] = "A\001EXAMPLE\001SPOT\0011\00120240627-11:17:25.223";
static const char ed_signature[] =
	"4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==";

static char folder[64], path[96];

static const char *write_file(const char *text, mode_t mode)
{
	strcpy(folder, "/tmp/test_sign.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/key", folder);
	int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void remove_file(void)
{
	unlink(path);
	rmdir(folder);
}

START_TEST(hmac_is_the_published_one)
{
	struct signer *s;
	char out[SIGN_TEXT];
	ck_assert_int_eq(signer_from_bytes(hmac_key, strlen(hmac_key), SIGN_HMAC_SHA256, &s), 0);
	ck_assert_int_eq(signer_kind(s), SIGN_HMAC_SHA256);
	/* Again and again on the context that was kept. */
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(signer_sign(s, "other", 5, out), 64);
		ck_assert_str_ne(out, hmac_signature);
		ck_assert_uint_eq(signer_sign(s, hmac_text, strlen(hmac_text), out), 64);
		ck_assert_str_eq(out, hmac_signature);
	}
	signer_free(s);
}
END_TEST

START_TEST(ed25519_is_the_published_one)
{
	struct signer *s;
	char out[SIGN_TEXT];
	ck_assert_int_eq(signer_from_bytes(ed_key, strlen(ed_key), SIGN_ED25519, &s), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(signer_sign(s, ed_text, sizeof(ed_text) - 1, out), 88);
		ck_assert_str_eq(out, ed_signature);
	}
	signer_free(s);
}
END_TEST

START_TEST(key_files_are_read_without_white_space)
{
	static const mode_t modes[] = { 0600, 0400 };
	for (size_t i = 0; i < 2; i++) {
		struct signer *s;
		char text[128], out[SIGN_TEXT];
		snprintf(text, sizeof(text), "  %s\r\n", hmac_key);
		ck_assert_int_eq(signer_open(write_file(text, modes[i]), SIGN_HMAC_SHA256, &s), 0);
		signer_sign(s, hmac_text, strlen(hmac_text), out);
		ck_assert_str_eq(out, hmac_signature);
		signer_free(s);
		remove_file();
	}
	struct signer *s;
	ck_assert_int_eq(signer_open(write_file(ed_key, 0600), SIGN_ED25519, &s), 0);
	signer_free(s);
	remove_file();
}
END_TEST

START_TEST(files_that_others_may_read_are_refused)
{
	static const mode_t modes[] = { 0644, 0640, 0604, 0660, 0700, 0601 };
	struct signer *s;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		ck_assert_int_eq(signer_open(write_file(hmac_key, modes[i]), SIGN_HMAC_SHA256, &s),
				 -ERR_AUTH);
		ck_assert_ptr_null(s);
		ck_assert(strstr(err_text(), "chmod"));
		remove_file();
	}
}
END_TEST

START_TEST(links_folders_and_absent_files_are_refused)
{
	struct signer *s;
	char link[128];
	write_file(hmac_key, 0600);
	snprintf(link, sizeof(link), "%s/link", folder);
	ck_assert_int_eq(symlink(path, link), 0);
	ck_assert_int_eq(signer_open(link, SIGN_HMAC_SHA256, &s), -ERR_AUTH);
	unlink(link);
	ck_assert_int_eq(mkfifo(link, 0600), 0);
	ck_assert_int_eq(signer_open(link, SIGN_HMAC_SHA256, &s), -ERR_AUTH);
	unlink(link);
	ck_assert_int_eq(signer_open(folder, SIGN_HMAC_SHA256, &s), -ERR_AUTH);
	ck_assert_int_eq(signer_open(link, SIGN_HMAC_SHA256, &s), -ERR_NOTFOUND);
	remove_file();
}
END_TEST

START_TEST(another_users_file_is_refused)
{
	struct signer *s;
	write_file(hmac_key, 0600);
	if (chown(path, 65534, 65534) == 0)
		ck_assert_int_eq(signer_open(path, SIGN_HMAC_SHA256, &s), -ERR_AUTH);
	remove_file();
}
END_TEST

START_TEST(what_is_no_key_is_refused_and_never_shown)
{
	static const char *const bad[] = {
		"", " \n", "not a key",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	};
	struct signer *s;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_lt(signer_open(write_file(bad[i], 0600), SIGN_ED25519, &s), 0);
		ck_assert(bad[i][0] < '!' || !strstr(err_text(), bad[i]));
		remove_file();
	}
	char large[SIGN_KEY_MAX + 2];
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	ck_assert_int_eq(signer_open(write_file(large, 0600), SIGN_HMAC_SHA256, &s), -ERR_CONFIG);
	remove_file();
}
END_TEST

START_TEST(public_halves)
{
	char out[16];
	ck_assert_int_eq(sign_read_public(write_file(" abcDEF123 \n", 0644), out, sizeof(out)), 0);
	ck_assert_str_eq(out, "abcDEF123");
	ck_assert_int_eq(sign_read_public(path, out, 9), -ERR_FULL);
	remove_file();
	ck_assert_int_eq(sign_read_public(path, out, sizeof(out)), -ERR_NOTFOUND);
	ck_assert_int_eq(sign_read_public(write_file("a\"b", 0600), out, sizeof(out)), -ERR_CONFIG);
	remove_file();
	ck_assert_int_eq(sign_read_public(write_file("\n", 0600), out, sizeof(out)), -ERR_CONFIG);
	remove_file();
}
END_TEST

SUITE("sign", hmac_is_the_published_one, ed25519_is_the_published_one,
      key_files_are_read_without_white_space, files_that_others_may_read_are_refused,
      links_folders_and_absent_files_are_refused, another_users_file_is_refused,
      what_is_no_key_is_refused_and_never_shown, public_halves)
