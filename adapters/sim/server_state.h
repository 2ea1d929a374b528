/* server_state - where a venue's market stands, in a small mapped file that outlives the process: what a restart goes on from.
 *
 * Each field is one word that the kernel keeps when the process is killed. One writer, which holds the file's lock. */
#pragma once
#include "adapters/sim/server_setup.h"
#include <stdbool.h>
#include <stdint.h>

struct server_state_page {
	uint64_t magic;
	uint64_t digest;   /* of the source: another one is another market */
	int64_t source_ns; /* UTC at which a generator begins; 0: not yet known */
	uint64_t popped;   /* events of the source that the books have */
	int64_t market_ns; /* market time of the last of them; 0: the market has not begun */
	int64_t utc_ns;	   /* UTC in the venue's world, last seen */
	int64_t begun_ns; /* UTC of the market's first beginning, the venue's world; plans count from here */
	uint64_t finished;	     /* the market is over */
	uint16_t port[SETUP_VENUES]; /* 0: none yet */
};

struct server_state {
	struct server_state_page *page;
	int fd;
	bool fresh;
};

/* path NULL: in memory only. -ERR_IO; -ERR_BUSY: another venue runs on it; -ERR_CORRUPT; -ERR_CONFIG: it belongs to another source. */
int server_state_open(struct server_state *s, const char *path, uint64_t digest);
void server_state_close(struct server_state *s);
