// SPDX-License-Identifier: GPL-2.0
/* See trace.h. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace.h"

#define TRAP_FLAG	0x100ul
#define CLI		0xfa
#define STI		0xfb

/* Always false. */
static bool wrong(struct trace *trace, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(trace->why, sizeof(trace->why), format, args);
	va_end(args);

	return false;
}

static unsigned long get(const struct trace *trace, size_t reg)
{
	return ptrace(PTRACE_PEEKUSER, trace->pid, reg, 0);
}

#define REG(name)	offsetof(struct user_regs_struct, name)

static bool read_memory(struct trace *trace, unsigned long from, void *to, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)from, len };

	return process_vm_readv(trace->pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/* Has it stopped there because it may not do that? Then it goes on as if it had. */
static bool skip_interrupt_flag(struct trace *trace)
{
	unsigned long rip = get(trace, REG(rip));
	uint8_t opcode = 0;

	if (WSTOPSIG(trace->status) != SIGSEGV || !read_memory(trace, rip, &opcode, 1) ||
	    (opcode != CLI && opcode != STI))
		return false;

	return !ptrace(PTRACE_POKEUSER, trace->pid, REG(rip), rip + 1);
}

static bool fault(struct trace *trace)
{
	unsigned long rip = get(trace, REG(rip)), caller = 0;
	const struct symbol *symbol = trace->symbols->symbol;

	read_memory(trace, get(trace, REG(rsp)), &caller, sizeof(caller));

	return wrong(trace, "%s in %s, perhaps called by %s", strsignal(WSTOPSIG(trace->status)),
		     symbol[symbols_of(trace->symbols, rip)].name,
		     symbol[symbols_of(trace->symbols, caller)].name);
}

/* Goes on, by an instruction or until int3. False if it has ended, or did what it may not. */
static bool go_on(struct trace *trace, enum __ptrace_request how)
{
	do {
		if (ptrace(how, trace->pid, 0, 0) || waitpid(trace->pid, &trace->status, 0) < 0)
			return wrong(trace, "%s", strerror(errno));
		trace->ended = WIFEXITED(trace->status) && !WEXITSTATUS(trace->status);
		if (trace->ended)
			return false;
		if (!WIFSTOPPED(trace->status))
			return wrong(trace, "it does not end well");
		if (WSTOPSIG(trace->status) == SIGTRAP)
			return true;
		if (!skip_interrupt_flag(trace))
			return fault(trace);
	} while (how == PTRACE_CONT);

	return true;
}

/* Flags that have been stored while it was traced have it trap on. */
static bool trap_no_more(struct trace *trace)
{
	unsigned long flags = get(trace, REG(eflags));

	return !ptrace(PTRACE_POKEUSER, trace->pid, REG(eflags), flags & ~TRAP_FLAG);
}

/* From the call to where it returns to; the call itself does not count. */
static bool count_call(struct trace *trace, struct trace_count *count)
{
	unsigned long rip, last = 0;

	while (go_on(trace, PTRACE_SINGLESTEP)) {
		rip = get(trace, REG(rip));
		if (rip == trace->ends)
			return trap_no_more(trace);
		count->steps++;
		count->repeats += rip == last;
		count->of[symbols_of(trace->symbols, rip)]++;
		last = rip;
	}

	return trace->ended && wrong(trace, "it ends in the middle");
}

/* The bed has something to say; false if it is not that a row begins. */
static bool listen(struct trace *trace)
{
	unsigned long about = get(trace, REG(rsi));
	char said[128] = "";

	switch (get(trace, REG(rdi))) {
	case STEP_ROW:
		return read_memory(trace, about, &trace->next, sizeof(trace->next)) ||
		       wrong(trace, "a row that cannot be read");
	case STEP_WRONG:
		read_memory(trace, about, said, sizeof(said) - 1);
		return wrong(trace, "%s", said);
	}

	return wrong(trace, "it says what is not understood");
}

/* Until a row begins; what is called meanwhile counts for the one before it. */
static bool until_row(struct trace *trace, struct trace_count *count)
{
	while (go_on(trace, PTRACE_CONT)) {
		unsigned long rip = get(trace, REG(rip));

		if (rip == trace->said)
			return listen(trace);
		if (rip != trace->begins || !count)
			return wrong(trace, "a trap that is none of the bed's");
		if (!count_call(trace, count))
			return false;
	}

	return false;
}

bool trace_begin(struct trace *trace, const struct symbols *symbols, const char *bed)
{
	*trace = (struct trace) {
		.symbols = symbols,
		.said = symbols_at(symbols, "step_said"),
		.begins = symbols_at(symbols, "step_count_begins"),
		.ends = symbols_at(symbols, "step_count_ends"),
	};
	trace->pid = fork();
	if (!trace->pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execl(bed, bed, NULL);
		_exit(1);
	}
	if (trace->pid < 0 || waitpid(trace->pid, &trace->status, 0) < 0)
		return wrong(trace, "%s", strerror(errno));
	if (!WIFSTOPPED(trace->status))
		return wrong(trace, "%s cannot be run", bed);
	ptrace(PTRACE_SETOPTIONS, trace->pid, 0, PTRACE_O_EXITKILL);

	return until_row(trace, NULL) || (!*trace->why && wrong(trace, "it has no rows"));
}

bool trace_next(struct trace *trace, struct trace_count *count)
{
	if (trace->ended)
		return false;
	*count = (struct trace_count) {
		.row = trace->next,
		.of = calloc(trace->symbols->count, sizeof(*count->of)),
	};
	if (!count->of)
		return wrong(trace, "no memory");
	until_row(trace, count);

	return !*trace->why;
}
