# The native datetime: errors, subclasses, pickles, folds, ISO texts, zones.
from datetime import *
import datetime as dt
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
class Z(tzinfo):
    def __init__(s,o,n='Z',d=None): s.o=o;s.n=n;s.d=d
    def utcoffset(s,d): return s.o
    def tzname(s,d): return s.n
    def dst(s,d): return s.d
t(lambda: datetime(2020,1,1,tzinfo=Z(3)).utcoffset())
t(lambda: datetime(2020,1,1,tzinfo=Z(timedelta(hours=24))).utcoffset())
t(lambda: datetime(2020,1,1,tzinfo=Z(timedelta(1),5)).tzname())
t(lambda: datetime(2020,1,1,tzinfo=3))
t(lambda: timezone(3)); t(lambda: timezone(timedelta(1))); t(lambda: timezone(timedelta(0),5)); t(lambda: timezone())
t(lambda: timezone.utc.utcoffset(3)); t(lambda: timezone.utc.fromutc(3)); t(lambda: timezone.utc.fromutc(datetime(2020,1,1)))
t(lambda: tzinfo().utcoffset(None)); t(lambda: tzinfo().fromutc(3)); t(lambda: date(2020,13,1)); t(lambda: date('a',1,1)); t(lambda: date(2020))
t(lambda: time(25)); t(lambda: time(1,60)); t(lambda: time(1,1,60)); t(lambda: time(1,1,1,10**6)); t(lambda: time(1,fold=2))
t(lambda: date.fromordinal(0)); t(lambda: date.fromordinal(10**7)); t(lambda: date.fromisocalendar(2020,54,1)); t(lambda: date.fromisocalendar(0,5,1)); t(lambda: date.fromisocalendar(2020,5,8))
t(lambda: date.fromisoformat(3)); t(lambda: datetime.fromisoformat('x')); t(lambda: datetime.fromisoformat('2020-01-01T25:00')); t(lambda: time.fromisoformat('x')); t(lambda: time.fromisoformat('25:00')); t(lambda: date.fromisoformat('2020-02-30'))
t(lambda: datetime(2020,1,1).isoformat(timespec='x')); t(lambda: datetime(2020,1,1).isoformat('ab')); t(lambda: datetime.combine(1,2)); t(lambda: datetime.combine(date(2020,1,1),2)); t(lambda: datetime.now(3)); t(lambda: datetime(2020,1,1).astimezone(3))
t(lambda: datetime.fromtimestamp(1e30)); t(lambda: datetime.fromtimestamp(float('nan'))); t(lambda: datetime.fromtimestamp('a')); t(lambda: date.fromtimestamp(10**15)); t(lambda: datetime.fromtimestamp(1e12))
t(lambda: datetime(1,1,1)-timedelta(1)); t(lambda: timedelta(1)*float('nan')); t(lambda: timedelta('a')); t(lambda: timedelta(1)/0); t(lambda: timedelta(1)//0); t(lambda: timedelta(1)%timedelta(0)); t(lambda: timedelta(10**9)); t(lambda: timedelta.max+timedelta(1))
t(lambda: date(2020,1,1)==datetime(2020,1,1)); t(lambda: time(1)<time(1,tzinfo=timezone.utc)); t(lambda: time(1)-time(1))
t(lambda: repr(datetime(2020,1,1,1,1,fold=1,tzinfo=timezone.utc))); t(lambda: repr(time(1,fold=1))); t(lambda: repr(time(1,2,3,4,tzinfo=timezone.utc)))
t(lambda: datetime(2020,1,1,fold=1).__reduce_ex__(4)); t(lambda: datetime(2020,1,1,fold=1).__reduce_ex__(2)); t(lambda: time(1,fold=1).__reduce_ex__(4)); t(lambda: date(2020,1,1).__reduce__())
t(lambda: date(2020,1,1).replace(month=13)); t(lambda: datetime(2020,1,1).replace(tzinfo=5)); t(lambda: date(b'\x07\xe4\x01\x01')); t(lambda: datetime(b'\x07\xe4\x81\x01\x00\x00\x00\x00\x00\x00',timezone.utc)); t(lambda: time(b'\x81\0\0\0\0\0'))
t(lambda: f"{date(20,1,2):%Y %G %F %C %z|%Z|%f|%%z|%:z}"); t(lambda: datetime(2020,1,1,tzinfo=timezone(timedelta(hours=1,seconds=5))).strftime('%z %:z %Z')); t(lambda: date(2020,1,1).strftime(5)); t(lambda: date(2020,1,1).__format__(5))
t(lambda: 0); t(lambda: dt.__all__ if hasattr(dt,'__all__') else None); t(lambda: datetime.strptime('2020','%Y')); t(lambda: date.strptime('2020','%Y')); t(lambda: time.strptime('20','%H'))
t(lambda: date.today()==datetime.today().date())
t(lambda: timezone.min); t(lambda: repr(timezone(timedelta(hours=1)))); t(lambda: repr(timezone(timedelta(hours=1),'x'))); t(lambda: timezone(timedelta(0)) is timezone.utc); t(lambda: timezone(timedelta(microseconds=1)))
t(lambda: hash(timezone.utc)==hash(timezone(timedelta(0),'a'))); t(lambda: timezone.utc==5); t(lambda: date.max.isocalendar()); t(lambda: date(2020,1,1).isocalendar().__reduce__())
class D(date): pass
class T(datetime): pass
t(lambda: D(2020,1,1)+timedelta(1)); t(lambda: type(D(2020,1,1)+timedelta(1))); t(lambda: type(T.now())); t(lambda: repr(T(2020,1,1))); t(lambda: repr(D(2020,1,1))); t(lambda: type(T(2020,1,1).replace(day=2))); t(lambda: type(T(2020,1,1).date()))
t(lambda: datetime(2020,1,1,tzinfo=timezone.utc).utctimetuple()); t(lambda: datetime(2020,1,1).timetuple()); t(lambda: date(2020,1,1).ctime()); t(lambda: datetime(2020,1,1,5).ctime())
t(lambda: [x for x in dir(datetime) if not x.startswith('__')]); t(lambda: [x for x in dir(time) if not x.startswith('__')]); t(lambda: [x for x in dir(timezone)if not x.startswith('__')])
t(lambda: date(year=2020,month=1,day=1)); t(lambda: datetime(2020,1))
t(lambda: datetime(2020,1,1)-date(2020,1,1)); t(lambda: date(2020,1,1)-datetime(2020,1,1)); t(lambda: timedelta(1)-date(2020,1,1)); t(lambda: timedelta(1)+datetime(2020,1,1))
t(lambda: datetime.fromisoformat('2020-W01-1T24:00')); t(lambda: datetime.fromisoformat('20200101T101010,5Z')); t(lambda: datetime.fromisoformat('2020-01-01 10:10+05:30:10.5')); t(lambda: time.fromisoformat('T10')); t(lambda: datetime.fromisoformat('2020-01-01T24:01'))
# expect: TypeError tzinfo.utcoffset() must return None or timedelta, not 'int'
# expect: ValueError offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)
# expect: TypeError tzinfo.tzname() must return None or a string, not 'int'
# expect: TypeError tzinfo argument must be None or of a tzinfo subclass, not type 'int'
# expect: TypeError timezone() argument 1 must be datetime.timedelta, not int
# expect: ValueError offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)
# expect: TypeError timezone() argument 2 must be str, not int
# expect: TypeError timezone() missing required argument 'offset' (pos 1)
# expect: TypeError utcoffset(dt) argument must be a datetime instance or None, not int
# expect: TypeError fromutc: argument must be a datetime
# expect: ValueError fromutc: dt.tzinfo is not self
# expect: NotImplementedError a tzinfo subclass must implement utcoffset()
# expect: TypeError fromutc: argument must be a datetime
# expect: ValueError month must be in 1..12, not 13
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: TypeError function missing required argument 'month' (pos 2)
# expect: ValueError hour must be in 0..23, not 25
# expect: ValueError minute must be in 0..59, not 60
# expect: ValueError second must be in 0..59, not 60
# expect: ValueError microsecond must be in 0..999999, not 1000000
# expect: ValueError fold must be either 0 or 1, not 2
# expect: ValueError ordinal must be >= 1
# expect: ValueError year must be in 1..9999, not 27380
# expect: ValueError Invalid week: 54
# expect: ValueError year must be in 1..9999, not 0
# expect: ValueError Invalid weekday: 8 (range is [1, 7])
# expect: TypeError fromisoformat: argument must be str
# expect: ValueError Invalid isoformat string: 'x'
# expect: ValueError hour must be in 0..23, not 25
# expect: ValueError Invalid isoformat string: 'x'
# expect: ValueError hour must be in 0..23, not 25
# expect: ValueError day 30 must be in range 1..29 for month 2 in year 2020
# expect: ValueError Unknown timespec value
# expect: TypeError isoformat() argument 1 must be a unicode character, not a string of length 2
# expect: TypeError combine() argument 1 must be datetime.date, not int
# expect: TypeError combine() argument 2 must be datetime.time, not int
# expect: TypeError tzinfo argument must be None or of a tzinfo subclass, not type 'int'
# expect: TypeError tzinfo argument must be None or of a tzinfo subclass, not type 'int'
# expect: OverflowError timestamp out of range for platform time_t
# expect: ValueError Invalid value NaN (not a number)
# expect: TypeError argument must be int or float, not str
# expect: ValueError year must be in 1..9999, not 31690708
# expect: ValueError year must be in 1..9999, not 33658
# expect: OverflowError date value out of range
# expect: ValueError cannot convert NaN to integer ratio
# expect: TypeError unsupported type for timedelta days component: str
# expect: ZeroDivisionError division by zero
# expect: ZeroDivisionError division by zero
# expect: ZeroDivisionError division by zero
# expect: OverflowError days=1000000000; must have magnitude <= 999999999
# expect: OverflowError days=1000000000; must have magnitude <= 999999999
# expect: False
# expect: TypeError can't compare offset-naive and offset-aware times
# expect: TypeError unsupported operand type(s) for -: 'datetime.time' and 'datetime.time'
# expect: datetime.datetime(2020, 1, 1, 1, 1, fold=1, tzinfo=datetime.timezone.utc)
# expect: datetime.time(1, 0, fold=1)
# expect: datetime.time(1, 2, 3, 4, tzinfo=datetime.timezone.utc)
# expect: (<class 'datetime.datetime'>, (b'\x07\xe4\x81\x01\x00\x00\x00\x00\x00\x00',))
# expect: (<class 'datetime.datetime'>, (b'\x07\xe4\x01\x01\x00\x00\x00\x00\x00\x00',))
# expect: (<class 'datetime.time'>, (b'\x81\x00\x00\x00\x00\x00',))
# expect: (<class 'datetime.date'>, (b'\x07\xe4\x01\x01',))
# expect: ValueError month must be in 1..12, not 13
# expect: TypeError tzinfo argument must be None or of a tzinfo subclass, not type 'int'
# expect: 2020-01-01
# expect: 2020-01-01 00:00:00+00:00
# expect: 01:00:00
# expect: 0020 0020 0020-01-02 00 ||000000|%z|
# expect: +010005 +01:00:05 UTC+01:00:05
# expect: TypeError strftime() argument 1 must be str, not int
# expect: TypeError __format__() argument 1 must be str, not int
# expect: 0
# expect: ('date', 'datetime', 'time', 'timedelta', 'timezone', 'tzinfo', 'MINYEAR', 'MAXYEAR', 'UTC')
# expect: 2020-01-01 00:00:00
# expect: 2020-01-01
# expect: 20:00:00
# expect: True
# expect: UTC-23:59
# expect: datetime.timezone(datetime.timedelta(seconds=3600))
# expect: datetime.timezone(datetime.timedelta(seconds=3600), 'x')
# expect: True
# expect: UTC+00:00:00.000001
# expect: True
# expect: False
# expect: datetime.IsoCalendarDate(year=9999, week=52, weekday=5)
# expect: (<class 'tuple'>, ((2020, 1, 3),))
# expect: 2020-01-02
# expect: <class '__main__.D'>
# expect: <class '__main__.T'>
# expect: T(2020, 1, 1, 0, 0)
# expect: D(2020, 1, 1)
# expect: <class '__main__.T'>
# expect: <class 'datetime.date'>
# expect: time.struct_time(tm_year=2020, tm_mon=1, tm_mday=1, tm_hour=0, tm_min=0, tm_sec=0, tm_wday=2, tm_yday=1, tm_isdst=0)
# expect: time.struct_time(tm_year=2020, tm_mon=1, tm_mday=1, tm_hour=0, tm_min=0, tm_sec=0, tm_wday=2, tm_yday=1, tm_isdst=-1)
# expect: Wed Jan  1 00:00:00 2020
# expect: Wed Jan  1 05:00:00 2020
# expect: ['astimezone', 'combine', 'ctime', 'date', 'day', 'dst', 'fold', 'fromisocalendar', 'fromisoformat', 'fromordinal', 'fromtimestamp', 'hour', 'isocalendar', 'isoformat', 'isoweekday', 'max', 'microsecond', 'min', 'minute', 'month', 'now', 'replace', 'resolution', 'second', 'strftime', 'strptime', 'time', 'timestamp', 'timetuple', 'timetz', 'today', 'toordinal', 'tzinfo', 'tzname', 'utcfromtimestamp', 'utcnow', 'utcoffset', 'utctimetuple', 'weekday', 'year']
# expect: ['dst', 'fold', 'fromisoformat', 'hour', 'isoformat', 'max', 'microsecond', 'min', 'minute', 'replace', 'resolution', 'second', 'strftime', 'strptime', 'tzinfo', 'tzname', 'utcoffset']
# expect: ['dst', 'fromutc', 'max', 'min', 'tzname', 'utc', 'utcoffset']
# expect: 2020-01-01
# expect: TypeError function missing required argument 'day' (pos 3)
# expect: TypeError unsupported operand type(s) for -: 'datetime.datetime' and 'datetime.date'
# expect: TypeError unsupported operand type(s) for -: 'datetime.date' and 'datetime.datetime'
# expect: TypeError unsupported operand type(s) for -: 'datetime.timedelta' and 'datetime.date'
# expect: 2020-01-02 00:00:00
# expect: 2019-12-31 00:00:00
# expect: 2020-01-01 10:10:10.500000+00:00
# expect: 2020-01-01 10:10:00+05:30:10.500000
# expect: 10:00:00
# expect: ValueError minute, second, and microsecond must be 0 when hour is 24
