/* selftest - proves at start that this machine's LuaJIT can be contained: runs scripts that loop, eat memory and reach for what is not theirs.
 * Every one must be stopped with the VM's host unharmed, or no strategy runs. A load that a busy machine had no time for is
 * tried again. Under 300 ms where it is not. Any thread. */
#pragma once
#include <stdint.h>

/* 0, or -ERR_STATE with the script that was not contained. */
int selftest_run(void);
/* The same with so much CPU time for the first try of each load, 20 ms otherwise; at least 300 us. */
int selftest_run_within(int64_t load_budget_ns);
