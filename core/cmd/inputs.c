#include "core/cmd/inputs.h"
#include "core/base/digest.h"
#include <stdio.h>

static const char *const kind_name[] = {
#define INPUT_NAME(id, text) [INPUT_##id] = text,
	INPUT_KINDS(INPUT_NAME)
#undef INPUT_NAME
};

static const char *const op_name[] = {
#define INPUT_NAME(id, text) [OP_##id] = text,
	INPUT_OPS(INPUT_NAME)
#undef INPUT_NAME
};

const char *input_kind_name(uint8_t kind)
{
	return kind < input_kind_max ? kind_name[kind] : "an entry of no kind";
}

const char *input_op_name(uint8_t op)
{
	return op < input_op_max ? op_name[op] : "?";
}

void inputs_key(char key[INPUTS_KEY_TEXT], const char *what, const uint8_t sha256[32])
{
	int n = snprintf(key, INPUTS_KEY_TEXT, "%s/", what);
	digest_hex(sha256, DIGEST_LEN, key + n);
}
