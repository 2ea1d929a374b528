/* selftest - proves at start that this machine's LuaJIT can be contained: runs scripts that loop, eat memory and reach for what is not theirs.
 * Every one must be stopped with the VM's host unharmed, or the program does not start. Under 300 ms. Any thread. */
#pragma once

/* 0, or -ERR_STATE with the script that was not contained. */
int selftest_run(void);
