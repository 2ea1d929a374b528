/* glob - does a text fit a pattern in which '*' stands for anything, and nothing else is special? Pure; any thread. */
#pragma once
#include <stdbool.h>

bool glob_match(const char *pattern, const char *s);
