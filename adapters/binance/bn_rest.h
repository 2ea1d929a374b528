/* bn_rest - questions that are put over REST: a short queue in front of a few HTTP clients. Each is signed when it leaves, not when it is
 * queued. Engine's thread; memory from init. */
#pragma once
#include "adapters/binance/bn_requests.h"
#include "core/io/http_client.h"

#define BN_REST_CLIENTS 2
#define BN_REST_QUEUE	512 /* a power of two */

struct binance;

struct bn_rest_client {
	struct http_client http;
	struct binance *owner;
	uint64_t request; /* under way; 0: free */
	int64_t asked_ns;
};

struct bn_rest {
	struct bn_rest_client client[BN_REST_CLIENTS];
	uint64_t queue[BN_REST_QUEUE]; /* ids of requests */
	uint32_t head, tail;
};

int bn_rest_init(struct binance *b);
void bn_rest_free(struct bn_rest *r);
int bn_rest_push(struct bn_rest *r, uint64_t request); /* -ERR_FULL */
/* Gives waiting questions to free clients. */
void bn_rest_pump(struct binance *b);
/* A line to the venue was found dead: what is under way to it has most likely no answer either, and makes room for what is asked next. */
void bn_rest_give_up(struct binance *b);
/* A request is given up: its client, where it has one, is free again. */
void bn_rest_drop(struct bn_rest *r, uint64_t request);
