// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU plugin: counts the writes in a window (window.c) to cache lines that several of the
 * emulated processors use in that window, be it only to read, by the address of the writing
 * instruction, as lines "ADDRESS WRITES WRITES", the first hexadecimal. Each such write may
 * make a line move from one processor's cache to another's.
 *
 *   -plugin lines.so,folder=FOLDER
 *
 * Lines are told by their physical addresses. For one thread of QEMU's only, and up to 32
 * processors.
 */
#include <inttypes.h>
#include <stdbool.h>
#include "table.h"
#include "window.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = 1;

enum {
	LINE_BITS = 6,
	/* No instruction of the kernel's is here: for who uses a line, not who writes it. */
	ANYBODY = 1,
};

/* A line and an instruction that writes it, or ANYBODY. */
struct access {
	uint64_t line;
	uint64_t address;
	uint64_t writes;
	uint32_t processors;
};

static struct access *table;
static bool counting;

static void note(uint64_t line, uint64_t address, unsigned int vcpu)
{
	struct access *access = table_find(line, address);

	access->writes++;
	access->processors |= UINT32_C(1) << vcpu;
}

static void accessed(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address,
		     void *instruction)
{
	struct qemu_plugin_hwaddr *place;
	uint64_t line;

	if (!counting)
		return;
	place = qemu_plugin_get_hwaddr(info, address);
	if (!place || qemu_plugin_hwaddr_is_io(place))
		return;
	line = qemu_plugin_hwaddr_phys_addr(place) >> LINE_BITS;
	note(line, ANYBODY, vcpu);
	if (qemu_plugin_mem_is_store(info))
		note(line, (uintptr_t)instruction, vcpu);
}

static void start_window(void)
{
	table_clear();
	counting = true;
}

static bool is_shared(uint64_t line)
{
	const struct access *access = table_find(line, ANYBODY);
	uint32_t processors = access->processors;

	return processors & (processors - 1);
}

static void stop_window(void)
{
	FILE *file = window_open();

	counting = false;
	for (uint32_t i = 0; i < TABLE_SIZE; i++)
		if (table[i].processors && table[i].address != ANYBODY &&
		    is_shared(table[i].line))
			fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", table[i].address,
				table[i].writes, table[i].writes);
	window_close(file);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t length = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < length; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		qemu_plugin_register_vcpu_mem_cb(insn, accessed, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW,
						 (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn));
		window_watch(insn, start_window, stop_window);
	}
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
