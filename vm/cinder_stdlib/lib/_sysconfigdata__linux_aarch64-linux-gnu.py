"""The name under which sysconfig looks for what it wants to know."""

from _sysconfigdata import build_time_vars
