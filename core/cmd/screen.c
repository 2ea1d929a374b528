#include "core/cmd/screen.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_LEAST 40 /* narrower ones, and those that say 0, are taken as this and 80 */
#define ROOM_LEAST  30

unsigned screen_width(FILE *f)
{
	struct winsize w = { 0 };
	int fd = fileno(f);
	if (fd < 0 || !isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &w) || w.ws_col == 0)
		return 80;
	return w.ws_col < WIDTH_LEAST ? WIDTH_LEAST : w.ws_col;
}

/* The first that is set counts. */
bool screen_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *v = getenv(names[i]);
		if (v && v[0])
			return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
	}
	return false;
}

/* Columns that a byte of UTF-8 adds: letters from U+3000 on, the Chinese ones among them, take two. */
static unsigned columns(unsigned char c)
{
	return (c & 0xc0) == 0x80 ? 0 : c >= 0xe3 ? 2 : 1;
}

static void put(FILE *f, const char *text, size_t n)
{
	for (; n > 0; n--, text++)
		fputc((unsigned char)*text < ' ' || *text == 127 ? '?' : *text, f);
}

void screen_text(FILE *f, const char *text, unsigned at, unsigned hang, unsigned width)
{
	unsigned column = at, indent = width >= at + ROOM_LEAST ? at : hang;
	while (width && *text) {
		size_t spaces = strspn(text, " "), word = strcspn(text + spaces, " ");
		unsigned wide = (unsigned)spaces;
		for (size_t i = 0; i < word; i++)
			wide += columns((unsigned char)text[spaces + i]);
		bool fresh = column == indent;
		if (column + wide > width && !fresh) {
			fprintf(f, "\n%*s", (int)indent, "");
			column = indent;
			text += spaces;
			continue;
		}
		put(f, text, spaces + word);
		text += spaces + word;
		column += wide;
	}
	put(f, text, strlen(text));
	fputc('\n', f);
}
