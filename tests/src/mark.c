// SPDX-License-Identifier: GPL-2.0
/*
 * Programs for tc that tell each other something in a frame's control buffer:
 *
 *   frames mark PUTS FINDS    pins there, in a bpf file system, one that leaves a mark, and
 *                             one that drops what has it
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frames.h"

#define WORD offsetof(struct __sk_buff, cb[2])

/* r0 = the verdict; *(u32 *)(r1 + WORD) = r2 or the other way round */
#define SET(reg, value) \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (reg), .imm = (value) }
#define STORE { .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = 1, .src_reg = 2, .off = WORD }
#define LOAD { .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = WORD }
#define SKIP_IF_ZERO { .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 2, .off = 1 }
#define END { .code = BPF_JMP | BPF_EXIT }

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static void pin(const struct bpf_insn *program, size_t length, const char *path)
{
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_SCHED_CLS,
		.insns = (uintptr_t)program,
		.insn_cnt = length,
		.license = (uintptr_t)"GPL",
	};
	union bpf_attr object = { .pathname = (uintptr_t)path };
	int fd = bpf(BPF_PROG_LOAD, &load);

	if (fd < 0)
		err(2, "BPF_PROG_LOAD");
	object.bpf_fd = fd;
	if (bpf(BPF_OBJ_PIN, &object))
		err(2, "%s", path);
	close(fd);
}

int mark_main(int argc, char **argv)
{
	static const struct bpf_insn puts[] = {
		SET(2, 0x5a), STORE, SET(0, TC_ACT_UNSPEC), END,
	};
	static const struct bpf_insn finds[] = {
		SET(0, TC_ACT_UNSPEC), LOAD, SKIP_IF_ZERO, SET(0, TC_ACT_SHOT), END,
	};

	if (argc != 3)
		errx(2, "usage: frames mark PUTS FINDS");
	pin(puts, sizeof(puts) / sizeof(*puts), argv[1]);
	pin(finds, sizeof(finds) / sizeof(*finds), argv[2]);
	return 0;
}
