#include "store/receipt.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <msgpack.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 4 /* a map of values today; room for lists of lists to come */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "fields of every width are read as low bytes");

enum field_type { F_UINT, F_INT, F_TEXT, F_NUMS };

/* One line a field: what stands in FORMAT.md, in the order in which it is written. `unset` is left out. */
struct field {
	uint8_t key, type;
	uint16_t at, size;
	uint64_t unset;
};
#define FIELD(key, type, member, unset)                                                       \
	{                                                                                     \
		key, type, offsetof(struct fact, member), sizeof(((struct fact *)0)->member), \
			unset                                                                 \
	}
static const struct field fields[] = {
	FIELD(0, F_UINT, version, 0),	  FIELD(1, F_UINT, seq, 0),
	FIELD(2, F_UINT, kind, 0),	  FIELD(3, F_UINT, cause, 0),
	FIELD(4, F_INT, mono_ns, 0),	  FIELD(5, F_INT, utc_ns, 0),
	FIELD(6, F_INT, venue_ns, 0),	  FIELD(7, F_INT, clock_bound_ns, 0),
	FIELD(8, F_UINT, turn, 0),	  FIELD(9, F_UINT, pair, 0),
	FIELD(10, F_UINT, order, 0),	  FIELD(11, F_UINT, round, 0),
	FIELD(12, F_UINT, leg, 0xff),	  FIELD(13, F_UINT, side, FACT_NO_SIDE),
	FIELD(14, F_UINT, offset, 0),	  FIELD(15, F_UINT, state, 0),
	FIELD(16, F_UINT, px_dp, 0),	  FIELD(17, F_UINT, qty_dp, 0),
	FIELD(18, F_UINT, venue, 0),	  FIELD(19, F_UINT, account, 0),
	FIELD(20, F_UINT, instrument, 0), FIELD(21, F_UINT, instance, 0),
	FIELD(22, F_UINT, script, 0),	  FIELD(23, F_UINT, fee_asset, 0),
	FIELD(24, F_INT, px, 0),	  FIELD(25, F_INT, qty, 0),
	FIELD(26, F_INT, fee_e8, 0),	  FIELD(27, F_TEXT, venue_order, 0),
	FIELD(28, F_TEXT, exec, 0),	  FIELD(29, F_TEXT, text, 0),
	FIELD(30, F_NUMS, num, 0),
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

struct receipt_encoder {
	msgpack_sbuffer buf;
	msgpack_packer packer;
};

struct receipt_encoder *receipt_encoder_new(void)
{
	struct receipt_encoder *e = malloc(sizeof(*e));
	if (!e)
		return NULL;
	msgpack_sbuffer_init(&e->buf);
	msgpack_packer_init(&e->packer, &e->buf, msgpack_sbuffer_write);
	return e;
}

void receipt_encoder_free(struct receipt_encoder *e)
{
	if (!e)
		return;
	msgpack_sbuffer_destroy(&e->buf);
	free(e);
}

static uint64_t load(const struct fact *f, const struct field *d)
{
	uint64_t v = 0;
	memcpy(&v, (const char *)f + d->at, d->size);
	return v;
}

/* How many of num[] are written: up to the last that is not zero. */
static uint32_t nums_used(const struct fact *f)
{
	uint32_t n = FACT_NUMS;
	while (n > 0 && f->num[n - 1] == 0)
		n--;
	return n;
}

static bool is_set(const struct fact *f, const struct field *d)
{
	if (d->type == F_TEXT)
		return ((const char *)f)[d->at] != 0;
	return d->type == F_NUMS ? nums_used(f) > 0 : load(f, d) != d->unset;
}

static int pack_value(msgpack_packer *p, const struct fact *f, const struct field *d)
{
	const char *text = (const char *)f + d->at;
	size_t len;
	int rc = 0;
	switch ((enum field_type)d->type) {
	case F_UINT:
		return msgpack_pack_uint64(p, load(f, d));
	case F_INT:
		return msgpack_pack_int64(p, (int64_t)load(f, d));
	case F_TEXT:
		len = strnlen(text, d->size - 1u);
		rc = msgpack_pack_str(p, len);
		return rc ? rc : msgpack_pack_str_body(p, text, len);
	case F_NUMS:
		rc = msgpack_pack_array(p, nums_used(f));
		for (uint32_t i = 0; i < nums_used(f) && !rc; i++)
			rc = msgpack_pack_int64(p, f->num[i]);
		return rc;
	}
	return rc;
}

int receipt_encode(struct receipt_encoder *e, const struct fact *f, const void **bytes, size_t *n)
{
	msgpack_sbuffer_clear(&e->buf);
	const struct field *set[N_FIELDS];
	uint32_t count = 0;
	for (size_t i = 0; i < N_FIELDS; i++)
		if (is_set(f, &fields[i]))
			set[count++] = &fields[i];
	int rc = msgpack_pack_map(&e->packer, count);
	for (uint32_t i = 0; i < count && !rc; i++) {
		rc = msgpack_pack_uint8(&e->packer, set[i]->key);
		if (!rc)
			rc = pack_value(&e->packer, f, set[i]);
	}
	if (rc)
		return err_set(ERR_NOMEM, "no memory for the bytes of receipt %llu",
			       (unsigned long long)f->seq);
	*bytes = e->buf.data;
	*n = e->buf.size;
	return 0;
}

/* What a msgpack head byte announces: so many bytes of its own length field and of fixed payload. */
struct head {
	uint8_t count_bytes, fixed;
	uint8_t payload; /* the count counts bytes */
	uint8_t items;	 /* the count counts values: 1 an array, 2 a map */
};

/* Heads 0xc0 to 0xdf; 0xc1 is never used and refused before. */
static const struct head heads[32] = {
	[0xc4 - 0xc0] = { 1, 0, 1, 0 },	 [0xc5 - 0xc0] = { 2, 0, 1, 0 },
	[0xc6 - 0xc0] = { 4, 0, 1, 0 },	 [0xc7 - 0xc0] = { 1, 1, 1, 0 },
	[0xc8 - 0xc0] = { 2, 1, 1, 0 },	 [0xc9 - 0xc0] = { 4, 1, 1, 0 },
	[0xca - 0xc0] = { 0, 4, 0, 0 },	 [0xcb - 0xc0] = { 0, 8, 0, 0 },
	[0xcc - 0xc0] = { 0, 1, 0, 0 },	 [0xcd - 0xc0] = { 0, 2, 0, 0 },
	[0xce - 0xc0] = { 0, 4, 0, 0 },	 [0xcf - 0xc0] = { 0, 8, 0, 0 },
	[0xd0 - 0xc0] = { 0, 1, 0, 0 },	 [0xd1 - 0xc0] = { 0, 2, 0, 0 },
	[0xd2 - 0xc0] = { 0, 4, 0, 0 },	 [0xd3 - 0xc0] = { 0, 8, 0, 0 },
	[0xd4 - 0xc0] = { 0, 2, 0, 0 },	 [0xd5 - 0xc0] = { 0, 3, 0, 0 },
	[0xd6 - 0xc0] = { 0, 5, 0, 0 },	 [0xd7 - 0xc0] = { 0, 9, 0, 0 },
	[0xd8 - 0xc0] = { 0, 17, 0, 0 }, [0xd9 - 0xc0] = { 1, 0, 1, 0 },
	[0xda - 0xc0] = { 2, 0, 1, 0 },	 [0xdb - 0xc0] = { 4, 0, 1, 0 },
	[0xdc - 0xc0] = { 2, 0, 0, 1 },	 [0xdd - 0xc0] = { 4, 0, 0, 1 },
	[0xde - 0xc0] = { 2, 0, 0, 2 },	 [0xdf - 0xc0] = { 4, 0, 0, 2 },
};

/* Steps over one value; NULL when it goes past the end or too deep. Every announced item takes at
 * least a byte, so no count can ask for more memory than there are bytes. */
static const uint8_t *step_over(const uint8_t *p, const uint8_t *end, unsigned depth)
{
	if (p == end || depth > DEPTH_MAX)
		return NULL;
	uint8_t b = *p++;
	uint64_t bytes = 0, items = 0;
	if (b >= 0xc0 && b <= 0xdf) {
		const struct head *h = &heads[b - 0xc0];
		if (b == 0xc1 || (size_t)(end - p) < h->count_bytes)
			return NULL;
		uint64_t count = 0;
		for (unsigned i = 0; i < h->count_bytes; i++)
			count = count << 8 | *p++;
		bytes = h->fixed + count * h->payload;
		items = count * h->items;
	} else if (b >= 0x80 && b <= 0x8f) {
		items = 2u * (b & 15);
	} else if (b >= 0x90 && b <= 0x9f) {
		items = b & 15;
	} else if (b >= 0xa0 && b <= 0xbf) {
		bytes = b & 31;
	}
	uint64_t left = (uint64_t)(end - p);
	if (bytes > left || items > left)
		return NULL;
	p += bytes;
	for (; items > 0 && p; items--)
		p = step_over(p, end, depth + 1);
	return p;
}

static bool take_int(const msgpack_object *o, int64_t *v)
{
	if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
		*v = o->via.i64;
	else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= INT64_MAX)
		*v = (int64_t)o->via.u64;
	else
		return false;
	return true;
}

