/* SPDX-License-Identifier: GPL-2.0 */
/* Other commands: xl, modprobe, perf, iperf3. */
#ifndef FASTNET_RUN_H
#define FASTNET_RUN_H

#include <stdio.h>

/**
 * struct output - what a command has said
 * @out: on standard output
 * @err: on standard error, the first line
 * @status: as in a shell; 127 if the command is not there
 */
struct output {
	char *out;
	char *err;
	int status;
};

void run(struct output *output, char *const argv[]);
void output_free(struct output *output);
FILE *run_reading(char *const argv[], int *pid);
int run_end(int pid);

#endif /* FASTNET_RUN_H */
