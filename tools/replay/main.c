/* replay: makes captures from recordings and from files of trades or candles, and tells what is in them. */
#include <replay/commands.h>
#include <replay/dump.h>
#include <replay/info.h>

#include <stdio.h>
#include <string.h>

static const char help[] = "replay import [OPTION...] OUT.aqc IN...\n"
			   "    Makes a capture; several files continue each other. Plain or gzipped, CSV also\n"
			   "    as the one file of a zip archive.\n"
			   "    --format csv|recording the default: by the files' names, .csv and .zip are CSV\n"
			   "    --tick, --lot, --min-notional VALUE\n"
			   "                           of an instrument that is not known here\n"
			   "  Recordings, lines `<local time> <json>`:\n"
			   "    --venue VENUE          binance or binance_usdm\n"
			   "    --symbol SYMBOL        as the venue spells it: BTCUSDT\n"
			   "    --shift auto|NS        added to the local times; auto (default) makes the\n"
			   "                           smallest delay from the venue 1 ms\n"
			   "    --base, --quote NAME   of an instrument that is not known here\n"
			   "  CSV of trades or candles, Binance's public data, Lean's, or with a header:\n"
			   "    --market MARKET        BTC/USDT (spot) or BTC/USDT:USDT (perpetual); not needed\n"
			   "                           where --venue and the file's name say it\n"
			   "    --digits PRICE/QTY     digits behind the point that are kept, 8/8 by default;\n"
			   "                           more in a file are an error\n"
			   "    --interval INTERVAL    of candles, 1m to 1y, where neither name nor columns say\n"
			   "    --columns NAME,...     what the fields are, instead of a header: time, open,\n"
			   "                           high, low, close, volume, close_time, quote_volume,\n"
			   "                           count, taker_buy_volume, taker_buy_quote_volume; time,\n"
			   "                           price, qty, id, side, is_buyer_maker; `-` is not wanted\n"
			   "    --skip-bad             leaves out what cannot be read, and counts it\n"
			   "replay info FILE.aqc\n"
			   "    Checks a capture and tells what is in it.\n"
			   "replay dump FILE.aqc\n"
			   "    Prints what is in it, a line each.\n"
			   "Exit code: 0 done, 1 failed, 2 wrong usage, 5 done, but some of the input could\n"
			   "not be read.\n";

int usage(const char *problem, const char *what)
{
	fprintf(stderr, "replay: %s%s%s; see replay --help\n", problem, what[0] != '\0' ? " " : "", what);
	return USAGE;
}

static int say_help(void)
{
	fputs(help, stdout);
	return DONE;
}

int main(int count, char **args)
{
	const char *command = count > 1 ? args[1] : "";
	if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0 || strcmp(command, "help") == 0)
		return say_help();
	for (int i = 2; i < count; i++)
		if (strcmp(args[i], "--help") == 0)
			return say_help();
	if (strcmp(command, "import") == 0)
		return import_main(count - 1, args + 1);
	if (strcmp(command, "info") == 0)
		return count == 3 ? replay_info(args[2]) : usage("info needs one file", "");
	if (strcmp(command, "dump") == 0)
		return count == 3 ? replay_dump(args[2]) : usage("dump needs one file", "");
	return count < 2 ? usage("needs a command: import, info or dump", "") : usage("unknown command", command);
}
