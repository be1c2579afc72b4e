// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flame.h"

enum { WIDTH = 1200, MARGIN = 10, ROW = 17, LEGEND = 24, LETTER = 7 };

/**
 * struct flame - a function and what it calls
 * @name: its own
 * @component: whose it is, or the caller's
 * @samples: in it and in what it calls
 * @calls: the first one, by their names
 * @next: what its caller calls beside it
 */
struct flame {
	char *name;
	enum component component;
	unsigned long samples;
	struct flame *calls;
	struct flame *next;
};

static const char *const colours[COMPONENTS] = {
	[COMPONENT_BRIDGE] = "#e8743b",
	[COMPONENT_FASTBRIDGE] = "#5bb974",
	[COMPONENT_NETBACK] = "#6ea6e0",
	[COMPONENT_GRANTS] = "#d9556b",
	[COMPONENT_EVENTS] = "#b38be0",
	[COMPONENT_NETFILTER] = "#c9a227",
	[COMPONENT_STACK] = "#8ecbc4",
	[COMPONENT_CARD] = "#a8c256",
	[COMPONENT_SCHEDULER] = "#f0a8c0",
	[COMPONENT_PROFILE] = "#dddddd",
	[COMPONENT_REST] = "#c4c4c4",
	[COMPONENT_IDLE] = "#eeeeee",
};

static struct flame *node(const char *name, enum component component, struct flame *next)
{
	struct flame *flame = memory(NULL, sizeof(*flame));

	*flame = (struct flame) { .name = copy(name), .component = component, .next = next };
	return flame;
}

/* The root, for flame_free(). */
struct flame *flame_new(void)
{
	return node("dom0", COMPONENT_REST, NULL);
}

static struct flame *call(struct flame *caller, const struct frame *frame)
{
	struct flame **place = &caller->calls;
	enum component component = frame->component;

	while (*place && strcmp((*place)->name, frame->function) < 0)
		place = &(*place)->next;
	if (!*place || strcmp((*place)->name, frame->function)) {
		if (component == COMPONENT_NONE)
			component = caller->component;
		*place = node(frame->function, component, *place);
	}
	return *place;
}

/**
 * flame_add - one more sample
 * @flame: the root
 * @stack: the sample
 */
void flame_add(struct flame *flame, const struct stack *stack)
{
	size_t i;

	flame->samples++;
	for (i = stack->count; i--; ) {
		flame = call(flame, &stack->frames[i]);
		flame->samples++;
	}
}

static int depth(const struct flame *flame)
{
	int most = 0, below;

	for (flame = flame->calls; flame; flame = flame->next) {
		below = depth(flame);
		if (below > most)
			most = below;
	}
	return most + 1;
}

static void write_text(FILE *file, const char *text, int length)
{
	for (; *text && length--; text++) {
		switch (*text) {
		case '<':	fputs("&lt;", file); break;
		case '>':	fputs("&gt;", file); break;
		case '&':	fputs("&amp;", file); break;
		default:	putc(*text, file);
		}
	}
}

/* A function, what it calls on top of it; what is narrower than a third of a pixel is left out. */
static void write_node(FILE *file, const struct flame *flame, double x, int y, double scale,
		       unsigned long all)
{
	double width = flame->samples * scale;
	const struct flame *each;

	if (width < 0.3)
		return;
	fputs("<g><title>", file);
	write_text(file, flame->name, -1);
	fprintf(file, ": %s, %lu samples, %.2f %%</title>", component_names[flame->component],
		flame->samples, 100.0 * flame->samples / all);
	fprintf(file, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>", x, y,
		width, ROW - 1, colours[flame->component]);
	if (width > 4 * LETTER) {
		fprintf(file, "<text x=\"%.1f\" y=\"%d\">", x + 3, y + ROW - 5);
		write_text(file, flame->name, (width - 6) / LETTER);
		fputs("</text>", file);
	}
	fputs("</g>\n", file);
	for (each = flame->calls; each; each = each->next) {
		write_node(file, each, x, y - ROW, scale, all);
		x += each->samples * scale;
	}
}

static void write_legend(FILE *file)
{
	int component, x = MARGIN;

	for (component = 0; component < COMPONENT_IDLE; component++) {
		fprintf(file, "<rect x=\"%d\" y=\"6\" width=\"10\" height=\"10\" fill=\"%s\"/>", x,
			colours[component]);
		fprintf(file, "<text x=\"%d\" y=\"15\">%s</text>\n", x + 13,
			component_names[component]);
		x += 24 + LETTER * strlen(component_names[component]);
	}
}

/**
 * flame_write - draw it
 * @flame: the root
 * @path: the SVG file
 *
 * Return: DONE, or what to end with.
 */
enum result flame_write(const struct flame *flame, const char *path)
{
	int height = LEGEND + ROW * depth(flame) + MARGIN;
	FILE *file = fopen(path, "we");
	int failed;

	if (!file)
		return say(WRONG, "%s: it cannot be written: %s", path, strerror(errno));
	fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"monospace\" font-size=\"11\">\n", WIDTH, height);
	write_legend(file);
	if (flame->samples)
		write_node(file, flame, MARGIN, height - MARGIN - ROW,
			   (double)(WIDTH - 2 * MARGIN) / flame->samples, flame->samples);
	fputs("</svg>\n", file);
	failed = ferror(file);
	if (fclose(file) || failed)
		return say(WRONG, "%s: it cannot be written: %s", path, strerror(errno));
	return DONE;
}

void flame_free(struct flame *flame)
{
	struct flame *each, *next;

	for (each = flame->calls; each; each = next) {
		next = each->next;
		flame_free(each);
	}
	free(flame->name);
	free(flame);
}
