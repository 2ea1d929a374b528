/* diff_code - what a refusal of a domestic counter or exchange means for us, as a table: by the counter's number where it says one, else by its words.
 *
 * The gateway writes the reason of an order that came to nothing into last_msg, and says the number only in a notice. Words are
 * those of the CTP counter and of the exchanges' status texts; what is not listed is REJECT_OTHER. Data, any thread. */
#pragma once
#include "core/trade/venue.h"

struct diff_code {
	int32_t code;	    /* CTP's; 0: the exchange's, or none */
	const char *phrase; /* stands somewhere in the text */
	uint8_t reject_class;
};

/* code 0: not said. Never NULL. */
const struct diff_code *diff_code_find(int32_t code, const char *text);
/* Was it the owner's cancel, or the remainder of an immediate order, that ended it: words that are no refusal? */
bool diff_code_is_cancel(const char *text);
/* Why an order that had worked is gone, as far as its last words say it. */
enum cancel_why diff_code_cancel_why(const char *text);
/* Did the broker or the exchange close it by force (强平, 强减)? */
enum forced_cause diff_code_forced(const char *text);
