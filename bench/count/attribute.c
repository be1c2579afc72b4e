// SPDX-License-Identifier: GPL-2.0
/*
 * Tells which functions the instructions of a counting window belong to.
 *
 *   attribute BLOCKS SYMBOLS...
 *
 * BLOCKS is what the plugin blocks.c wrote. SYMBOLS are lists in the form of
 * /proc/kallsyms ("ADDRESS TYPE NAME [MODULE]"), named after what they come from: xen,
 * host (the kernel and modules of dom0 or of the host without Xen) or guestN.
 * Prints one line "INSTRUCTIONS COMPONENT FUNCTION CALLS" a function, tabs between, most
 * first. CALLS is how often its first instruction was executed as a block's first: more, if
 * there is a loop to it.
 *
 * Components are xen, kernel, a module's name, guest/ and a module's name, user, and
 * unknown. All domains run one kernel image at one address, so kernel is that of dom0 and
 * of the guests together; the guests' modules lie above dom0's (see spacer.c).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 512, LINE_SIZE = 1024 };

/* The canonical addresses' lower half is user space's. */
#define USER_END 0x0000800000000000

struct symbol {
	uint64_t address;
	char *name;
	char *component;
	uint64_t instructions;
	uint64_t calls;
};

/* Where the host's modules end and the guests' begin; they must not overlap. */
static uint64_t host_modules_end, guest_modules_start = UINT64_MAX;

static struct symbol *symbols;
static size_t symbol_count, symbol_room;

static __attribute__((noreturn)) void fail(const char *what)
{
	fprintf(stderr, "attribute: %s: %s\n", what, errno ? strerror(errno) : "malformed");
	exit(1);
}

static char *copy(const char *text)
{
	char *duplicate = strdup(text);

	if (!duplicate)
		fail("memory");
	return duplicate;
}

static void add_symbol(uint64_t address, const char *name, const char *component)
{
	if (symbol_count == symbol_room) {
		symbol_room = symbol_room ? 2 * symbol_room : 1 << 16;
		symbols = realloc(symbols, symbol_room * sizeof(*symbols));
		if (!symbols)
			fail("memory");
	}
	symbols[symbol_count++] = (struct symbol) {
		.address = address,
		.name = copy(name),
		.component = copy(component),
	};
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The component of a symbol from list "source"; module is empty for what is built in. */
static void name_component(char *component, const char *source, const char *module)
{
	bool guest = !strncmp(source, "guest", strlen("guest"));

	if (!strcmp(source, "xen"))
		snprintf(component, NAME_SIZE, "xen");
	else if (!*module)
		snprintf(component, NAME_SIZE, "kernel");
	else
		snprintf(component, NAME_SIZE, "%s%s", guest ? "guest/" : "", module);
}

/* What the kernel makes up at run time, such as [bpf], lies anywhere. */
static void note_module(uint64_t address, const char *source, const char *module)
{
	if (!*module || *module == '_' || !strcmp(module, "bpf") || !strcmp(module, "spacer"))
		return;
	if (!strcmp(source, "host") && address > host_modules_end)
		host_modules_end = address;
	if (strcmp(source, "host") && address < guest_modules_start)
		guest_modules_start = address;
}

static void read_symbols(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[LINE_SIZE];

	if (!file)
		fail(path);
	while (fgets(line, sizeof(line), file)) {
		char name[NAME_SIZE], module[NAME_SIZE] = "", component[NAME_SIZE + 8];
		uint64_t address;
		char type;

		if (sscanf(line, "%" SCNx64 " %c %511s [%511[^]]", &address, &type, name,
			   module) < 3)
			fail(path);
		/* Absolute symbols are sizes and per-cpu offsets, not places of code. */
		if (address < USER_END || strchr("aA", type))
			continue;
		note_module(address, file_name(path), module);
		name_component(component, file_name(path), module);
		add_symbol(address, name, component);
	}
	fclose(file);
}

static int by_address(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static int by_instructions(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	return a->instructions < b->instructions ? 1 : -(a->instructions > b->instructions);
}

/* The last symbol at or below the address; NULL if there is none. */
static struct symbol *find_symbol(uint64_t address)
{
	size_t low = 0, high = symbol_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &symbols[low - 1] : NULL;
}

static void read_blocks(const char *path, struct symbol *user, struct symbol *unknown)
{
	FILE *file = fopen(path, "r");
	char line[LINE_SIZE];

	if (!file)
		fail(path);
	while (fgets(line, sizeof(line), file)) {
		uint64_t address, instructions, times;
		struct symbol *symbol;

		if (sscanf(line, "%" SCNx64 " %" SCNu64 " %" SCNu64, &address, &instructions,
			   &times) != 3)
			fail(path);
		symbol = address < USER_END ? user : find_symbol(address);
		if (!symbol)
			symbol = unknown;
		symbol->instructions += instructions;
		if (symbol->address == address)
			symbol->calls += times;
	}
	fclose(file);
}

static void print_symbol(const struct symbol *symbol)
{
	if (symbol->instructions)
		printf("%" PRIu64 "\t%s\t%s\t%" PRIu64 "\n", symbol->instructions,
		       symbol->component, symbol->name, symbol->calls);
}

int main(int argc, char **argv)
{
	struct symbol user = { .name = "-", .component = "user" };
	struct symbol unknown = { .name = "-", .component = "unknown" };

	if (argc < 3) {
		fprintf(stderr, "usage: attribute BLOCKS SYMBOLS...\n");
		return 1;
	}
	for (int i = 2; i < argc; i++)
		read_symbols(argv[i]);
	if (guest_modules_start <= host_modules_end) {
		fprintf(stderr, "attribute: dom0's modules reach into the guests'\n");
		return 1;
	}
	qsort(symbols, symbol_count, sizeof(*symbols), by_address);
	read_blocks(argv[1], &user, &unknown);
	qsort(symbols, symbol_count, sizeof(*symbols), by_instructions);
	print_symbol(&user);
	print_symbol(&unknown);
	for (size_t i = 0; i < symbol_count; i++)
		print_symbol(&symbols[i]);
	return 0;
}
