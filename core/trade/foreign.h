/* foreign - what happens in our accounts that this host did not do: orders of somebody else, his fills, and what a venue does to us by force.
 *
 * Nothing of it is touched: it is shown, booked and fenced (F16). A fill of somebody else belongs to nobody until an operator adopts it; one by force (F65)
 * takes from those who hold the contract in that account, the largest first, in whole lots, and their basis positions are repaired by who watches them. Engine's thread. */
#pragma once
#include "core/trade/venue.h"

struct foreign_order {
	uint16_t account;
	uint8_t side;
	bool accepted; /* an operator said that it may work there */
	uint32_t instrument;
	uint32_t round; /* of reconciliation, that listed it last */
	int64_t px, qty, cum;
	int64_t since_utc_ns;
	char venue_order[VENUE_ID_TEXT], client[VENUE_CLIENT_ID];
};

#define FOREIGN_ORDERS	256
#define FOREIGN_HOLDERS 256 /* instances that a fill by force is shared out to */
struct foreign_orders {
	struct foreign_order row[FOREIGN_ORDERS];
	uint32_t n;
	uint32_t forgotten; /* found no room when a restart read them back */
};

struct desk;
struct fact;

/* A report that no order of this host fits. */
void foreign_on_exec(struct desk *d, const struct exec_report *r);
/* Books one such fill, or a part of it, to an instance or to nobody: for live reports and for recovery. */
int foreign_book(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		 enum side side, int64_t px, int64_t qty, int64_t fee_e8, asset_id fee_asset);
/* The open orders of this venue have all been listed: those that were not are gone. */
void foreign_listed(struct desk *d, uint16_t venue);
/* Does an order of somebody else work there? Then nothing is cancelled by the dozen. */
bool foreign_works(struct desk *d, uint16_t account, uint32_t instrument, bool accepted_too);
/* An operator lets those that work there work. */
void foreign_accept(struct desk *d, uint16_t account, uint32_t instrument);
void foreign_carry(struct desk *d);
void foreign_recall(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f);
/* All have been read: people are told of those that found no room. Their contracts are fenced until the venue has listed what works there. */
void foreign_recalled(struct desk *d);
