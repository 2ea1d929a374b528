#include "core/cmd/store_feed.h"
#include "core/base/err.h"
#include "store/blocks.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define NOT_WANTED UINT16_MAX

struct store_feed {
	struct playback_feed port;
	struct blocks *blocks;
	char folder[256];
	const struct venue_setup *setup;
	uint16_t venue_of[SETUP_VENUES]; /* of ours, in the store; NOT_WANTED: none */
	const struct source_instrument *want;
	uint16_t n_want;
	uint16_t *index_of; /* by the store's instrument: of the list that is wanted */
	uint32_t n_known;
};

/* ---------------------------------------------------------------- names */

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int store_feed_split(const char *path, char folder[256], char venue[32])
{
	const char *mark = is_folder(path) ? NULL : strrchr(path, '#');
	size_t n = mark ? (size_t)(mark - path) : strlen(path);
	if (n >= 256 || (mark && strlen(mark + 1) >= 32))
		return err_set(ERR_RANGE, "%.100s...: the path of the recording is too long", path);
	memcpy(folder, path, n);
	folder[n] = '\0';
	strcpy(venue, mark ? mark + 1 : "");
	return 0;
}

bool store_feed_is(const char *path)
{
	char folder[256], venue[32];
	return store_feed_split(path, folder, venue) == 0 && is_folder(folder);
}

/* "BTC-USDT" and "btcusdt" are one symbol. */
static bool same_symbol(const char *a, const char *b)
{
	for (;;) {
		while (*a && !isalnum((unsigned char)*a))
			a++;
		while (*b && !isalnum((unsigned char)*b))
			b++;
		if (toupper((unsigned char)*a) != toupper((unsigned char)*b))
			return false;
		if (!*a)
			return true;
		a++;
		b++;
	}
}

static uint16_t find_venue(const struct blocks *b, const char *name)
{
	for (uint16_t v = 0; blocks_venue(b, v); v++)
		if (strcasecmp(blocks_venue(b, v), name) == 0)
			return v;
	return NOT_WANTED;
}

static int no_such_venue(const struct store_feed *f, const char *ours, const char *said)
{
	char names[160] = "";
	size_t n = 0;
	const char *name;
	for (uint16_t v = 0; (name = blocks_venue(f->blocks, v)) && n < sizeof names; v++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", v ? ", " : "", name);
	return err_set(
		ERR_NOTFOUND,
		"the store %s has no recording of a venue %s; it has: %s; say which one %s is: "
		"%s = \"%s#NAME\"",
		f->folder, said, names, ours, ours, f->folder);
}

/* ---------------------------------------------------------------- the port */

static struct store_feed *of_port(struct playback_feed *f)
{
	return (struct store_feed *)f; /* it is its first member */
}

static int feed_want(struct playback_feed *port, const struct source_instrument *i, uint16_t n)
{
	struct store_feed *f = of_port(port);
	f->want = i;
	f->n_want = n;
	f->n_known = 0;
	return 0;
}

static uint16_t find_wanted(const struct store_feed *f, const struct blocks_instrument *i)
{
	for (uint16_t k = 0; k < f->n_want; k++)
		if (f->want[k].venue < SETUP_VENUES && f->venue_of[f->want[k].venue] == i->venue &&
		    same_symbol(f->want[k].symbol, i->i.symbol))
			return k;
	return NOT_WANTED;
}

/* Instruments of the store are met on the way. */
static int learn(struct store_feed *f, uint32_t instrument)
{
	uint16_t *more = realloc(f->index_of, (instrument + 1u) * sizeof *more);
	if (!more)
		return err_set(ERR_NOMEM, "no memory for the instruments of a recording");
	f->index_of = more;
	for (; f->n_known <= instrument; f->n_known++)
		more[f->n_known] = find_wanted(f, blocks_instrument(f->blocks, f->n_known));
	return 0;
}

static int feed_next(struct playback_feed *port, struct playback_event *out)
{
	struct store_feed *f = of_port(port);
	struct blocks_event e;
	int rc = blocks_next(f->blocks, &e);
	if (rc <= 0)
		return rc;
	*out = (struct playback_event){ .ev = e.ev, .line_ns = e.line_ns };
	if (e.ev.instrument == UINT32_MAX)
		return 1;
	rc = e.ev.instrument < f->n_known ? 0 : learn(f, e.ev.instrument);
	if (rc)
		return rc;
	const struct blocks_instrument *i = blocks_instrument(f->blocks, e.ev.instrument);
	uint16_t k = f->index_of[e.ev.instrument];
	out->ev.instrument = k == NOT_WANTED ? UINT32_MAX : k;
	out->px_dp = i->i.px_dp;
	out->qty_dp = i->i.qty_dp;
	return 1;
}

static int feed_rewind(struct playback_feed *port)
{
	return blocks_rewind(of_port(port)->blocks);
}

static void feed_free(struct playback_feed *port)
{
	struct store_feed *f = of_port(port);
	blocks_close(f->blocks);
	free(f->index_of);
	free(f);
}

static const struct playback_ops ops = {
	.want = feed_want,
	.next = feed_next,
	.rewind = feed_rewind,
	.free = feed_free,
};

void store_feed_close(struct playback_feed *f)
{
	if (f)
		f->ops->free(f);
}

/* ---------------------------------------------------------------- opening */

static int choose_venue(struct store_feed *f, const struct setup_file *file)
{
	char folder[256], venue[32];
	const char *ours = f->setup->venue[file->venue].name;
	int rc = store_feed_split(file->path, folder, venue);
	if (rc)
		return rc;
	if (strcmp(folder, f->folder) != 0)
		return err_set(ERR_CONFIG,
			       "%s and %s: a market is played from one store; import both into one",
			       f->folder, folder);
	const char *said = venue[0] ? venue : ours;
	f->venue_of[file->venue] = find_venue(f->blocks, said);
	return f->venue_of[file->venue] == NOT_WANTED ? no_such_venue(f, ours, said) : 0;
}

int store_feed_open(const struct venue_setup *u, struct playback_feed **out)
{
	char venue[32];
	unsigned stores = 0;
	*out = NULL;
	for (uint32_t i = 0; u->source == SETUP_RECORDING && i < u->n_files; i++)
		stores += store_feed_is(u->file[i].path);
	if (!stores)
		return 0;
	if (stores != u->n_files)
		return err_set(
			ERR_CONFIG,
			"the recording is files of frames and a store; it must be one of them");
	struct store_feed *f = calloc(1, sizeof *f);
	if (!f)
		return err_set(ERR_NOMEM, "no memory to play a recording");
	f->port.ops = &ops;
	f->setup = u;
	memset(f->venue_of, 0xff, sizeof f->venue_of);
	int rc = store_feed_split(u->file[0].path, f->folder, venue);
	if (!rc)
		rc = blocks_open(f->folder, NULL, &f->blocks);
	for (uint32_t i = 0; i < u->n_files && !rc; i++)
		rc = choose_venue(f, &u->file[i]);
	if (rc)
		feed_free(&f->port);
	else
		*out = &f->port;
	return rc;
}
