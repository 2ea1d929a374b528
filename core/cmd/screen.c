#include "core/cmd/screen.h"
#include <stdbool.h>
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
