/* store_feed - recordings in a store as a market for simulated venues and demos: "DB", or "DB#VENUE" where the recorded venue has another name than the one
 * that is to say its prices.
 *
 * Joins what store/blocks.h reads with what adapters/sim/playback.h plays. Main thread, before anything runs; a feed then belongs to its venue. */
#pragma once
#include "adapters/sim/playback.h"
#include "adapters/sim/probe.h"
#include "adapters/sim/server_setup.h"

/* Is it a folder, with or without #VENUE behind it? */
bool store_feed_is(const char *path);
/* The folder's part of it, and the venue's (empty: not said). -ERR_RANGE: too long. */
int store_feed_split(const char *path, char folder[256], char venue[32]);
/* For the files of a setup, which are then folders, all of one store; NULL in *out when they are files of frames. -ERR_NOTFOUND, -ERR_CONFIG, and what
 * blocks_open says. */
int store_feed_open(const struct venue_setup *u, struct playback_feed **out);
void store_feed_close(struct playback_feed *f); /* NULL is nothing */
/* What is recorded of one venue, as probe_file says it of a file; of its first PLAYBACK_AHEAD events. */
int store_feed_probe(const char *path, struct probe_symbol *out, unsigned *n);
/* The two venues of a store that have most of one symbol in common, as "DB#VENUE"; the one that is called spot first. -ERR_NOTFOUND. */
int store_feed_pair(const char *folder, char *spot, char *usdm, size_t cap);
