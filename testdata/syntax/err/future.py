import a
from __future__ import annotations
from __future__ import braces
from __future__ import nothing
