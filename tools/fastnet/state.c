// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "state.h"

#define LOCK STATE_FOLDER "/lock"

static bool locked;

static enum result complain(const char *path)
{
	return say(REFUSED, "%s: %s%s", path, strerror(errno),
		   errno == EACCES || errno == EPERM ? "; be root" : "");
}

/**
 * state_lock - be the only one who changes anything, until this process ends
 *
 * What is changed and what the configuration says of it have to agree. From here on the
 * signals that end or stop a command wait for its end, lest it leaves half of its changes made,
 * or keeps the lock from others; that nobody reads what it says is no reason to end at all.
 * The lock is root's alone, so that nobody else can keep a host from booting; the folder is
 * everybody's to look into, whatever the umask, for status.
 *
 * Return: DONE, or what to end with.
 */
enum result state_lock(void)
{
	sigset_t signals;
	int fd;

	if (mkdir(STATE_FOLDER, 0755) ? errno != EEXIST : chmod(STATE_FOLDER, 0755))
		return complain(STATE_FOLDER);
	fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return complain(LOCK);
	while (flock(fd, LOCK_EX)) {
		if (errno != EINTR)
			return complain(LOCK);
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGTSTP);
	sigaddset(&signals, SIGTTIN);
	sigaddset(&signals, SIGTTOU);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	locked = true;
	return DONE;
}

/* May anything have been changed? */
bool state_locked(void)
{
	return locked;
}
