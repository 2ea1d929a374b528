/* note_parts - the inside of a key, for note*.c alone. */
#pragma once
#include "store/note.h"
#include <openssl/types.h>

struct note_key {
	char name[NOTE_NAME], text[NOTE_PUBLIC];
	uint8_t id[4];
	EVP_PKEY *key; /* the public half is in it in any case */
};
