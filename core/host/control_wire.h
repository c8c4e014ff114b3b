/* control_wire.h: what aqctl and the host say to each other over the control socket.
 *
 * A connection carries one request and one answer. The request is one line: a verb, its arguments and flags (--json,
 * --plan, --fresh, --width=N, --skip=N, ...), separated by blanks, ended by a newline. What stands behind " -- " is one
 * more argument as it is, with its blanks. The answer is a head line "aioquant/1 CODE LENGTH\n" and LENGTH bytes: a table
 * as text, or with --json one JSON object. CODE is at once the exit status of aqctl. Long answers come in pieces: before
 * that head any number of "aioquant/1 + LENGTH\n" with LENGTH bytes each; the next is made when the caller has taken the
 * one before. */
#ifndef AQ_HOST_CONTROL_WIRE_H
#define AQ_HOST_CONTROL_WIRE_H

#define CONTROL_REQUEST_MAX 4096u /* bytes of the line with its newline */
#define CONTROL_HEAD_MAX 64u
#define CONTROL_PROTOCOL "aioquant/1"

enum control_code {
	CONTROL_DONE = 0,
	CONTROL_FAILED = 1,
	CONTROL_USAGE = 2,
	CONTROL_NOT_RUNNING = 3,
	CONTROL_REFUSED = 4,
	CONTROL_PARTLY = 5
};

#endif
