/* cn_ask - what a DIFF client says, read by the counter's side: one pack into plain members.
 *
 * Written apart from the client's codec on purpose: the two must agree through the protocol and not through shared code. Any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cn_aid {
	CN_AID_OTHER, /* a pack that nobody here serves, or no pack */
	CN_AID_PEEK,
	CN_AID_LOGIN,
	CN_AID_CONFIRM,
	CN_AID_QUOTES,
	CN_AID_STATUS,
	CN_AID_INSERT,
	CN_AID_CANCEL,
	cn_aid_max
};

struct cn_ask {
	uint8_t aid; /* enum cn_aid */
	char user[80], password[80];
	char order_id[64], symbol[48];
	char direction[8], offset[16], price_type[16], time_condition[8], volume_condition[8];
	int64_t volume; /* 0: not said, or no whole number */
	bool has_price;
	double price; /* as JSON has it */
	char ins_list[2048];
};

void cn_ask_read(struct cn_ask *a, const char *text, size_t n);
