/* scribe - writes the desk's facts: fills in times, names and scales, so that the modules say only what happened.
 *
 * Every function returns the sequence of the receipt, to be the cause of what follows; 0 means the journal has no room, which halts opening. Engine's thread. */
#pragma once
#include "core/trade/alert.h"
#include "core/trade/desk.h"

uint64_t scribe_put(struct desk *d, struct fact *f);
/* Facts with the usual fields of the thing set; the caller adds its numbers and puts it. */
void scribe_order(struct desk *d, struct fact *f, enum fact_kind k, const struct order *o,
		  uint64_t cause);
void scribe_pair(struct desk *d, struct fact *f, enum fact_kind k, const struct pair *p,
		 uint64_t cause);
void scribe_instance(struct desk *d, struct fact *f, enum fact_kind k, uint16_t instance,
		     uint64_t cause);
void scribe_instrument(struct desk *d, struct fact *f, uint32_t instrument);

/* The best prices of an instrument as they were used. */
uint64_t scribe_quote(struct desk *d, uint32_t instrument, uint64_t cause);
/* An alert: a receipt, and word to whoever listens. One about a pair carries its instance. */
uint64_t scribe_alert(struct desk *d, uint64_t cause, enum alert_code code, uint64_t pair,
		      const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same for one of a venue, an instrument or an instance: the fact has them set (scribe_instrument, scribe_instance, fact_init). */
uint64_t scribe_raise(struct desk *d, struct fact *f, enum alert_code code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The whole of a pair as it stands, so that what follows can be understood without what came before (a checkpoint forgets pairs that have
 * ended). Returns the last receipt, 0 when there was no room for one of them. */
uint64_t scribe_whole(struct desk *d, const struct pair *p, uint64_t cause);
/* An operator's word on a pair, with the limits that bound it. */
uint64_t scribe_told(struct desk *d, const struct pair *p, uint64_t cause, const char *text);
uint64_t scribe_leg(struct desk *d, const struct pair *p, unsigned leg, uint64_t cause);
