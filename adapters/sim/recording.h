/* recording - a recorded market: frames of real venues, read back in the order of their time.
 *
 * It reads gzip or plain files of lines "<ns> <json>" and "<seconds>: <json>" ("URL ->
 * <seconds>: <json>" for REST answers), Binance's streams and depth snapshots in them, several
 * files a venue in any order, several venues on one time line. The raw frame comes along, so
 * that a venue can say it again byte by byte. The first snapshot of an instrument is moved ahead
 * of its first frame: books start from it. A line that is no frame is counted and skipped; a
 * file cut off in its compression is played as far as it goes and counted; a file that cannot be
 * opened, or whose bytes are damaged, is an error in words. One owner; opening allocates.
 * Limits: RECORDING_FILES files, lines up to RECORDING_LINE bytes; a snapshot is looked for in
 * the first RECORDING_AHEAD lines of a file. */
#pragma once
#include "adapters/sim/source.h"

#define RECORDING_FILES 64
#define RECORDING_LINE	(1u << 20)
#define RECORDING_AHEAD 20000u
#include <stdbool.h>

struct recording_file {
	const char *path;
	uint16_t venue; /* its frames belong to the source's instruments of this venue */
};

struct recording_config {
	const struct recording_file *file;
	uint32_t n_files;
	const struct source_instrument
		*instrument; /* frames of other symbols are filtered out and counted */
	uint16_t n_instruments;
	bool others; /* also hand out frames that are no depth, quote or trade of these */
};

struct recording_stats {
	uint64_t lines, events;
	uint64_t garbage;   /* lines that are no frame, or a frame that does not decode */
	uint64_t filtered;  /* frames of symbols or kinds that nobody asked for */
	uint64_t backwards; /* time fell: handed out at the time of the one before */
	uint64_t torn;	    /* files that broke off in the middle of their compression */
};

/* -ERR_NOTFOUND, -ERR_IO, -ERR_PARSE (a file with no frame at all), -ERR_ARG, -ERR_NOMEM, in
 * words with the file's name. */
int recording_open(const struct recording_config *c, struct market_source **out);
const struct recording_stats *recording_stats(const struct market_source *s);

/* One line, taken apart: time, and where the JSON begins. Exposed for the fuzz harness.
 * url: a "URL <-> time" or "URL <- ..." line, which carries no frame of a market. */
struct recording_line {
	int64_t time_ns; /* -1: the line has none of its own */
	const char *json;
	size_t n_json;
	const char *url;
	size_t n_url;
};
/* 0, or -ERR_PARSE. */
int recording_line(const char *line, size_t n, struct recording_line *out);
