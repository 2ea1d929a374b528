#include "store/retention.h"
#include "core/base/date.h"
#include "core/base/err.h"
#include "store/archive.h"
#include "store/place.h"
#include "store/reader.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_NS 86400000000000LL

/* The first receipt that the store still has. -ERR_NOTFOUND: it has none. */
static int oldest(const char *store, struct fact *out)
{
	struct reader *r;
	struct reader_walk *w;
	int rc = reader_open(store, &r);
	if (rc)
		return rc;
	rc = reader_walk_open(r, &(struct reader_filter){ 0 }, &w);
	if (!rc) {
		rc = reader_walk_next(w, out);
		rc = rc == 1 ? 0 : rc == 0 ? -ERR_NOTFOUND : rc;
		reader_walk_close(w);
	}
	reader_close(r);
	return rc;
}

/* One that was made before and could not be taken out is taken again when it is whole. */
static int make_or_take(const char *store, const char *to, const struct copy_span *span,
			struct copy_page *page)
{
	int rc = copy_make(store, to, COPY_ARCHIVE, span, page);
	if (rc != -ERR_EXISTS)
		return rc;
	rc = copy_check(to, page);
	if (!rc && (page->first < span->seq_from || page->last > span->seq_to))
		rc = err_set(ERR_EXISTS, "%s is there already and holds other receipts", to);
	return rc;
}

static int move_day(const char *store, const char *to, int64_t day, uint64_t first)
{
	char folder[PLACE_PATH], name[12];
	struct copy_span span;
	struct copy_page page;
	struct archive_done done;
	int rc = place_in(folder, to, date_format(date_of_days(day), name));
	if (!rc)
		rc = copy_span_of(store, day * DAY_NS, (day + 1) * DAY_NS, &span);
	if (rc)
		return rc;
	span.seq_from = first < span.seq_from ? first : span.seq_from;
	rc = make_or_take(store, folder, &span, &page);
	return rc ? rc : archive_put_away(store, folder, &done);
}

int retention_apply(const char *store, const char *to, uint32_t keep_days, int64_t now_utc_ns,
		    uint32_t *days)
{
	const int64_t kept = date_days_of_s(now_utc_ns / 1000000000) - (int64_t)keep_days;
	*days = 0;
	if (mkdir(to, 0700) && errno != EEXIST)
		return err_set(ERR_IO, "the folder of archives %s cannot be made: %s", to,
			       strerror(errno));
	for (;;) {
		struct fact f;
		int rc = oldest(store, &f);
		int64_t day = rc ? 0 : date_days_of_s(f.utc_ns / 1000000000);
		if (rc == -ERR_NOTFOUND || (!rc && day >= kept))
			return 0;
		if (!rc)
			rc = move_day(store, to, day, f.seq);
		/* What a restart needs is no error: it goes another time. */
		if (rc == -ERR_STATE)
			return 0;
		if (rc)
			return rc;
		++*days;
	}
}
