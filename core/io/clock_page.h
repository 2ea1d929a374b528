/* clock_page - one clock for host and venue: a small shared file through which a simulated venue
 * decides what time it is.
 *
 * REAL: virtual time runs at `speed` times the machine's. STEP: time stands still until the
 * venue moves it, and it may move it only once the host has taken in every byte sent to it and
 * has nothing left to do (clock_page_quiet): a recording runs as fast as both can go, and no
 * order comes later than it would have. Bytes are counted by connection, so a connection that
 * breaks takes its lost bytes with it. Each side holds a lock on the file that the kernel drops
 * when it dies: the other sees it, and a restarted one begins a new epoch. When the venue dies
 * in STEP mode the host lets time run on at speed 1. One thread a side; env_live does the
 * book-keeping of both sides. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum clock_role { CLOCK_HOST, CLOCK_VENUE, clock_role_max };
enum clock_mode { CLOCK_REAL, CLOCK_STEP, clock_mode_max };
enum clock_conn_state { CLOCK_CONN_NONE, CLOCK_CONN_OPENING, CLOCK_CONN_UP, clock_conn_state_max };
enum clock_quiet { CLOCK_NO_HOST, CLOCK_HOST_BUSY, CLOCK_HOST_QUIET, clock_quiet_max };

#define CLOCK_CONNS 128 /* connections between the two at once */
#define CLOCK_PORTS 32	/* ports the venue listens on */

struct clock_shared; /* what is in the file */

struct clock_page {
	struct clock_shared *shared;
	int fd;
	uint8_t role;
	uint32_t bell_seen; /* of this side's bell */
	uint32_t hushed;    /* waits that are to sleep at once */
};

/* Venue: make the page, or take over the one a dead venue left: virtual time goes on from there,
 * never back. utc_ns: what UTC it is now in the venue's world; 0: the machine's. Starts in REAL
 * at speed 1. -ERR_BUSY: another venue holds it. -ERR_IO. */
int clock_page_create(const char *path, int64_t utc_ns, struct clock_page **out);
/* Host: follow a page. -ERR_NOTFOUND, -ERR_BUSY (another host), -ERR_CORRUPT (not a clock page,
 * or another version). */
int clock_page_open(const char *path, struct clock_page **out);
void clock_page_close(struct clock_page *c);

void clock_page_now(const struct clock_page *c, int64_t *mono_ns, int64_t *utc_ns);
enum clock_mode clock_page_mode(const struct clock_page *c);
/* Machine nanoseconds that `virtual_ns` of virtual time take now; INT64_MAX in STEP mode. */
int64_t clock_page_real_wait(const struct clock_page *c, int64_t virtual_ns);

/* Venue. speed_milli: 1000 is the machine's pace, 1 to 1,000,000. */
int clock_page_set_real(struct clock_page *c, uint32_t speed_milli);
void clock_page_set_step(struct clock_page *c);
/* STEP: it is now mono_ns (UTC moves along); never back. */
void clock_page_step_to(struct clock_page *c, int64_t mono_ns);
/* The venue's UTC jumps to utc_ns; monotonic time does not. */
void clock_page_set_utc(struct clock_page *c, int64_t utc_ns);
/* May time be moved? When CLOCK_HOST_QUIET, *next_timer_ns is when the host wants to wake
 * (INT64_MAX: never). */
enum clock_quiet clock_page_quiet(const struct clock_page *c, int64_t *next_timer_ns);

/* ---- book-keeping, done by env_live ---- */
void clock_page_add_port(struct clock_page *c, uint16_t port); /* venue: connections to it count */
bool clock_page_has_port(const struct clock_page *c, uint16_t port);
/* The line of this connection in the table; key: the same on both sides, 1 to 2^48-1. The host
 * makes it, before it connects: -ERR_FULL. The venue finds it: -ERR_NOTFOUND is a client that
 * does not follow this clock. */
int clock_page_conn(struct clock_page *c, uint64_t key);
void clock_page_conn_state(struct clock_page *c, int conn, enum clock_conn_state s);
void clock_page_conn_rx(struct clock_page *c, int conn, size_t n);
void clock_page_conn_tx(struct clock_page *c, int conn, size_t n);
/* Host: nothing to do until next_timer_ns (false: that is past already); and: no longer so. */
bool clock_page_host_idle(struct clock_page *c, int64_t next_timer_ns);
void clock_page_host_busy(struct clock_page *c);
/* Ring after bytes were written, or time was moved; wait until rung, at most max_ns of real
 * time. */
void clock_page_ring(struct clock_page *c);
void clock_page_wait(struct clock_page *c, int64_t max_ns);
/* False when the other side's process is gone (or has not come yet). */
bool clock_page_other_alive(const struct clock_page *c);
/* Host: the venue is dead in STEP mode: time runs on at speed 1. */
void clock_page_run_on(struct clock_page *c);

struct clock_page_counts {
	uint64_t steps, turns;		  /* time moved; host went idle */
	uint32_t venue_epoch, host_epoch; /* starts of each side */
};
void clock_page_counts(const struct clock_page *c, struct clock_page_counts *out);
