"""The module importlib._bootstrap under the name that it has where it is frozen."""

import sys

_spec = getattr(sys.modules.get("importlib"), "__spec__", None)
if getattr(_spec, "_initializing", False):
    # importlib asks for it while it sets itself up; then it uses its own module.
    raise ImportError("importlib._bootstrap is not frozen", name=__name__)

# Out of the way, so that importlib meets the refusal above when it asks.
del sys.modules[__name__]
import importlib._bootstrap

sys.modules[__name__] = importlib._bootstrap
