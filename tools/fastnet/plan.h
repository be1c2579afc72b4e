/* SPDX-License-Identifier: GPL-2.0 */
/* From what is asked for, on the command line or in a file, to changes. */
#ifndef FASTNET_PLAN_H
#define FASTNET_PLAN_H

#include <stdbool.h>

#include "change.h"
#include "net.h"
#include "say.h"
#include "setting.h"

/**
 * struct plan - what is asked for until now
 * @net: the devices
 * @changes: what is to be done
 * @where: who asks, as FILE:LINE, or NULL for the command line
 * @load: things are going to change: wait for others who do that, load modules that are missing
 * @lenient: pass over what this machine does not have
 * @passed: something was, that will not come by itself
 */
struct plan {
	struct net net;
	struct changes changes;
	const char *where;
	bool load;
	bool lenient;
	bool passed;
};

enum result plan_start(struct plan *plan);
void plan_end(struct plan *plan);
enum result plan_wrong(const struct plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum result plan_settings(struct plan *plan, enum object object, const char *name,
			  char *const assignments[]);
void plan_stock(struct plan *plan, enum object object, const char *name,
		const struct setting *setting);
enum result plan_need_fastbridge(struct plan *plan);
enum result plan_bridge(struct plan *plan, const char *name);

#endif /* FASTNET_PLAN_H */
