/* tree_block - memory that is taken piece by piece and given back all at once: nodes and texts of a tree. One owner. */
#pragma once
#include <stddef.h>

struct tree_block;

/* Zeroed and aligned for anything; NULL when there is no memory. *blocks starts as NULL. */
void *tree_block_take(struct tree_block **blocks, size_t n);
/* A terminated copy. */
char *tree_block_text(struct tree_block **blocks, const char *p, size_t n);
void tree_block_free(struct tree_block *blocks);
