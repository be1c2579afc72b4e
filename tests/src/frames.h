/* SPDX-License-Identifier: GPL-2.0 */
/* The commands of the frames program. */
#ifndef FRAMES_H
#define FRAMES_H

int exchange_main(int argc, char **argv);
int soak_main(int argc, char **argv);
int flood_main(int argc, char **argv);
int reload_main(int argc, char **argv);
int toggle_main(int argc, char **argv);
int features_main(int argc, char **argv);
int send_main(int argc, char **argv);
int receive_main(int argc, char **argv);
int fuzz_main(int argc, char **argv);
int segments_main(int argc, char **argv);
int mst_main(int argc, char **argv);
int announce_main(int argc, char **argv);
int hold_main(int argc, char **argv);
int lend_main(int argc, char **argv);
int mark_main(int argc, char **argv);
void pin_to_cpu(int number);
long milliseconds(void);
void write_file(const char *path, const char *value);

#endif /* FRAMES_H */