/* Puts a value into its field; false when the field cannot hold it. */
static bool take(struct fact *f, const struct field *d, const msgpack_object *o)
{
	char *at = (char *)f + d->at;
	int64_t v;
	switch ((enum field_type)d->type) {
	case F_UINT:
		if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER ||
		    (d->size < 8 && o->via.u64 >> (8 * d->size)))
			return false;
		memcpy(at, &o->via.u64, d->size);
		return true;
	case F_INT:
		if (!take_int(o, &v))
			return false;
		memcpy(at, &v, sizeof(v));
		return true;
	case F_TEXT:
		if (o->type != MSGPACK_OBJECT_STR || o->via.str.size >= d->size)
			return false;
		memcpy(at, o->via.str.ptr, o->via.str.size);
		return true;
	case F_NUMS:
		if (o->type != MSGPACK_OBJECT_ARRAY)
			return false;
		/* A later version may have more of them: those are not ours. */
		for (uint32_t i = 0; i < o->via.array.size && i < FACT_NUMS; i++)
			if (!take_int(&o->via.array.ptr[i], &f->num[i]))
				return false;
		return true;
	}
	return false;
}

static int take_map(const msgpack_object *map, struct fact *f)
{
	if (map->type != MSGPACK_OBJECT_MAP)
		return err_set(ERR_CORRUPT, "a receipt is a map of fields; this is none");
	for (uint32_t i = 0; i < map->via.map.size; i++) {
		const msgpack_object_kv *e = &map->via.map.ptr[i];
		/* Keys that are not ours belong to a later version. */
		if (e->key.type != MSGPACK_OBJECT_POSITIVE_INTEGER || e->key.via.u64 >= N_FIELDS)
			continue;
		if (!take(f, &fields[e->key.via.u64], &e->val))
			return err_set(ERR_CORRUPT,
				       "field %u of a receipt has a value that it cannot hold",
				       (unsigned)e->key.via.u64);
	}
	if (f->px_dp > DEC_DP_MAX || f->qty_dp > DEC_DP_MAX)
		return err_set(ERR_CORRUPT, "a receipt with %u and %u decimals; at most %d are",
			       f->px_dp, f->qty_dp, DEC_DP_MAX);
	return 0;
}

int receipt_decode(const void *bytes, size_t n, struct fact *out)
{
	if (n > RECEIPT_BYTES_MAX)
		return err_set(ERR_CORRUPT, "a receipt of %zu bytes: more than %d are none of ours",
			       n, RECEIPT_BYTES_MAX);
	const uint8_t *end = (const uint8_t *)bytes + n;
	if (step_over(bytes, end, 0) != end)
		return err_set(ERR_CORRUPT, "%zu bytes that are not one whole msgpack value", n);
	fact_init(out, FACT_NONE);
	out->version = 0;
	msgpack_zone zone;
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return err_set(ERR_NOMEM, "no memory to read a receipt");
	msgpack_object o;
	size_t at = 0;
	int rc;
	if (msgpack_unpack(bytes, n, &at, &zone, &o) < 0)
		rc = err_set(ERR_CORRUPT, "msgpack refuses the bytes of a receipt");
	else
		rc = take_map(&o, out);
	msgpack_zone_destroy(&zone);
	return rc;
}
