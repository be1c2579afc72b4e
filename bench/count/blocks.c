// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU plugin: counts the instructions that the emulated processor executes between a
 * start mark and a stop mark (mark.h), by the address of the translated block they are
 * in. Window N, from 1, is written to FOLDER/N.blocks as lines "ADDRESS INSTRUCTIONS
 * TIMES", the first hexadecimal; TIMES is how often the block was entered.
 *
 *   -plugin blocks.so,folder=FOLDER
 *
 * For one thread of QEMU's only: the counters are not atomic. A block that an exception
 * leaves early is counted in full, so the sum is a little above that of the clock.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mark.h"
#include "qemu-plugin.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = 1;

enum {
	TABLE_BITS = 22,
	TABLE_SIZE = 1 << TABLE_BITS,
	/* Beyond this the search for a free entry gets long. */
	TABLE_FULL = TABLE_SIZE / 4 * 3,
	MARK_SIZE = 7,
	MARK_DISPLACEMENT = 3,
};

/* Blocks at the same address and of the same length are one, in whatever address space. */
struct block {
	uint64_t address;
	uint64_t length;
	uint64_t executed;
	uint64_t at_start;
};

static struct block *table;
static unsigned int used;
static const char *folder;
static unsigned int windows;

static void give_up(const char *why)
{
	/* The run's logs are searched for this word. */
	fprintf(stderr, "BUG: counting plugin: %s\n", why);
	exit(1);
}

static struct block *find_block(uint64_t address, uint64_t length)
{
	const uint64_t golden_ratio = 0x9e3779b97f4a7c15;
	uint64_t hash = (address ^ length << 48) * golden_ratio;
	uint32_t i = hash >> (64 - TABLE_BITS);

	while (table[i].length) {
		if (table[i].address == address && table[i].length == length)
			return &table[i];
		i = (i + 1) % TABLE_SIZE;
	}
	if (++used > TABLE_FULL)
		give_up("its table is full");
	table[i].address = address;
	table[i].length = length;
	return &table[i];
}

static void start_window(unsigned int vcpu, void *unused)
{
	(void)vcpu;
	(void)unused;
	for (uint32_t i = 0; i < TABLE_SIZE; i++)
		table[i].at_start = table[i].executed;
}

static void stop_window(unsigned int vcpu, void *unused)
{
	char path[4096];
	FILE *file;

	(void)vcpu;
	(void)unused;
	snprintf(path, sizeof(path), "%s/%u.blocks", folder, ++windows);
	file = fopen(path, "w");
	if (!file)
		give_up("cannot write its folder");
	for (uint32_t i = 0; i < TABLE_SIZE; i++) {
		uint64_t executed = table[i].executed - table[i].at_start;

		if (executed)
			fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", table[i].address,
				executed, executed / table[i].length);
	}
	if (fclose(file))
		give_up("cannot write its folder");
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

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t length = qemu_plugin_tb_n_insns(tb);
	struct block *block = find_block(qemu_plugin_tb_vaddr(tb), length);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
						 &block->executed, length);
	for (size_t i = 0; i < length; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t mark = mark_of(insn);

		if (mark == MARK_START)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, start_window,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		else if (mark == MARK_STOP)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, stop_window,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "folder=", strlen("folder=")))
			folder = strdup(argv[i] + strlen("folder="));
	table = calloc(TABLE_SIZE, sizeof(*table));
	if (!folder || !table) {
		fprintf(stderr, "counting plugin: no folder= or no memory\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
