// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/hostile/case takes one line, and has done what it says when the
 * write returns:
 *
 *   open [HOW...]			connect, see front_open()
 *   close				disconnect
 *   xdp BYTES				from now on so many before what is received
 *   fuzz SEED COUNT			random requests, until the vif is disabled
 *   fuzz-on				and from there, once there is a new connection
 *   NAME [ARGUMENT...]			a case, see cases.c
 *
 * /sys/kernel/debug/hostile/status tells what came back.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "hostile.h"

unsigned int patience = 5000;
module_param(patience, uint, 0644);
MODULE_PARM_DESC(patience, "Milliseconds without a response after which none is expected");

static DEFINE_MUTEX(lock);
static struct dentry *directory;

static int run(struct front *f, const char *name, const char *arguments)
{
	if (!strcmp(name, "open"))
		return front_open(f, arguments);
	if (!strcmp(name, "close"))
		return front_close(f);
	if (!strcmp(name, "xdp"))
		return front_headroom(f, arguments);
	if (!strcmp(name, "fuzz"))
		return fuzz_start(f, arguments);
	if (!strcmp(name, "fuzz-on"))
		return fuzz_go_on(f, arguments);
	return case_run(f, name, arguments);
}

static ssize_t case_write(struct file *file, const char __user *from, size_t count,
			  loff_t *position)
{
	char line[80], *arguments = line, *name;
	int err = -ENODEV;

	if (count >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, count))
		return -EFAULT;
	line[count] = '\0';
	name = strsep(&arguments, "\n ");
	mutex_lock(&lock);
	if (front)
		err = run(front, name, arguments ? strim(arguments) : "");
	mutex_unlock(&lock);
	return err ?: count;
}

static const struct file_operations case_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = case_write,
};

/* What is 0 is left out. */
static void show(struct seq_file *m, const char *name, unsigned int value)
{
	if (value)
		seq_printf(m, " %s=%u", name, value);
}

static void show_tally(struct seq_file *m, const struct front *f)
{
	const struct tally *t = &f->tally;

	seq_puts(m, "responses:");
	show(m, "okay", t->okay);
	show(m, "error", t->error);
	show(m, "null", t->null);
	show(m, "odd", t->odd);
	show(m, "unknown", t->unknown);
	show(m, "unforeseen", t->unforeseen);
	show(m, "lost", t->lost);
	show(m, "unmarked", t->unmarked);
	show(m, "answered", t->answered);
	if (t->ctrl >= 0)
		seq_printf(m, " ctrl=%d", t->ctrl);
	seq_printf(m, "\nreceived: %u failed: %u\n", t->received, t->receive_failed);
	seq_printf(m, "fuzz: sent %u frames %u fatal %u\n", f->fuzz_sent,
		   f->fuzz_frames, f->fuzz_fatal);
}

static int status_show(struct seq_file *m, void *unused)
{
	mutex_lock(&lock);
	if (front)
		show_tally(m, front);
	mutex_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static int __init hostile_init(void)
{
	int err = front_register();

	if (err)
		return err;
	directory = debugfs_create_dir("hostile", NULL);
	debugfs_create_file("case", 0200, directory, NULL, &case_fops);
	debugfs_create_file("status", 0400, directory, NULL, &status_fops);
	return 0;
}

static void __exit hostile_exit(void)
{
	debugfs_remove_recursive(directory);
	front_unregister();
}

module_init(hostile_init);
module_exit(hostile_exit);
MODULE_DESCRIPTION("A front end of xen-netback that does what it should not");
MODULE_LICENSE("GPL");
