/* rows.c: see rows.h. */
#include "rows.h"

#include "base/check.h"

#include <aioquant/frame.h>
#include <stdlib.h>

#define ROW_BYTES 200u /* more than a row takes while the frame is made, and in the frame besides */

uint8_t *rows_frame(uint32_t count, size_t *length)
{
	size_t room = (size_t)count * ROW_BYTES + AQ_STORE_CHUNK;
	uint8_t *buffer = malloc(room);
	struct aq_frame_writer f;

	CHECK(buffer != NULL);
	aq_frame_begin(&f, buffer, room, SIZE_MAX);
	aq_frame_column(&f, "time", AQ_COL_TIME);
	for (int i = 0; i < ROW_DECIMALS; i++)
		aq_frame_decimals(&f, row_decimals[i], ROW_DIGITS);
	aq_frame_column(&f, "trades", AQ_COL_INT64);
	aq_frame_column(&f, "symbol", AQ_COL_TEXT);
	for (uint32_t n = 0; n < count; n++) {
		struct row r = row_of(n);

		aq_frame_time(&f, r.time_ns);
		for (int i = 0; i < ROW_DECIMALS; i++)
			aq_frame_decimal(&f, r.decimals[i], ROW_DIGITS);
		aq_frame_int64(&f, r.trades);
		aq_frame_text(&f, r.symbol);
		CHECK(aq_frame_row(&f) == AQ_OK);
	}
	*length = (size_t)aq_frame_end(&f);
	return buffer;
}
