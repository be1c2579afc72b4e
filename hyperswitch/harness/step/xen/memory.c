/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bed's memory: some machine addresses from 0 on, in the direct map and in
 * the frame table as Xen has them.
 */
#include <xen/mm.h>
#include <xen/pdx.h>

#include "bed.h"

#define MEMORY          MB(64)

/* Of Linux, which has not got Xen's names for anything. */
#define NR_mmap         9
#define PROT_RW         3
#define MAP_FIXED_ANON  0x32

void *step_memory_init(void);

static paddr_t next = PAGE_SIZE;

static void map(unsigned long at, unsigned long size)
{
    register unsigned long flags asm ( "r10" ) = MAP_FIXED_ANON;
    register unsigned long file asm ( "r8" ) = -1;
    register unsigned long offset asm ( "r9" ) = 0;
    unsigned long rc = NR_mmap;

    asm volatile ( "syscall" : "+a" (rc)
                   : "D" (at), "S" (PAGE_ALIGN(size)), "d" (PROT_RW),
                     "r" (flags), "r" (file), "r" (offset)
                   : "rcx", "r11", "memory" );
    MUST(rc == at);
}

void *step_alloc(unsigned long size, unsigned long align)
{
    paddr_t at = ROUNDUP(next, align);

    next = at + size;
    MUST(next <= MEMORY);

    return maddr_to_virt(at);
}

/* Returns where the stack is to begin. */
void *step_memory_init(void)
{
    max_page = PFN_DOWN(MEMORY);
    pfn_pdx_bottom_mask = ~0UL;
    ma_va_bottom_mask = ~0UL;
    __set_bit(0, pdx_group_valid);
    map((unsigned long)maddr_to_virt(0), MEMORY);
    map((unsigned long)mfn_to_page(_mfn(0)),
        max_page * sizeof(struct page_info));

    return step_alloc(STACK_SIZE, STACK_SIZE) + STACK_SIZE -
           sizeof(struct cpu_info);
}
