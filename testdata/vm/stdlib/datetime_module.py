# datetime
from datetime import date, time, datetime, timedelta, timezone
import datetime as dt
d = date(2024, 2, 29)
print(d, repr(d), d.year, d.weekday(), d.isoweekday(), d.isoformat(), d.toordinal(), date.fromordinal(738945), d.isocalendar(), d.replace(year=2025, day=1), date.fromisoformat("2026-03-04"), d.strftime("%A %d %B %Y %j %U %y"), d.ctime())
# expect: 2024-02-29 datetime.date(2024, 2, 29) 2024 3 4 2024-02-29 738945 2024-02-29 datetime.IsoCalendarDate(year=2024, week=9, weekday=4) 2025-02-01 2026-03-04 Thursday 29 February 2024 060 08 24 Thu Feb 29 00:00:00 2024
print(d + timedelta(days=1), d - date(2023, 2, 28), d < date(2024, 3, 1), date.min, date.max, hash(d) == hash(date(2024, 2, 29)), f"{d:%d/%m}")
# expect: 2024-03-01 366 days, 0:00:00 True 0001-01-01 9999-12-31 True 29/02
t = datetime(2026, 3, 4, 5, 6, 7, 890)
print(t, repr(t), t.date(), t.time(), t.isoformat(" ", "minutes"), t.replace(hour=23), t + timedelta(hours=20, minutes=55), t - datetime(2026, 1, 1), t.timetuple()[:6], datetime.fromisoformat("2026-03-04T05:06:07+02:00"), datetime.strptime("04 Mar 2026 17:05", "%d %b %Y %H:%M"))
# expect: 2026-03-04 05:06:07.000890 datetime.datetime(2026, 3, 4, 5, 6, 7, 890) 2026-03-04 05:06:07.000890 2026-03-04 05:06 2026-03-04 23:06:07.000890 2026-03-05 02:01:07.000890 62 days, 5:06:07.000890 (2026, 3, 4, 5, 6, 7) 2026-03-04 05:06:07+02:00 2026-03-04 17:05:00
u = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)
east = timezone(timedelta(hours=5, minutes=30), "IST")
print(u, u.astimezone(east), u.astimezone(east).tzname(), u.timestamp(), datetime.fromtimestamp(0, timezone.utc), u == u.astimezone(east), u.utcoffset(), timezone.utc, timezone(timedelta(hours=-3)), u.isoformat(), u.strftime("%z %Z %H:%M:%S.%f"))
# expect: 2026-03-04 12:00:00+00:00 2026-03-04 17:30:00+05:30 IST 1772625600.0 1970-01-01 00:00:00+00:00 True 0:00:00 UTC UTC-03:00 2026-03-04T12:00:00+00:00 +0000 UTC 12:00:00.000000
x = timedelta(days=1, hours=2, seconds=3.5)
print(x, repr(x), x.total_seconds(), x * 2, x / 2, x // timedelta(hours=1), x % timedelta(hours=1), -x, abs(-x), x > timedelta(0), divmod(x, timedelta(hours=5)), timedelta(weeks=1, milliseconds=5), timedelta(microseconds=-1), bool(timedelta()), str(timedelta(days=-1)))
# expect: 1 day, 2:00:03.500000 datetime.timedelta(days=1, seconds=7203, microseconds=500000) 93603.5 2 days, 4:00:07 13:00:01.750000 26 0:00:03.500000 -2 days, 21:59:56.500000 1 day, 2:00:03.500000 True (5, datetime.timedelta(seconds=3603, microseconds=500000)) 7 days, 0:00:00.005000 -1 day, 23:59:59.999999 False -1 day, 0:00:00
print(time(1, 2, 3), time(23, 59, 59, 999999), time.fromisoformat("04:05"), time(1) < time(2), time(5, tzinfo=timezone.utc), time(7, 8).strftime("%I:%M %p"))
# expect: 01:02:03 23:59:59.999999 04:05:00 True 05:00:00+00:00 07:08 AM
for f in (lambda: date(2023, 2, 29), lambda: datetime(2020, 1, 1, 24), lambda: date.fromisoformat("x"), lambda: datetime.strptime("x", "%Y"), lambda: u - t, lambda: u < t, lambda: date.max + timedelta(1), lambda: timezone(timedelta(hours=24)), lambda: d + 1, lambda: date(0, 1, 1), lambda: timedelta(days=10**10)):
    try:
        print(f())
    except (ValueError, TypeError, OverflowError) as e:
        print(type(e).__name__, e)
# expect: ValueError day 29 must be in range 1..28 for month 2 in year 2023
# expect: ValueError hour must be in 0..23, not 24
# expect: ValueError Invalid isoformat string: 'x'
# expect: ValueError time data 'x' does not match format '%Y'
# expect: TypeError can't subtract offset-naive and offset-aware datetimes
# expect: TypeError can't compare offset-naive and offset-aware datetimes
# expect: OverflowError date value out of range
# expect: ValueError offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)
# expect: TypeError unsupported operand type(s) for +: 'datetime.date' and 'int'
# expect: ValueError year must be in 1..9999, not 0
# expect: OverflowError Python int too large to convert to C int
print(u == t, [str(date(2026, m, 1) - timedelta(1)) for m in (1, 3, 5)], (date(2026, 12, 31) - date(2026, 1, 1)).days, dt.MINYEAR, isinstance(t, date))
# expect: False ['2025-12-31', '2026-02-28', '2026-04-30'] 364 1 True
