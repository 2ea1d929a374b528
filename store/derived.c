#include "store/derived.h"
#include "store/writer.h"
#include <string.h>

int derived_init(struct derived *d)
{
	d->begun = 0;
	return index_batch_init(&d->index, DERIVED_BATCH);
}

void derived_free(struct derived *d)
{
	index_batch_free(&d->index);
}

static int name(const struct fact *f, struct kv_batch *into, struct kv_db *db)
{
	uint8_t key[9] = { (uint8_t)f->num[0] };
	kv_be64(key + 1, (uint64_t)f->num[1]);
	return kv_batch_put(into, db, KV_NAMES, key, sizeof key, f->text,
			    strnlen(f->text, FACT_TEXT));
}

static int mark(struct kv_batch *into, struct kv_db *db, const char *key, uint64_t seq)
{
	uint8_t value[8];
	kv_be64(value, seq);
	return kv_batch_put(into, db, KV_STATE, key, strlen(key), value, sizeof value);
}

/* It counts from its first receipt, and only once its last is here. */
static int checkpoint(struct derived *d, const struct fact *f, struct kv_batch *into,
		      struct kv_db *db)
{
	if (f->num[0] == CHECKPOINT_BEGIN) {
		d->begun = f->seq;
		return mark(into, db, WRITER_BEGUN, f->seq);
	}
	return d->begun ? mark(into, db, WRITER_CHECKPOINT, d->begun) : 0;
}

int derived_add(struct derived *d, const struct fact *f, struct kv_batch *into, struct kv_db *db)
{
	index_collect(&d->index, f);
	if (f->kind == FACT_NAME)
		return name(f, into, db);
	return f->kind == FACT_CHECKPOINT ? checkpoint(d, f, into, db) : 0;
}

int derived_write(struct derived *d, struct kv_batch *into, struct kv_db *db)
{
	return index_write(&d->index, into, db);
}
