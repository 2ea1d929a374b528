/* Proves that digests equal the published vectors of SHA-256 (FIPS 180, NIST CAVP) and print as
 * lower-case text. */
#include "core/base/digest.h"
#include "tests/unit/suite.h"
#include <string.h>

static const struct {
	const char *text;
	const char *hex;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
	  "klmnopqrlmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
	{ "\xc9\x8c\x8e\x55", "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504" },
};

START_TEST(published_vectors)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t out[DIGEST_LEN];
		char hex[DIGEST_HEX];
		digest_sha256(vectors[i].text, strlen(vectors[i].text), out);
		digest_hex(out, sizeof(out), hex);
		ck_assert_str_eq(hex, vectors[i].hex);
	}
}
END_TEST

START_TEST(a_million_bytes)
{
	enum { n = 1000000 };
	char *text = malloc(n);
	memset(text, 'a', n);
	uint8_t out[DIGEST_LEN];
	char hex[DIGEST_HEX];
	digest_sha256(text, n, out);
	digest_hex(out, sizeof(out), hex);
	ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(text);
}
END_TEST

START_TEST(hex_writes_both_halves_of_a_byte)
{
	char hex[9];
	digest_hex((const uint8_t[]){ 0x00, 0x0f, 0xf0, 0xab }, 4, hex);
	ck_assert_str_eq(hex, "000ff0ab");
	digest_hex(NULL, 0, hex);
	ck_assert_str_eq(hex, "");
}
END_TEST

SUITE("digest", published_vectors, a_million_bytes, hex_writes_both_halves_of_a_byte)
