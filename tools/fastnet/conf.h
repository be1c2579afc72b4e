/* SPDX-License-Identifier: GPL-2.0 */
/* The file with the settings that outlive a reboot. */
#ifndef FASTNET_CONF_H
#define FASTNET_CONF_H

#include "plan.h"
#include "say.h"
#include "setting.h"

#define CONF "/etc/xen-fastnet/fastnet.conf"

enum result conf_plan(struct plan *plan, const char *file);
enum result conf_keep(const char *file, enum object object, const char *name,
		      char *const assignments[]);
enum result conf_clear(const char *file);

#endif /* FASTNET_CONF_H */
