#include "lua/tree_block.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK 16384

struct tree_block {
	struct tree_block *next;
	size_t used, cap;
	max_align_t data[];
};

void *tree_block_take(struct tree_block **blocks, size_t n)
{
	n = (n + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
	struct tree_block *b = *blocks;
	if (!b || n > b->cap - b->used) {
		size_t cap = n > BLOCK ? n : BLOCK;
		b = calloc(1, sizeof(*b) + cap);
		if (!b)
			return NULL;
		b->cap = cap;
		b->next = *blocks;
		*blocks = b;
	}
	void *p = (char *)b->data + b->used;
	b->used += n;
	return p;
}

char *tree_block_text(struct tree_block **blocks, const char *p, size_t n)
{
	char *s = tree_block_take(blocks, n + 1);
	if (s)
		memcpy(s, p, n);
	return s;
}

void tree_block_free(struct tree_block *blocks)
{
	while (blocks) {
		struct tree_block *next = blocks->next;
		free(blocks);
		blocks = next;
	}
}
