/* copy_parts - what copying, checking and putting back have in common. Not for others. */
#pragma once
#include "store/copy.h"

/* False: it is not to the byte what is written of what it says. */
bool copy_parse_page(const char *text, struct copy_page *p);
/* Down to the disk, under its name only when it is whole. -ERR_IO. */
int copy_write_page(const char *folder, const struct copy_page *p);
