/* quarter - what the four tests of safety share: each runs its own seeds until a quarter of the pairs has been sent, so that they run side by side. */
#pragma once

/* 0 when all held. which: 1 to 4. */
int quarter(int which);
