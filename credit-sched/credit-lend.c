// SPDX-License-Identifier: GPL-2.0
/* What idle vCPUs lend to those that do I/O. Locking: see credit-lend.h. */

#include <xen/kernel.h>

#include "credit-lend.h"

void credit_lend_cut(struct credit_pot *pot, uint32_t credit)
{
    pot->cut += credit;
    pot->credit += credit;
}

uint32_t credit_lend_begin(struct credit_pot *pot, unsigned int borrowers)
{
    pot->left = pot->credit;
    pot->credit = 0;

    return borrowers ? pot->left / borrowers : 0;
}

uint32_t credit_lend(struct credit_pot *pot, uint32_t part, int credit)
{
    uint32_t lent = credit < 0 ? min(part, (uint32_t)-credit) : 0;

    pot->left -= lent;
    pot->lent += lent;

    return lent;
}

uint32_t credit_lend_unspent(uint32_t borrowed, int credit)
{
    return credit > 0 ? min(borrowed, (uint32_t)credit) : 0;
}

void credit_lend_return(struct credit_pot *pot, uint32_t unspent)
{
    pot->returned += unspent;
    pot->credit += unspent;
}

void credit_lend_end(struct credit_pot *pot)
{
    pot->dropped += pot->left;
    pot->left = 0;
}
