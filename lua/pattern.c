#include "lua/pattern.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { depth_max = 180 };

static const char *refuse(struct matcher *m, const char *what)
{
	if (!m->error)
		m->error = what;
	return NULL;
}

/* One comparison. False once the call has had its share. */
static bool step(struct matcher *m)
{
	if (m->error)
		return false;
	if (++m->steps <= PATTERN_STEPS)
		return true;
	refuse(m, "the pattern takes too long on this text; use a more definite one");
	return false;
}

/* Past the single-character class at p; NULL when it is cut off. */
static const char *class_end(struct matcher *m, const char *p)
{
	if (*p == '%')
		return p + 1 < m->p_end ? p + 2 : refuse(m, "malformed pattern (ends with '%')");
	if (*p != '[')
		return p + 1;
	p += p + 1 < m->p_end && p[1] == '^' ? 2 : 1;
	/* A ] in the first place stands for itself. */
	for (bool first = true; p < m->p_end; first = false) {
		if (*p == ']' && !first)
			return p + 1;
		p += *p == '%' ? 2 : 1;
	}
	return refuse(m, "malformed pattern (missing ']')");
}

static bool in_class(unsigned char c, unsigned char class)
{
	bool is;
	switch (tolower(class)) {
	case 'a':
		is = isalpha(c);
		break;
	case 'c':
		is = iscntrl(c);
		break;
	case 'd':
		is = isdigit(c);
		break;
	case 'g':
		is = isgraph(c);
		break;
	case 'l':
		is = islower(c);
		break;
	case 'p':
		is = ispunct(c);
		break;
	case 's':
		is = isspace(c);
		break;
	case 'u':
		is = isupper(c);
		break;
	case 'w':
		is = isalnum(c);
		break;
	case 'x':
		is = isxdigit(c);
		break;
	case 'z':
		is = c == 0;
		break;
	default:
		return class == c;
	}
	return isupper(class) ? !is : is;
}

/* The set between p (its '[') and end (past its ']'). */
static bool in_set(unsigned char c, const char *p, const char *end)
{
	const char *last = end - 1;
	bool not = p[1] == '^';
	p += not ? 2 : 1;
	while (p < last) {
		if (*p == '%') {
			if (in_class(c, (unsigned char)p[1]))
				return !not ;
			p += 2;
		} else if (p[1] == '-' && p + 2 < last) {
			if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
				return !not ;
			p += 3;
		} else if ((unsigned char)*p++ == c) {
			return !not ;
		}
	}
	return not ;
}

static bool single(struct matcher *m, const char *s, const char *p, const char *end)
{
	if (s >= m->s_end || !step(m))
		return false;
	unsigned char c = (unsigned char)*s;
	if (*p == '.')
		return true;
	if (*p == '%')
		return in_class(c, (unsigned char)p[1]);
	return *p == '[' ? in_set(c, p, end) : (unsigned char)*p == c;
}

/* %bxy */
static const char *balanced(struct matcher *m, const char *s, const char *p)
{
	if (p + 1 >= m->p_end)
		return refuse(m, "malformed pattern (missing arguments to '%b')");
	if (s >= m->s_end || *s != p[0])
		return NULL;
	for (int open = 1; ++s < m->s_end && step(m);) {
		if (*s == p[1]) {
			if (--open == 0)
				return s + 1;
		} else if (*s == p[0]) {
			open++;
		}
	}
	return NULL;
}

static const char *longest(struct matcher *m, const char *s, const char *p, const char *end)
{
	ptrdiff_t n = 0;
	while (single(m, s + n, p, end))
		n++;
	for (; n >= 0 && !m->error; n--) {
		const char *to = pattern_match_at(m, s + n, end + 1);
		if (to)
			return to;
	}
	return NULL;
}

static const char *shortest(struct matcher *m, const char *s, const char *p, const char *end)
{
	for (;;) {
		const char *to = pattern_match_at(m, s, end + 1);
		if (to || !single(m, s, p, end))
			return to;
		s++;
	}
}

static const char *open_capture(struct matcher *m, const char *s, const char *p, ptrdiff_t what)
{
	int n = m->n_captures;
	if (n >= PATTERN_CAPTURES)
		return refuse(m, "too many captures");
	m->capture[n] = (struct capture){ .at = s, .len = what };
	m->n_captures = n + 1;
	const char *to = pattern_match_at(m, s, p);
	if (!to)
		m->n_captures = n;
	return to;
}

