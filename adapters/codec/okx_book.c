#include "adapters/codec/okx_book.h"
#include "core/base/dec.h"
#include <zlib.h>

#define NUMBER_TEXT 24 /* dec_format's most, with its end */

static const char *const verdict_name[] = {
	"verified",
	"numbered",
	"whole",
	"depth whose checksum does not come out: something before it is missing or wrong",
	"a change without numbers that waits for its instrument's next whole book",
	"a change with neither number nor checksum: nothing shows that it follows",
	"a change without numbers whose checksum is of numbers with zeros at their end: nothing shows that it follows",
};
_Static_assert(sizeof verdict_name / sizeof *verdict_name == okx_verdict_max, "a name for each");

const char *okx_verdict_name(enum okx_verdict v)
{
	return (unsigned)v < okx_verdict_max ? verdict_name[v] : "?";
}

int okx_book_init(struct okx_book *b)
{
	*b = (struct okx_book){ 0 };
	return book_init(&b->book, OKX_BOOK_LEVELS);
}

void okx_book_free(struct okx_book *b)
{
	if (b->book.cap)
		book_free(&b->book);
	*b = (struct okx_book){ 0 };
}

bool okx_book_lost(struct okx_book *b)
{
	bool was = b->sound;
	b->sound = false;
	return was;
}

static char *put_number(char *at, int64_t v, unsigned dp)
{
	at += dec_format(v, dp, 0, at);
	*at++ = ':';
	return at;
}

int32_t okx_book_checksum(const struct book *b, unsigned px_dp, unsigned qty_dp)
{
	char text[OKX_SUM_LEVELS * side_max * 2 * NUMBER_TEXT], *at = text;
	for (uint32_t i = 0; i < OKX_SUM_LEVELS; i++) {
		for (unsigned side = 0; side < side_max; side++) {
			const struct level *l = book_best(b, (enum side)side, i);
			if (!l)
				continue;
			at = put_number(at, l->px, px_dp);
			at = put_number(at, l->qty, qty_dp);
		}
	}
	size_t n = at == text ? 0 : (size_t)(at - text) - 1; /* without the last colon */
	return (int32_t)crc32(0, (const Bytef *)text, (uInt)n);
}

/* The book as it is behind the message, unless what lies between is missing. */
static void follow(struct okx_book *b, const struct okx_change *c)
{
	if (c->whole) {
		book_load(&b->book, c->depth);
		b->sound = true;
		b->plain = c->plain;
		return;
	}
	if (c->numbered && c->depth->prev_seq != b->last_seq)
		b->sound = false;
	if (!b->sound)
		return;
	book_apply(&b->book, c->depth);
	b->plain = b->plain && c->plain;
}

static enum okx_verdict judge(const struct okx_book *b, const struct okx_change *c)
{
	if (c->checksum && b->sound && b->plain)
		return okx_book_checksum(&b->book, c->px_dp, c->qty_dp) == c->checksum
			       ? OKX_VERIFIED
			       : OKX_MISMATCH;
	if (c->numbered)
		return OKX_NUMBERED;
	if (c->whole)
		return OKX_ALONE;
	if (!b->sound)
		return OKX_WAITS;
	return c->checksum ? OKX_UNSUMMED : OKX_UNSHOWN;
}

enum okx_verdict okx_book_take(struct okx_book *b, const struct okx_change *c)
{
	struct depth *d = c->depth;
	follow(b, c);
	enum okx_verdict v = judge(b, c);
	if (v >= OKX_MISMATCH) {
		b->sound = false;
		return v;
	}
	/* Without numbers, those that were believed are counted: they follow one another by proof. */
	if (!c->numbered) {
		d->prev_seq = c->whole ? d->prev_seq : b->last_seq;
		d->first_seq = d->last_seq = b->last_seq + 1;
	}
	b->last_seq = d->last_seq;
	return v;
}
