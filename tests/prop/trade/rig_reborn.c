/* The bench of tests/unit/trade, for this folder's programs. */
#include "tests/unit/trade/rig_reborn.c"
