/* stream.c: frames out of chunks of any size. A chunk that begins and ends with a frame is read where it lies. */
#include "sim/adapter.h"
#include "sim/check.h"

#include <string.h>

/* Reads whole frames from the front of 8-aligned bytes; returns how many bytes it is through with. */
static uint32_t read_frames(struct sim *s, const uint8_t *bytes, uint32_t length)
{
	uint32_t at = 0;
	while (!s->blocked && length - at >= sizeof(struct sim_frame)) {
		const struct sim_frame *frame = (const struct sim_frame *)(const void *)(bytes + at);
		const char *fault = sim_header_fault(frame);
		if (fault == NULL && frame->size > length - at)
			break;
		if (fault == NULL && s->net != NULL) /* a venue in the host has no reason to be doubted */
			fault = sim_body_fault(frame);
		if (fault != NULL) {
			sim_connect_drop(s, fault);
			return length;
		}
		int64_t connection = s->kept.connection;
		if (sim_record_frame(s, frame) == AQ_EAGAIN) {
			s->blocked = true;
			s->host->post(s->host->owner, SIM_POST_RETRY, "", 0);
			break;
		}
		if (connection != s->kept.connection)
			return length; /* dropped because of this frame: what follows it belongs to nothing */
		at += frame->size;
	}
	return at;
}

static void read_held(struct sim *s)
{
	uint8_t *held = (uint8_t *)s->buffer;
	uint32_t length = s->kept.held;
	uint32_t done = read_frames(s, held, length);
	if (s->kept.held == 0)
		return; /* dropped meanwhile */
	memmove(held, held + done, length - done);
	s->kept.held = length - done;
}

static void hold(struct sim *s, const uint8_t *bytes, uint32_t length)
{
	if (length > SIM_HELD_MAX - s->kept.held) {
		sim_connect_drop(s, "the host cannot take what the venue sends");
		return;
	}
	memcpy((uint8_t *)s->buffer + s->kept.held, bytes, length);
	s->kept.held += length;
}

void sim_stream_take(struct sim *s, const void *bytes, uint32_t length)
{
	const uint8_t *from = bytes;
	if (s->kept.held == 0) {
		uint32_t done = read_frames(s, from, length);
		if (done < length)
			hold(s, from + done, length - done);
		return;
	}
	hold(s, from, length);
	if (s->kept.held > 0)
		read_held(s);
}

void sim_stream_retry(struct sim *s)
{
	s->blocked = false;
	if (s->kept.held > 0)
		read_held(s);
}
