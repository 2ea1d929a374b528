#include "core/cmd/recon.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FEE_DP 8
#define JOINED 1000

const char *recon_what_name(enum recon_what w)
{
	static const char *const names[] = {
		[RECON_ONLY_THEIRS] = "only_theirs", [RECON_ONLY_OURS] = "only_ours",
		[RECON_DIFFERS] = "differs",	     [RECON_TWICE_THEIRS] = "twice_theirs",
		[RECON_TWICE_OURS] = "twice_ours",
	};
	_Static_assert(sizeof names / sizeof *names == recon_what_max, "a name for each");
	return (unsigned)w < recon_what_max ? names[w] : "?";
}

const char *recon_diff_text(unsigned diff, char out[80])
{
	static const char *const names[] = { "price", "quantity",  "side",
					     "fee",   "fee asset", "instrument" };
	size_t n = 0;
	out[0] = 0;
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (diff & 1u << i)
			n += (size_t)snprintf(out + n, 80 - n, "%s%s", n ? ", " : "", names[i]);
	return out;
}

int recon_open(struct recon *c, int64_t from_ns, int64_t to_ns)
{
	*c = (struct recon){ .from_ns = from_ns, .to_ns = to_ns };
	if (!map_init(&c->symbol, RECON_NAMES) && !map_init(&c->busted, 65536))
		return 0;
	recon_close(c);
	return err_set(ERR_NOMEM, "no memory for a statement");
}

void recon_close(struct recon *c)
{
	free(c->row);
	free(c->ours);
	free(c->sum);
	free(c->text);
	free(c->bucket);
	map_free(&c->symbol);
	map_free(&c->busted);
	*c = (struct recon){ 0 };
}

/* ---------------------------------------------------------------- rows */

static int grow(void **p, uint32_t *cap, uint32_t n, size_t size, const char *what)
{
	if (n < *cap)
		return 0;
	uint32_t more = *cap ? *cap * 2 : 1024;
	void *q = realloc(*p, more * size);
	if (!q)
		return err_set(ERR_NOMEM, "no memory for %u %s", more, what);
	*p = q;
	*cap = more;
	return 0;
}

static int keep_text(struct recon *c, const char *text, uint32_t *at)
{
	size_t n = strlen(text) + 1;
	if (c->n_text + n > c->cap_text) {
		size_t cap = c->cap_text ? 2 * c->cap_text : 1 << 16;
		char *more = cap <= UINT32_MAX ? realloc(c->text, cap) : NULL;
		if (!more)
			return err_set(ERR_NOMEM, "no memory for the numbers of a statement");
		c->text = more;
		c->cap_text = cap;
	}
	memcpy(c->text + c->n_text, text, n);
	*at = (uint32_t)c->n_text;
	c->n_text += n;
	return 0;
}

static int keep_name(struct recon *c, const char *text, uint16_t *at)
{
	for (uint16_t i = c->n_names; i-- > 0;)
		if (strcmp(c->name[i], text) == 0) {
			*at = i;
			return 0;
		}
	if (c->n_names == RECON_NAMES)
		return err_set(ERR_FULL,
			       "more than %d symbols, accounts and assets in one statement",
			       RECON_NAMES);
	snprintf(c->name[c->n_names], STATEMENT_TEXT, "%s", text);
	*at = c->n_names++;
	return 0;
}

int recon_row(struct recon *c, const struct statement_row *row)
{
	int rc = grow((void **)&c->row, &c->cap, c->n, sizeof *c->row, "rows of a statement");
	if (rc)
		return rc;
	if (row->at_ns && c->to_ns && (row->at_ns < c->from_ns || row->at_ns > c->to_ns)) {
		c->out_of_span++;
		return 0;
	}
	struct recon_row *r = &c->row[c->n];
	*r = (struct recon_row){ .line = row->line,
				 .at_ns = row->at_ns,
				 .px = row->px.v,
				 .qty = row->qty.v,
				 .fee = row->fee.v,
				 .px_dp = row->px.dp,
				 .qty_dp = row->qty.dp,
				 .fee_dp = row->fee.dp,
				 .fee_known = row->fee.known,
				 .side = row->side };
	rc = keep_text(c, row->exec, &r->exec);
	if (!rc)
		rc = keep_text(c, row->order, &r->order);
	if (!rc)
		rc = keep_name(c, row->symbol, &r->symbol);
	if (!rc)
		rc = keep_name(c, row->account, &r->account);
	if (!rc)
		rc = keep_name(c, row->fee_asset, &r->fee_asset);
	c->n += rc == 0;
	return rc;
}

