/* deadman - the venue's switch against our own silence (F72): armed when the session is up, armed again while it lives, never disarmed by a crash.
 *
 * What it cancels is told apart from our own cancels by the adapter (cancel_why), and a rescue that it took away is sent again by the executor, as any that ended
 * unfilled. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Arms what is due; ten times a second. */
void deadman_on_time(struct desk *d);
