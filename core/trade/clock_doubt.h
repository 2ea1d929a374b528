/* clock_doubt - a venue that refused a message for its time stamp: it is asked for its clock, nothing that adds risk goes there and rescues are held
 * (`clock`) until it has answered, and at a second refusal in a row for a while besides, longer each time.
 *
 * The stamp is the adapter's: it mends it by the answer. Refused before it was looked at, an order is no verdict on the order (F44, F46). Engine's
 * thread. */
#pragma once
#include "core/trade/desk.h"

/* It refused a message of ours for its stamp; cause: the receipt that says so. */
void clock_doubt(struct desk *d, uint16_t venue, uint64_t cause);
/* It has told its time, asked for at sent_ns (monotonic). */
void clock_doubt_told(struct desk *d, uint16_t venue, int64_t sent_ns);
/* Would it refuse the next message as well, as far as we know? */
bool clock_doubted(const struct desk *d, uint16_t venue);
