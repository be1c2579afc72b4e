// SPDX-License-Identifier: GPL-2.0
/*
 * Windows of the counting plugins: from a start mark to a stop mark (mark.h) that a program
 * or module executes. What was counted in window N, from 1, goes to FOLDER/N.blocks, where the
 * plugin's argument is folder=FOLDER.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "../modules/mark.h"
#include "window.h"

enum { MARK_SIZE = 7, MARK_DISPLACEMENT = 3 };

static const char *folder;
static unsigned int windows;

void window_give_up(const char *why)
{
	/* The run's logs are searched for this word. */
	fprintf(stderr, "BUG: counting plugin: %s\n", why);
	exit(1);
}

/* Takes the plugin's arguments; false if what it needs is not among them. */
bool window_setup(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "folder=", strlen("folder=")))
			folder = strdup(argv[i] + strlen("folder="));
	if (!folder)
		fprintf(stderr, "counting plugin: no folder=\n");
	return folder;
}

static uint32_t mark_of(const struct qemu_plugin_insn *insn)
{
	static const uint8_t nopl[MARK_DISPLACEMENT] = { 0x0f, 0x1f, 0x80 };
	const uint8_t *bytes = qemu_plugin_insn_data(insn);
	uint32_t displacement;

	if (qemu_plugin_insn_size(insn) != MARK_SIZE || memcmp(bytes, nopl, sizeof(nopl)))
		return 0;
	memcpy(&displacement, bytes + MARK_DISPLACEMENT, sizeof(displacement));
	return displacement;
}

static void marked(unsigned int vcpu, void *function)
{
	void (*act)(void) = function;

	(void)vcpu;
	act();
}

/* Has a function called when this instruction is executed, if it is a mark. */
void window_watch(struct qemu_plugin_insn *insn, void (*start)(void), void (*stop)(void))
{
	uint32_t mark = mark_of(insn);

	if (mark == MARK_START)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, QEMU_PLUGIN_CB_NO_REGS,
						       start);
	else if (mark == MARK_STOP)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, QEMU_PLUGIN_CB_NO_REGS,
						       stop);
}

/* The file of the window that has just ended. */
FILE *window_open(void)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%u.blocks", folder, ++windows);
	file = fopen(path, "w");
	if (!file)
		window_give_up("cannot write its folder");
	return file;
}

void window_close(FILE *file)
{
	if (fclose(file))
		window_give_up("cannot write its folder");
}
