/* SPDX-License-Identifier: GPL-2.0 */
/* What can be set: the names and files, and what each is in the stock system. */
#ifndef FASTNET_SETTING_H
#define FASTNET_SETTING_H

/* What a setting belongs to. */
enum object {
	OBJECT_BRIDGE,
	OBJECT_VIF,
	OBJECT_SCHED,
};

/**
 * struct setting - one of them
 * @name: as in KEY=VALUE
 * @file: below the device's folder in sysfs; of @OBJECT_SCHED none
 * @stock: its value in the stock system
 */
struct setting {
	const char *name;
	const char *file;
	const char *stock;
};

extern const char *const object_names[];
const struct setting *settings(enum object object);
const struct setting *setting_find(enum object object, const char *name);
const struct setting *setting_of(enum object object, const char *assignment);
char *setting_names(enum object object);

#endif /* FASTNET_SETTING_H */
