#include <replay/times.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *time_text(int64_t time_ns, char out[TIME_TEXT])
{
	int64_t below = time_ns % 1000000000, seconds = time_ns / 1000000000 - (below < 0);
	time_t at = (time_t)seconds;
	struct tm utc;
	below += below < 0 ? 1000000000 : 0;
	if (gmtime_r(&at, &utc) == NULL || strftime(out, 24, "%Y-%m-%d %H:%M:%S", &utc) == 0) {
		snprintf(out, TIME_TEXT, "%lld", (long long)time_ns);
		return out;
	}
	if (below == 0)
		return out;
	size_t length = strlen(out);
	snprintf(out + length, TIME_TEXT - length, ".%09lld", (long long)below);
	for (length = strlen(out); out[length - 1] == '0'; length--)
		out[length - 1] = '\0';
	return out;
}