static const char *close_capture(struct matcher *m, const char *s, const char *p)
{
	int n = m->n_captures - 1;
	while (n >= 0 && m->capture[n].len != CAPTURE_OPEN)
		n--;
	if (n < 0)
		return refuse(m, "invalid pattern capture");
	m->capture[n].len = s - m->capture[n].at;
	const char *to = pattern_match_at(m, s, p);
	if (!to)
		m->capture[n].len = CAPTURE_OPEN;
	return to;
}

/* %1 */
static const char *repeated(struct matcher *m, const char *s, char digit)
{
	int n = digit - '1';
	if (n < 0 || n >= m->n_captures || m->capture[n].len == CAPTURE_OPEN)
		return refuse(m, "invalid capture index");
	/* A position has no text to repeat. */
	ptrdiff_t len = m->capture[n].len;
	if (len < 0 || len > m->s_end - s || memcmp(m->capture[n].at, s, (size_t)len))
		return NULL;
	m->steps += (int)(len / 16);
	return s + len;
}

/* %f[set]: between a character outside the set and one inside; the text's ends count as zero bytes. */
static bool frontier(struct matcher *m, const char *s, const char *p, const char *end)
{
	unsigned char before = s == m->s ? 0 : (unsigned char)s[-1];
	unsigned char here = s < m->s_end ? (unsigned char)*s : 0;
	return !in_set(before, p, end) && in_set(here, p, end);
}

/* The forms that begin with %: *s is moved on and the rest of the pattern returned; NULL when it is none of them
 * (*s kept), or does not match (*s NULL). */
static const char *special(struct matcher *m, const char **s, const char *p)
{
	const char *end;
	char kind = p + 1 < m->p_end ? p[1] : 0;
	if (kind == 'b') {
		*s = balanced(m, *s, p + 2);
		return *s ? p + 4 : NULL;
	}
	if (kind == 'f') {
		if (p + 2 >= m->p_end || p[2] != '[')
			*s = refuse(m, "missing '[' after '%f' in pattern");
		else if (!(end = class_end(m, p + 2)) || !frontier(m, *s, p + 2, end))
			*s = NULL;
		else
			return end;
		return NULL;
	}
	if (kind >= '0' && kind <= '9') {
		*s = repeated(m, *s, kind);
		return *s ? p + 2 : NULL;
	}
	return NULL;
}

/* A single-character class and what may follow it. Sets *done when the answer is final, else *p is what comes next. */
static const char *repetition(struct matcher *m, const char *s, const char **p, bool *done)
{
	const char *from = *p, *end = class_end(m, from), *to;
	*done = true;
	if (!end)
		return NULL;
	switch (end < m->p_end ? *end : 0) {
	case '?':
		if (single(m, s, from, end) && (to = pattern_match_at(m, s + 1, end + 1)))
			return to;
		*done = false;
		*p = end + 1;
		return s;
	case '+':
		return single(m, s, from, end) ? longest(m, s + 1, from, end) : NULL;
	case '*':
		return longest(m, s, from, end);
	case '-':
		return shortest(m, s, from, end);
	default:
		*done = !single(m, s, from, end);
		*p = end;
		return *done ? NULL : s + 1;
	}
}

static const char *follow(struct matcher *m, const char *s, const char *p)
{
	while (p < m->p_end) {
		if (!step(m))
			return NULL;
		if (*p == '(') {
			bool position = p + 1 < m->p_end && p[1] == ')';
			return open_capture(m, s, p + (position ? 2 : 1),
					    position ? CAPTURE_POSITION : CAPTURE_OPEN);
		}
		if (*p == ')')
			return close_capture(m, s, p + 1);
		if (*p == '$' && p + 1 == m->p_end)
			return s == m->s_end ? s : NULL;
		const char *next = *p == '%' ? special(m, &s, p) : NULL;
		if (!s)
			return NULL;
		if (next) {
			p = next;
			continue;
		}
		bool done;
		s = repetition(m, s, &p, &done);
		if (done)
			return s;
	}
	return s;
}

const char *pattern_match_at(struct matcher *m, const char *s, const char *p)
{
	if (m->error)
		return NULL;
	if (m->depth >= depth_max)
		return refuse(m, "the pattern is too complex");
	m->depth++;
	const char *to = follow(m, s, p);
	m->depth--;
	return m->error ? NULL : to;
}