/* Some write numbers with zeros or blanks before them, some do not. */
static const char *bare(const char *id)
{
	while ((*id == '0' || *id == ' ') && id[1])
		id++;
	return id;
}

static uint32_t place(const struct recon *c, const char *id)
{
	id = bare(id);
	return (uint32_t)map_hash_bytes(id, strlen(id)) & c->mask;
}

static bool same_id(const char *a, const char *b)
{
	return strcmp(bare(a), bare(b)) == 0;
}

/* Where a statement has no numbers: what it was, zeros cut. */
static uint32_t place_by_value(const struct recon *c, int64_t px, unsigned px_dp, int64_t qty,
			       unsigned qty_dp, unsigned side)
{
	int64_t of[3] = { px, qty, side };
	for (; px_dp && of[0] % 10 == 0; px_dp--)
		of[0] /= 10;
	for (; qty_dp && of[1] % 10 == 0; qty_dp--)
		of[1] /= 10;
	return (uint32_t)map_hash_bytes(of, sizeof of) & c->mask;
}

static uint32_t place_of(const struct recon *c, const struct recon_row *r)
{
	const char *exec = c->text + r->exec, *order = c->text + r->order;
	if (!exec[0] && !order[0])
		return place_by_value(c, r->px, r->px_dp, r->qty, r->qty_dp, r->side);
	return place(c, exec[0] ? exec : order);
}

/* The same execution is told by two rows: number, order, symbol; without a number two rows may be alike and mean two. */
static bool is_twice(const struct recon *c, const struct recon_row *a, const struct recon_row *b)
{
	return c->text[a->exec] && same_id(c->text + a->exec, c->text + b->exec) &&
	       same_id(c->text + a->order, c->text + b->order) && a->symbol == b->symbol &&
	       a->account == b->account && a->px == b->px && a->px_dp == b->px_dp;
}

int recon_rows_done(struct recon *c)
{
	uint32_t buckets = 1024;
	if (!c->n)
		return err_set(ERR_NOTFOUND, c->out_of_span
						     ? "none of its executions is of that time"
						     : "it has no executions");
	while (buckets < c->n * 2u && buckets < 1u << 30)
		buckets *= 2;
	c->bucket = calloc(buckets, sizeof *c->bucket);
	if (!c->bucket)
		return err_set(ERR_NOMEM, "no memory to find %u executions", c->n);
	c->mask = buckets - 1;
	bool open = !c->to_ns;
	for (uint32_t i = 0; i < c->n; i++) {
		struct recon_row *r = &c->row[i];
		uint32_t *at = &c->bucket[place_of(c, r)];
		for (uint32_t k = *at; k && !r->twice; k = c->row[k - 1].next)
			r->twice = is_twice(c, r, &c->row[k - 1]);
		r->next = *at;
		*at = i + 1;
		if (open && r->at_ns) {
			c->from_ns = !c->to_ns || r->at_ns < c->from_ns ? r->at_ns : c->from_ns;
			c->to_ns = r->at_ns > c->to_ns ? r->at_ns : c->to_ns;
		}
	}
	if (!c->to_ns) /* it has no times: all that we have is meant */
		c->to_ns = INT64_MAX;
	return 0;
}

/* ---------------------------------------------------------------- ours */

static struct statement_dec ours(int64_t v, unsigned dp)
{
	return (struct statement_dec){ .v = v, .dp = (uint8_t)dp, .known = true };
}

static bool same(int64_t a, unsigned a_dp, int64_t b, unsigned b_dp)
{
	return statement_dec_cmp(ours(a, a_dp), ours(b, b_dp)) == 0;
}

