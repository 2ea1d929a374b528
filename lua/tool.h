/* tool - what the shell of `tandem repl` and the tests of scripts are both given by the host: patterns, a power, and a print to standard error. */
#pragma once
#include <lua.h>

/* Pushes a new table with find, match, gmatch, gsub, pow and print. What print writes is said by the function `show` of the same table, which the caller puts there. */
void tool_push(lua_State *L);
