// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU plugin: counts the instructions that the emulated processor executes in a window
 * (window.c), by the address of the translated block they are in, as lines "ADDRESS
 * INSTRUCTIONS TIMES", the first hexadecimal; TIMES is how often the block was entered.
 *
 *   -plugin blocks.so,folder=FOLDER
 *
 * For one thread of QEMU's only: the counters are not atomic. A block that an exception
 * leaves early is counted in full, so the sum is a little above that of the clock.
 */
#include <inttypes.h>
#include "table.h"
#include "window.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = 1;

/* Blocks at the same address and of the same length are one, in whatever address space. */
struct block {
	uint64_t address;
	uint64_t length;
	uint64_t executed;
	uint64_t at_start;
};

static struct block *table;

static void start_window(void)
{
	for (uint32_t i = 0; i < TABLE_SIZE; i++)
		table[i].at_start = table[i].executed;
}

static void stop_window(void)
{
	FILE *file = window_open();

	for (uint32_t i = 0; i < TABLE_SIZE; i++) {
		uint64_t executed = table[i].executed - table[i].at_start;

		if (executed)
			fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", table[i].address,
				executed, executed / table[i].length);
	}
	window_close(file);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t length = qemu_plugin_tb_n_insns(tb);
	struct block *block = table_find(qemu_plugin_tb_vaddr(tb), length);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
						 &block->executed, length);
	for (size_t i = 0; i < length; i++)
		window_watch(qemu_plugin_tb_get_insn(tb, i), start_window, stop_window);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	table = table_make(sizeof(*table));
	if (!table || !window_setup(argc, argv))
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