/* One symbol may be two venues'; their accounts tell them apart where the statement names them. */
static uint64_t symbol_key(const struct recon_row *r)
{
	return (uint64_t)(r->account + 1u) << 32 | (r->symbol + 1u);
}

/* What a symbol stands for is told by the executions that are joined. False: for another instrument. */
static bool may_stand_for(const struct recon *c, const struct recon_row *r, uint32_t instrument)
{
	uint32_t known;
	return !map_get(&c->symbol, symbol_key(r), &known) || known == instrument;
}

static bool is_known_as(const struct recon *c, const struct recon_row *r, uint32_t instrument)
{
	uint32_t known;
	return map_get(&c->symbol, symbol_key(r), &known) && known == instrument;
}

/* How well a row fits; below 0: it is another execution. Two venues give out the same numbers: what is alike in everything is joined first, and says what symbols stand
 * for; what differs is joined where the symbol is right. */
static int fit(const struct recon *c, const struct recon_row *r, const struct fact *f)
{
	const char *exec = c->text + r->exec, *order = c->text + r->order;
	const int px = same(r->px, r->px_dp, f->px, f->px_dp),
		  qty = same(r->qty, r->qty_dp, f->qty, f->qty_dp), side = r->side == f->side;
	if (r->seq == f->seq)
		return JOINED;
	if (r->twice || (exec[0] && f->exec[0] && !same_id(exec, f->exec)))
		return -1;
	bool ordered = order[0] && f->venue_order[0];
	if (ordered && !same_id(order, f->venue_order))
		return -1;
	if (!exec[0] && (!px || !qty || r->seq)) /* an order's next execution */
		return -1;
	if (!exec[0] && !order[0]) {
		int64_t apart = dec_abs(r->at_ns - (f->venue_ns ? f->venue_ns : f->utc_ns));
		return !side || !r->at_ns || apart > RECON_WITHIN_NS ||
				       !may_stand_for(c, r, f->instrument)
			       ? -1
			       : (int)(JOINED / 2 - apart / (RECON_WITHIN_NS / 100));
	}
	if (c->exact ? !px || !qty || !side || r->seq : !may_stand_for(c, r, f->instrument))
		return -1;
	return 32 * !r->seq + 16 * is_known_as(c, r, f->instrument) + 4 * px + 2 * qty + side;
}

static struct recon_row *best(struct recon *c, const struct fact *f)
{
	struct recon_row *found = NULL;
	int score = -1;
	const uint32_t at[] = {
		f->exec[0] ? c->bucket[place(c, f->exec)] : 0,
		f->venue_order[0] ? c->bucket[place(c, f->venue_order)] : 0,
		c->bucket[place_by_value(c, f->px, f->px_dp, f->qty, f->qty_dp, f->side)]
	};
	for (unsigned way = 0; way < 3 && !found; way++) {
		for (uint32_t k = at[way]; k; k = c->row[k - 1].next) {
			int s = fit(c, &c->row[k - 1], f);
			if (s > score) {
				score = s;
				found = &c->row[k - 1];
			}
		}
	}
	return found;
}

static unsigned differences(const struct recon *c, const struct recon_row *r, const struct fact *f,
			    const char *fee_asset)
{
	unsigned d = 0;
	const char *asset = c->name[r->fee_asset];
	d |= same(r->px, r->px_dp, f->px, f->px_dp) ? 0 : RECON_PX;
	d |= same(r->qty, r->qty_dp, f->qty, f->qty_dp) ? 0 : RECON_QTY;
	d |= r->side == f->side ? 0 : RECON_SIDE;
	/* Whether a fee that was paid is above or below 0 is every venue's own way. */
	if (r->fee_known && !same(dec_abs(r->fee), r->fee_dp, dec_abs(f->fee_e8), FEE_DP))
		d |= RECON_FEE;
	if (asset[0] && fee_asset && f->fee_e8 && strcasecmp(asset, fee_asset) != 0)
		d |= RECON_FEE_ASSET;
	return d;
}

