/* SPDX-License-Identifier: GPL-2.0 */
/* The back end's hypercalls, without what reads and writes its memory. */
#include "../common/hyperswitch/op.c"

#include "bed.h"

void step_op(unsigned int cmd, void *arg)
{
    struct hs_backend *backend;

    step_run(step_domain(0));
    backend = backend_of(current->domain);
    MUST(backend);
    do_one(backend, cmd, arg);
}
