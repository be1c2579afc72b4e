/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The process begins. int3 is for who traces it, and knows by the label behind
 * it what it is about.
 */
        .file __FILE__

#include <asm/asm_defns.h>

        .section .text.step, "ax", @progbits

/* On the process's own stack there is no current. */
ENTRY(step_start)
        call  step_memory_init
        mov   %rax, %rsp
        call  step_main
        ud2

/* void step_say(unsigned int what, const void *about) */
ENTRY(step_say)
        int3
GLOBAL(step_said)
        ret

/* void step_exit(void), as Linux has it */
ENTRY(step_exit)
        mov   $60, %eax
        xor   %edi, %edi
        syscall
        ud2

/*
 * int step_count(int (*what)(struct domain *, unsigned int),
 *                struct domain *d, unsigned int port)
 */
ENTRY(step_count)
        mov   %rdi, %rax
        mov   %rsi, %rdi
        mov   %edx, %esi
        int3
GLOBAL(step_count_begins)
        call  *%rax
GLOBAL(step_count_ends)
        ret

/*
 * What is known to take STEP_KNOWN instructions, 100 of them in a rep, which
 * counts as many as it repeats.
 */
ENTRY(step_known)
        push  %rdi
        sub   $128, %rsp
        mov   %rsp, %rdi
        xor   %eax, %eax
        mov   $100, %ecx
        rep stosb
        mov   $445, %ecx
1:      dec   %ecx
        jnz   1b
        add   $128, %rsp
        pop   %rdi
        nop
        ret
