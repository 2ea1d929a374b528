#include "core/cmd/verify_show.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include <inttypes.h>
#include <string.h>

static void show_checkpoints(FILE *f, const struct verify_options *o, const struct verify_report *r)
{
	char root[NOTE_BASE64(MERKLE_HASH)];
	const struct note_checkpoint *c = &r->signed_by_store;
	if (c->size) {
		note_base64(c->root.b, MERKLE_HASH, root);
		fprintf(f, "checkpoint  %" PRIu64 " receipts, root %s\n", c->size, root);
		fprintf(f, "            signed by %s\n", r->key);
	} else {
		fprintf(f, "checkpoint  none\n");
	}
	if (r->outside.size) {
		note_base64(r->outside.root.b, MERKLE_HASH, root);
		fprintf(f, "outside     %" PRIu64 " receipts, root %s, in %s\n", r->outside.size,
			root, o->checkpoint);
	}
	if (r->unsealed)
		fprintf(f,
			"unsealed    %" PRIu64
			" newer than the checkpoint: nothing vouches for them yet\n",
			r->unsealed);
	if (r->in_ring)
		fprintf(f,
			"ring        %" PRIu64
			" newer than the database, in the journal ring, and unsealed too\n",
			r->in_ring);
}

static void show_doubts(FILE *f, const struct verify_options *o, const struct verify_report *r)
{
	if (r->lost)
		fprintf(f, "note: sequences that are missing: %" PRIu64 "%s\n", r->lost,
			r->n_faults
				? ""
				: "; the log was sealed without them, so they were lost before they could be kept");
	if (r->ring_gone)
		fprintf(f,
			"note: the host was killed, and its journal ring is gone, as after a restart of the machine: how many receipts were only there cannot be known\n");
	if (r->is_archive)
		fprintf(f,
			"note: this is an archive: %" PRIu64
			" receipts of the log are elsewhere; their hashes alone were checked\n",
			r->away);
	else if (r->away)
		fprintf(f,
			"note: %" PRIu64
			" receipts are in an archive, as receipts here say; their hashes alone were checked\n",
			r->away);
	if (r->blocks_untold)
		fprintf(f,
			"note: recorded blocks of which no receipt tells: %" PRIu64
			"; a host that is killed between the two leaves them\n",
			r->blocks_untold);
	if (r->texts_missing)
		fprintf(f,
			"note: scripts whose text is not kept here: %" PRIu64
			"; that they ran is told by receipts, with the SHA-256 of the text\n",
			r->texts_missing);
	if (r->inputs_untold && !r->away)
		fprintf(f,
			"note: blocks of what the engine heard of which no receipt tells: %" PRIu64
			"; a host that is killed between the two leaves them\n",
			r->inputs_untold);
	if (r->is_backup && r->unsealed)
		fprintf(f,
			"note: this is a backup, made when the checkpoint was older than the newest receipts\n");
	if (r->own_key)
		fprintf(f,
			"note: the key is the one that the store names. Whoever can write the store could have changed both; --key with the public half that was told when the store was made proves more\n");
	if (!o->checkpoint)
		fprintf(f,
			"note: a store that was set back to an earlier day as a whole looks like this one; --checkpoint with a copy from outside shows it\n");
}

/* No more than was looked at: whose word it rests on, and how far it goes. */
static void show_verdict(FILE *f, const struct verify_report *r)
{
	if (!r->last && !r->in_ring) {
		fprintf(f,
			"nothing is verified: there are no receipts. None was ever written, or all of them were taken out\n");
		return;
	}
	const char *of = r->own_key ? "all of it is as the key that the store names signed it"
			 : r->outside.size ? "all of it is as it was written"
					   : "all of it is as it was signed";
	fprintf(f, "verified: %s", of);
	if (r->unsealed + r->in_ring)
		fprintf(f, ", up to receipt %" PRIu64, r->signed_by_store.size);
	fprintf(f, "\n");
}

