# time: zones, dates out of range, clocks
import time, os
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
for zone in ("UTC+0", "EST+05EDT,M4.1.0,M10.5.0", "AEST-10AEDT-11,M10.5.0,M3.5.0"):
    os.environ["TZ"] = zone
    time.tzset()
    print(time.tzname, time.timezone, time.altzone, time.daylight, time.localtime(1e9)[:], time.localtime(1e9).tm_zone, time.localtime(0).tm_gmtoff, time.mktime((2001, 9, 9, 0, 0, 0, 0, 0, -1)), time.ctime(0))
# expect: ('UTC', 'UTC') 0 0 0 (2001, 9, 9, 1, 46, 40, 6, 252, 0) UTC 0 999993600.0 Thu Jan  1 00:00:00 1970
# expect: ('EST', 'EDT') 18000 14400 1 (2001, 9, 8, 21, 46, 40, 5, 251, 1) EDT -18000 1000008000.0 Wed Dec 31 19:00:00 1969
# expect: ('AEST', 'AEDT') -36000 -39600 1 (2001, 9, 9, 11, 46, 40, 6, 252, 0) AEST 39600 999957600.0 Thu Jan  1 11:00:00 1970
print(time.gmtime(-1)[:], time.asctime(time.gmtime(0)), time.strftime("%Y-%m-%d é\ud800%H %%", time.gmtime(0)).encode("utf-8", "surrogatepass"))
# expect: (1969, 12, 31, 23, 59, 59, 2, 365, 0) Thu Jan  1 00:00:00 1970 b'1970-01-01 \xc3\xa9\xed\xa0\x8000 %'
attempt(lambda: time.gmtime(1e200))
# expect: OverflowError timestamp out of range for platform time_t
attempt(lambda: time.gmtime(float("nan")))
# expect: ValueError Invalid value NaN (not a number)
attempt(lambda: time.gmtime(2**63))
# expect: OverflowError timestamp out of range for platform time_t
attempt(lambda: time.strftime("%Y", (2000, 13, 1, 0, 0, 0, 0, 1, 0)))
# expect: ValueError month out of range
attempt(lambda: time.strftime("%Y", (2000, 1, 32, 0, 0, 0, 0, 1, 0)))
# expect: ValueError day of month out of range
attempt(lambda: time.asctime((2000, 1, 1, 24, 0, 0, 0, 1, 0)))
# expect: ValueError hour out of range
attempt(lambda: time.asctime((2000, 1, 1)))
# expect: TypeError asctime(): illegal time tuple argument
attempt(lambda: time.mktime((1, 2)))
# expect: TypeError mktime(): illegal time tuple argument
attempt(lambda: time.strftime("%j %U", (2000, 1, 0, 0, 0, 0, 0, 0, 0)))
# expect: 001 00
attempt(lambda: time.clock_gettime(time.CLOCK_MONOTONIC) > 0)
# expect: True
attempt(lambda: time.clock_getres(time.CLOCK_REALTIME) < 1)
# expect: True
attempt(lambda: time.clock_gettime(999))
# expect: OSError [Errno 22] Invalid argument
