# What becomes of a warning: filters, registries, and where it is said to come from.
import io
import sys
import warnings


def lines(call, *args, **given):
    old, sys.stderr = sys.stderr, io.StringIO()
    try:
        call(*args, **given)
        return sys.stderr.getvalue().splitlines()
    finally:
        sys.stderr = old


def explicit(text, registry=None, category=UserWarning, line=7):
    warnings.warn_explicit(text, category, "place.py", line, module="place", registry=registry)


for action in ["default", "always", "all", "ignore", "module", "once"]:
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        told = {}
        count = 0
        for line in [7, 7, 8]:
            count += len(lines(explicit, f"by {action}", told, line=line))
        print(action, count, sorted(str(key) for key in told if key != "version"))
# expect: default 2 ["('by default', <class 'UserWarning'>, 7)", "('by default', <class 'UserWarning'>, 8)"]
# expect: always 3 []
# expect: all 3 []
# expect: ignore 0 []
# expect: module 1 ["('by module', <class 'UserWarning'>)", "('by module', <class 'UserWarning'>, 7)", "('by module', <class 'UserWarning'>, 8)"]
# expect: once 1 ["('by once', <class 'UserWarning'>)", "('by once', <class 'UserWarning'>, 7)", "('by once', <class 'UserWarning'>, 8)"]

with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        warnings.warn("stop", RuntimeWarning)
    except RuntimeWarning as error:
        print(repr(error), error.__traceback__.tb_next)
# expect: RuntimeWarning('stop') None

# A filter's texts are patterns; one that changes the filters meanwhile does no harm.
with warnings.catch_warnings():
    warnings.resetwarnings()
    warnings.filterwarnings("ignore", message="qui.t", module="pl")
    print(lines(explicit, "quiet"), lines(explicit, "loud"))
# expect: [] ['place.py:7: UserWarning: loud']

with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")

    def deep():
        warnings.warn("here")
        warnings.warn("caller", stacklevel=2)
        warnings.warn("nobody", stacklevel=99)

    deep()
    for entry in seen:
        print(entry.message, entry.filename.rpartition("/")[2], entry.lineno - deep.__code__.co_firstlineno)
# expect: here warnings_native.py 1
# expect: caller warnings_native.py 5
# expect: nobody <sys> -53

for call in [
    lambda: warnings.warn("a", int),
    lambda: warnings.warn("a", "b"),
    lambda: warnings.warn("a", skip_file_prefixes="x"),
    lambda: warnings.warn("a", skip_file_prefixes=(1,)),
    lambda: warnings.warn_explicit("a", UserWarning, None, 1),
    lambda: warnings.warn_explicit("a", UserWarning, "f", 1, registry=3),
    lambda: warnings.warn_explicit("a", UserWarning, "f", 1, module_globals=3),
]:
    try:
        call()
    except TypeError as error:
        print(error)
# expect: category must be a Warning subclass, not 'type'
# expect: category must be a Warning subclass, not 'str'
# expect: warn() argument 'skip_file_prefixes' must be tuple, not str
# expect: Found non-str 'int' in skip_file_prefixes.
# expect: warn_explicit() argument 'filename' must be str, not None
# expect: 'registry' must be a dict or None
# expect: module_globals must be a dict, not 'int'

warnings.filters.insert(0, ("what", None, Warning, None, 0))
try:
    explicit("odd")
except RuntimeError as error:
    print(str(error).splitlines()[0])
warnings.filters[0] = (1, 2)
try:
    explicit("odd")
except ValueError as error:
    print(error)
# expect: Unrecognized action ('what') in warnings.filters:
# expect: warnings.filters item 0 isn't a 5-tuple
