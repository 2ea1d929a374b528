/* wire_stream - market data as the streams carry it: names of streams, frames of made events, the parts of recorded ones, and the requests of a stream's client.
 *
 * A recorded frame is said again byte by byte under its own name; under a neighbouring name (another speed of the same depth) only its wrapper
 * changes. No state. Limits: partial books, klines and the like exist only where they were recorded, under exactly that name. */
#pragma once
#include "adapters/sim/source.h"
#include "core/market/instrument.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_STREAM_NAME 64

enum stream_kind {
	STREAM_QUOTE,
	STREAM_DEPTH,
	STREAM_TRADE,
	STREAM_AGG,
	STREAM_OTHER,
	stream_kind_max
};

struct wire_stream {
	char name[WIRE_STREAM_NAME]; /* as it was asked for */
	uint8_t kind;		     /* enum stream_kind */
	uint16_t
		instrument; /* UINT16_MAX: no symbol that is traded here; STREAM_OTHER: of no meaning */
};

/* "btcusdt@depth@100ms". False: too long, or not of printable characters. */
bool wire_stream_parse(const char *name, size_t n, const struct instrument *i,
		       uint16_t n_instruments, struct wire_stream *out);
/* Would a frame of stream `of` go to one who asked for `asked`? */
bool wire_stream_match(const struct wire_stream *asked, const struct wire_stream *of);

/* A recorded frame: {"stream":"NAME","data":DATA}; without that wrapper all of it is DATA and the name empty. */
struct wire_frame {
	const char *name, *data;
	size_t n_name, n_data;
};
void wire_frame_split(const char *raw, size_t n, struct wire_frame *out);

/* DATA of a made event. `as`: STREAM_TRADE or STREAM_AGG for trades. prev_seq: of the depth frame before. Returns its length, 0: it does not fit. */
size_t wire_stream_data(char *out, size_t cap, bool futures, const struct instrument *i,
			const struct source_event *e, enum stream_kind as, int64_t venue_ns);

/* What a client of a stream asks for. */
enum stream_request {
	REQUEST_SUBSCRIBE,
	REQUEST_UNSUBSCRIBE,
	REQUEST_LIST,
	REQUEST_BAD,
	stream_request_max
};
#define WIRE_STREAM_PARAMS 200
struct wire_stream_ask {
	uint8_t kind; /* enum stream_request */
	char id[272]; /* JSON */
	int code;     /* of REQUEST_BAD */
	char msg[160];
	uint32_t n;
	char name[WIRE_STREAM_PARAMS][WIRE_STREAM_NAME];
};
void wire_stream_ask(struct wire_stream_ask *a, const char *text, size_t n);
