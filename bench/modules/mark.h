/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The instructions that begin and end a counting window: NOPs for every processor, told
 * from the compiler's own by their displacement. Any program or module in the emulated
 * host, in whatever domain, can execute them, and nothing else is needed to reach the plugin.
 *
 * nopl DISPLACEMENT(%rax) is 0f 1f 80 and the displacement, least significant byte first.
 */
#ifndef MARK_H
#define MARK_H

#define MARK_START 0x5fa57e01
#define MARK_STOP 0x5fa57e02

#define MARK(displacement) \
	asm volatile(".byte 0x0f, 0x1f, 0x80; .long %c0" : : "i"(displacement) : "memory")

#endif
