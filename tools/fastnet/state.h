/* SPDX-License-Identifier: GPL-2.0 */
/* What this command has done since the host has been up. */
#ifndef FASTNET_STATE_H
#define FASTNET_STATE_H

#include <stdbool.h>

#include "say.h"

#define STATE_FOLDER "/run/xen-fastnet"
/* In the form of the configuration: what has been put into effect of it. */
#define STATE STATE_FOLDER "/applied"

enum result state_lock(void);
bool state_locked(void);

#endif /* FASTNET_STATE_H */
