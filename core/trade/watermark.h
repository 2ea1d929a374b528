/* watermark - how far the executions of an account in an instrument are known without a hole, and from where on its venue is asked for them again.
 *
 * The newest execution that was counted is not that point. While a session begins, executions come in by its stream and by questions about single orders before
 * the history of the time when nobody listened has been read, and that may be refused for a while (F43, F64); whoever asked from the newest on would never hear of
 * those below it. So an execution that may lie beyond a hole is counted AHEAD, and its receipt says so; the point follows the stream while the session holds, and
 * what had been counted when a round of reconciliation was asked once that round has been answered in full. No checkpoint is written while anything is ahead. Engine's thread. */
#pragma once
#include "core/trade/position.h"
#include <stdbool.h>
#include <stdint.h>

struct desk;
struct fact;

/* The session of a venue is not up: what happens from now on may be missed, until a round that is asked later has been answered in full. */
void watermark_deaf(struct desk *d, uint16_t venue);
/* A round is asked; and has been answered in full. */
void watermark_asked(struct desk *d, uint16_t venue);
void watermark_told(struct desk *d, uint16_t venue);
/* The account of a venue has been judged: of what the instances trade there, and has never been traded, executions are news from now on. */
void watermark_begin(struct desk *d, uint16_t venue);
/* An execution is counted. True: ahead of what is known without a hole, as its receipt must say. */
bool watermark_count(struct desk *d, uint16_t account, uint32_t instrument, int64_t venue_ns,
		     const char *exec, bool replayed);
/* One that had been counted is told again. */
void watermark_again(struct desk *d, uint16_t account, uint32_t instrument, int64_t venue_ns,
		     const char *exec, bool replayed);
/* Nothing has been counted ahead: at a venue; at all of them. */
bool watermark_whole(const struct desk *d, uint16_t venue);
bool watermark_all_whole(const struct desk *d);
/* From where on a venue must tell the executions of an account again (venue.h, fills_since). */
int64_t watermark_since(struct desk *d, uint16_t account, uint32_t instrument,
			char exec[POSITION_EXEC]);

/* Over a restart: for a checkpoint; from a WATERMARK; from the receipt of an execution. */
void watermark_carry(struct desk *d);
int watermark_recall(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f);
void watermark_recount(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f);
