/* SPDX-License-Identifier: GPL-2.0 */
/* fastbridge/ below a bridge and fastbridge_port/ below a port. */
#ifndef _FASTBRIDGE_SYSFS_H
#define _FASTBRIDGE_SYSFS_H

struct fb_bridge;
struct fb_port;
struct kobject;

int fb_sysfs_add_bridge(struct fb_bridge *bridge);
int fb_sysfs_add_port(struct fb_port *port);
void fb_sysfs_remove(struct kobject *kobj);

#endif /* _FASTBRIDGE_SYSFS_H */