static void show_findings(FILE *f, const struct verify_report *r)
{
	fprintf(f, "%s, %" PRIu64 " finding%s:\n",
		r->unread ? "NOT to be read" : "NOT as it was written", r->n_faults,
		r->n_faults == 1 ? "" : "s");
	for (uint64_t i = 0; i < r->n_faults && i < VERIFY_FAULTS; i++)
		fprintf(f, "  %s\n", r->fault[i].text);
	if (r->n_faults > VERIFY_FAULTS)
		fprintf(f, "  and %" PRIu64 " more\n", r->n_faults - VERIFY_FAULTS);
	fprintf(f,
		"what to do: stop its host, copy the folder before anything else, and change nothing in it. `tandem doctor` says whether files are damaged; a backup or an "
		"archive that verifies holds what was written\n");
}

void verify_show_text(FILE *f, const struct verify_options *o, const struct verify_report *r)
{
	if (r->unread) {
		show_findings(f, r);
		return;
	}
	fprintf(f, "receipts    %" PRIu64 ", up to %" PRIu64, r->receipts, r->last);
	if (r->receipts_s > 0 && r->receipts > 100000)
		fprintf(f, ", %.2f million a second", (double)r->receipts / r->receipts_s / 1e6);
	fprintf(f, "\nlog         %" PRIu64 " whole tiles\n", r->tiles);
	show_checkpoints(f, o, r);
	fprintf(f, "index       %" PRIu64 " entries, %" PRIu64 " names, %" PRIu64 " texts\n",
		r->postings, r->names, r->texts);
	fprintf(f, "market      %" PRIu64 " blocks, %" PRIu64 " events\n", r->blocks,
		r->block_events);
	fprintf(f, "inputs      %" PRIu64 " blocks of what the engine heard\n", r->inputs);
	fprintf(f,
		"not looked at: what scripts remember now, and counters: the log is not over them\n");
	show_doubts(f, o, r);
	if (!r->n_faults) {
		show_verdict(f, r);
		return;
	}
	show_findings(f, r);
}

static void put_checkpoint(struct json_out *j, const char *key, const struct note_checkpoint *c)
{
	char root[NOTE_BASE64(MERKLE_HASH)];
	if (!c->size) {
		json_none(j, key);
		return;
	}
	note_base64(c->root.b, MERKLE_HASH, root);
	json_obj(j, key);
	json_str(j, "origin", c->origin);
	json_uint(j, "size", c->size);
	json_str(j, "root", root);
	json_obj_end(j);
}

void verify_show_json(FILE *f, const struct verify_options *o, const struct verify_report *r)
{
	char text[VERIFY_FAULTS * 2 * VERIFY_TEXT + 4096];
	struct json_out j;
	json_out_init(&j, text, sizeof text);
	json_obj(&j, NULL);
	json_str(&j, "store", o->path);
	json_bool(&j, "ok", r->n_faults == 0);
	json_uint(&j, "receipts", r->receipts);
	json_uint(&j, "last", r->last);
	json_uint(&j, "lost", r->lost);
	json_uint(&j, "away", r->away);
	json_str(&j, "copy", r->is_archive ? "archive" : r->is_backup ? "backup" : "none");
	json_uint(&j, "unsealed", r->unsealed);
	json_uint(&j, "in_ring", r->in_ring);
	json_bool(&j, "ring_gone", r->ring_gone);
	put_checkpoint(&j, "checkpoint", &r->signed_by_store);
	put_checkpoint(&j, "outside", &r->outside);
	json_str(&j, "key", r->key);
	json_bool(&j, "key_of_store", r->own_key);
	json_uint(&j, "tiles", r->tiles);
	json_uint(&j, "postings", r->postings);
	json_uint(&j, "names", r->names);
	json_uint(&j, "texts", r->texts);
	json_uint(&j, "texts_missing", r->texts_missing);
	json_uint(&j, "blocks", r->blocks);
	json_uint(&j, "events", r->block_events);
	json_uint(&j, "blocks_untold", r->blocks_untold);
	json_uint(&j, "inputs", r->inputs);
	json_uint(&j, "inputs_untold", r->inputs_untold);
	json_uint(&j, "findings", r->n_faults);
	json_arr(&j, "first");
	for (uint64_t i = 0; i < r->n_faults && i < VERIFY_FAULTS; i++)
		json_str(&j, NULL, r->fault[i].text);
	json_arr_end(&j);
	json_obj_end(&j);
	fprintf(f, "%s\n", text);
}