static struct recon_sum *sum_of(struct recon *c, const struct fact *f)
{
	for (uint32_t i = 0; i < c->n_sums; i++)
		if (c->sum[i].instrument == f->instrument && c->sum[i].account == f->account &&
		    c->sum[i].fee_asset == f->fee_asset)
			return &c->sum[i];
	if (grow((void **)&c->sum, &c->cap_sums, c->n_sums, sizeof *c->sum, "instruments"))
		return NULL;
	struct recon_sum *s = &c->sum[c->n_sums++];
	*s = (struct recon_sum){ .instrument = f->instrument,
				 .account = f->account,
				 .fee_asset = f->fee_asset };
	return s;
}

static int add_up(struct recon *c, const struct fact *f, const struct recon_row *r)
{
	struct recon_sum *s = sum_of(c, f);
	if (!s)
		return -ERR_NOMEM;
	s->ours_e8[f->side & 1] += dec_rescale(f->qty, f->qty_dp, 8, DEC_NEAREST);
	s->our_fee_e8 += f->fee_e8;
	if (!r)
		return 0;
	s->joined++;
	s->theirs_e8[r->side] += dec_rescale(r->qty, r->qty_dp, 8, DEC_NEAREST);
	s->their_fee_e8 +=
		r->fee_known ? dec_rescale(dec_abs(r->fee), r->fee_dp, 8, DEC_NEAREST) : 0;
	return 0;
}

static uint64_t name_of_exec(const struct fact *f)
{
	char text[sizeof f->exec + sizeof f->venue_order + 16];
	int n = snprintf(text, sizeof text, "%s|%s|%u", f->exec, f->venue_order, f->account);
	return map_hash_bytes(text, (size_t)n);
}

static int keep_ours(struct recon *c, const struct fact *f, bool twice)
{
	int64_t at_ns = f->venue_ns ? f->venue_ns : f->utc_ns;
	if (at_ns < c->from_ns || at_ns > c->to_ns)
		return 0;
	int rc = grow((void **)&c->ours, &c->cap_ours, c->n_ours, sizeof *c->ours, "executions");
	if (rc)
		return rc;
	c->ours[c->n_ours++] = (struct recon_ours){ .seq = f->seq,
						    .account = f->account,
						    .instrument = f->instrument,
						    .foreign = f->kind == FACT_FOREIGN,
						    .twice = twice };
	return add_up(c, f, NULL);
}

int recon_take(struct recon *c, const struct fact *f, const char *fee_asset)
{
	uint32_t unused, known;
	if (f->kind == FACT_BUST) {
		c->busts++;
		return map_put(&c->busted, name_of_exec(f), 1);
	}
	if (f->side >= side_max || map_get(&c->busted, name_of_exec(f), &unused))
		return 0;
	struct recon_row *r = best(c, f);
	if (r && r->seq == f->seq)
		return 0;
	if (!r || r->seq)
		return c->exact ? 0 : keep_ours(c, f, r != NULL);
	r->seq = f->seq;
	r->instrument = f->instrument;
	r->diff = (uint8_t)differences(c, r, f, fee_asset);
	if (!map_get(&c->symbol, symbol_key(r), &known))
		map_put(&c->symbol, symbol_key(r), f->instrument);
	else if (known != f->instrument)
		r->diff |= RECON_INSTRUMENT;
	c->joined++;
	c->foreign += f->kind == FACT_FOREIGN;
	c->differ += r->diff != 0;
	return add_up(c, f, r);
}

bool recon_is_of(const struct recon *c, uint32_t account)
{
	for (uint32_t i = 0; i < c->n_sums; i++)
		if (c->sum[i].account == account && c->sum[i].joined)
			return true;
	return false;
}

void recon_end(struct recon *c, uint32_t account)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < c->n; i++) {
		c->found[RECON_TWICE_THEIRS] += c->row[i].twice;
		c->found[RECON_ONLY_THEIRS] += !c->row[i].twice && !c->row[i].seq;
		c->found[RECON_DIFFERS] += c->row[i].diff != 0;
	}
	for (uint32_t i = 0; i < c->n_ours; i++) {
		if (c->ours[i].account != account && !recon_is_of(c, c->ours[i].account))
			continue;
		c->ours[kept++] = c->ours[i];
		c->found[c->ours[i].twice ? RECON_TWICE_OURS : RECON_ONLY_OURS]++;
	}
	c->n_ours = kept;
}
