/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the bed, in which Xen's code runs, and who counts its instructions have
 * to say to each other. The bed says it by int3, with what it is about in rdi
 * and rsi.
 */
#ifndef STEP_PROTOCOL_H
#define STEP_PROTOCOL_H

/* A row of the table begins; rsi points to a struct step_row. */
#define STEP_ROW        1
/* Something is not as it has to be; rsi points to a string. */
#define STEP_WRONG      2

/*
 * One that comes again, by its name, is to take the same. What is known to take
 * some number of instructions is there to check who counts.
 */
struct step_row {
    char name[32];
    unsigned int frames;
    unsigned int bytes;         /* in all of them, or 0: events */
    unsigned int known;         /* how many it takes, or 0 */
    unsigned int cases;         /* were compared, and nothing is counted; or 0 */
    unsigned int above;         /* more than the row before, at most; or 0 */
};

#endif /* STEP_PROTOCOL_H */
