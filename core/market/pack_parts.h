/* pack_parts - what the writer and the reader of blocks share: the layout, the checksum, numbers of 7 bits a byte.
 *
 * Not for others, but for the fuzz harness, which seals what it has made up. Numbers of more than a byte lie low byte first. */
#pragma once
#include "core/market/pack.h"
#include <stdbool.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "a block's numbers are copied as they lie");

#define PACK_MAGIC   0x00314b50444e4154u /* "TANDPK1" */
#define PACK_VERSION 1
#define PACK_SLACK   16 /* a number is stored 8 bytes at a time */

struct pack_bytes { /* the head as it lies */
	uint64_t magic;
	uint64_t check; /* of all that follows it */
	uint32_t version, bytes, n_events, list;
	uint16_t n_instruments;
	uint8_t zero[6];
	int64_t first_ns, last_ns, utc_minus_mono_ns;
	char venue[32];
};
_Static_assert(sizeof(struct pack_bytes) == 96, "the head is part of the format");

enum pack_tag {
	PACK_TAG_KIND = 0x0f,
	PACK_TAG_SAME = 0x10,  /* the instrument of the last event that had one */
	PACK_TAG_NONE = 0x20,  /* no instrument */
	PACK_TAG_STAMP = 0x40, /* the venue's stamp follows */
	PACK_TAG_EXTRA = 0x80, /* depth: prev_seq and line follow; trade: the aggressor sold */
};
_Static_assert((int)pack_kind_max <= (int)PACK_TAG_KIND, "kinds fit into the tag");

/* What differences count from; all 0 at the beginning of a block. */
struct pack_last {
	int64_t px[side_max], qty[side_max]; /* of the last quote */
	int64_t deep_px[side_max];	     /* of the first level of the last depth */
	int64_t seq;
	int64_t trade_px, trade_id;
};

/* Differences wrap: what was taken away is added again, whatever the values. */
static inline uint64_t pack_zigzag(int64_t v, int64_t from)
{
	uint64_t d = (uint64_t)v - (uint64_t)from;
	return d << 1 ^ (0 - (d >> 63));
}
static inline int64_t pack_unzigzag(uint64_t z, int64_t from)
{
	return (int64_t)((uint64_t)from + (z >> 1 ^ (0 - (z & 1))));
}

static inline uint64_t pack_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;
	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

/* The checksum of a block's bytes behind its check; FORMAT.md says it in words. */
static inline uint64_t pack_check(const void *bytes, size_t n)
{
	enum { lanes = 4, round = 2 * lanes * sizeof(uint64_t) };
	static const uint64_t salt[lanes] = { 0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u,
					      0x94d049bb133111ebu, 0xd6e8feb86659fd93u };
	const uint8_t *p = bytes;
	uint64_t lane[lanes] = { salt[3], salt[2], salt[1], salt[0] }, w[2 * lanes];
	for (size_t left = n; left; left -= left < round ? left : round, p += round) {
		if (left < round)
			memset(w, 0, sizeof w);
		memcpy(w, p, left < round ? left : round);
		for (int k = 0; k < lanes; k++)
			lane[k] = pack_mix(w[2 * k] ^ lane[k], w[2 * k + 1] ^ salt[k]);
	}
	uint64_t h = n;
	for (int k = 0; k < lanes; k++)
		h = pack_mix(h ^ lane[k], salt[k]);
	return h;
}
