// SPDX-License-Identifier: GPL-2.0
/* mark start|stop: begins or ends a counting window of the plugins. */
#include <stdio.h>
#include <string.h>
#include "../modules/mark.h"

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "start")) {
		MARK(MARK_START);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "stop")) {
		MARK(MARK_STOP);
		return 0;
	}
	fprintf(stderr, "usage: mark start|stop\n");
	return 1;
}
