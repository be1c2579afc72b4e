/* SPDX-License-Identifier: GPL-2.0 */
/* The file with the settings that outlive a reboot. */
#ifndef FASTNET_CONF_H
#define FASTNET_CONF_H

#include <stdbool.h>

#include "lines.h"
#include "plan.h"
#include "say.h"
#include "setting.h"

#define CONF "/etc/xen-fastnet/fastnet.conf"
/* What Xen's hotplug scripts read, which is the administrator's alone. */
#define VIFS "/etc/xen-fastnet/vifs"

enum result conf_read(struct lines *lines, const char *file);
enum result conf_plan(struct plan *plan, const struct lines *lines, const char *file,
		      const char *bridge);
enum result conf_plan_removed(struct plan *plan, const struct lines *lines, const char *before,
			      const char *bridge);
enum result conf_told(const char *file);
enum result conf_may_keep(const char *name, char *const assignments[]);
enum result conf_keep(const char *file, enum object object, const char *name,
		      char *const assignments[], char **line);
bool conf_says(const char *file);
enum result conf_clear(const char *file, bool *cleared);
enum result conf_copy(const struct lines *lines, const char *to, const char *bridge);
enum result conf_names(const char *file, bool must, const char *bridge, bool *names);

#endif /* FASTNET_CONF_H */
