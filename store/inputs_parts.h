/* inputs_parts - what the writer and the reader of inputs share; nobody else includes it. */
#pragma once
#include "store/inputs.h"
#include "store/kv.h"
#include "store/place.h"

#define INPUTS_KEY 16

/* Of a block in the file. One that is FREE holds nothing; one that is KEPT may have reached the database or not, and is put there again. */
enum inputs_state { INPUTS_FREE, INPUTS_OPEN, INPUTS_FULL, INPUTS_KEPT };

void inputs_key_write(uint8_t out[INPUTS_KEY], uint32_t life, uint64_t number);
bool inputs_head_fits(const struct inputs_head *h, size_t n);
/* The file beside this ring. -ERR_RANGE. */
int inputs_path(char out[PLACE_PATH], const char *ring);
