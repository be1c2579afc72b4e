// SPDX-License-Identifier: GPL-2.0
/*
 * Takes up the lowest part of the address space for modules. Guests load it before all
 * others under --count=functions, so that their modules lie above dom0's and an address
 * tells whose module it is. dom0's modules take some 6 MB.
 */
#include <linux/module.h>

static char space[16 << 20];
module_param_string(space, space, sizeof(space), 0);
MODULE_PARM_DESC(space, "unused; it keeps the array from being optimised away");

MODULE_DESCRIPTION("Address space that nothing uses");
MODULE_LICENSE("GPL");
