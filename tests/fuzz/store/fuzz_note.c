/* Any bytes: either no checkpoint, or one that says the same when it is read again; as a key: none, or one whose text is read as the same key. */
#include "store/note.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct note_checkpoint c, again;
	struct note_key *k, *same;
	char text[400];
	if (note_open(NULL, (const char *)bytes, len, &c) == 0 &&
	    (note_open(NULL, (const char *)bytes, len, &again) || c.size != again.size ||
	     strcmp(c.origin, again.origin) != 0 || strlen(c.origin) == 0))
		abort();
	if (len >= sizeof text || !memchr(bytes, '+', len) || memchr(bytes, 0, len))
		return 0;
	memcpy(text, bytes, len);
	text[len] = 0;
	if (note_key_public(text, &k))
		return 0;
	if (note_key_public(note_key_text(k), &same) ||
	    strcmp(note_key_text(k), note_key_text(same)) != 0)
		abort();
	note_key_free(k);
	note_key_free(same);
	return 0;
}
