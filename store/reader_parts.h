/* reader_parts - what the reader shows to those of this folder who read more than receipts. Not for others. */
#pragma once
#include "store/away.h"
#include "store/kv.h"
#include "store/reader.h"

struct kv_db *reader_db(struct reader *r);
const char *reader_path(const struct reader *r); /* without links and dots */
/* Newest receipt in the database; those up to reader_last are in the ring only. */
uint64_t reader_db_last(const struct reader *r);
const struct away *reader_away(const struct reader *r);
