/* The same libraries are below these tests. */
#include "tests/unit/store/tsan.c"
