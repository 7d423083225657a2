"""Makes the builtins that CPython's site module adds, when one of them is first used."""

import _sitebuiltins
import sys


def make(name):
    if name in ("exit", "quit"):
        return _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)")
    if name == "help":
        return _sitebuiltins._Helper()
    if name == "copyright":
        return _sitebuiltins._Printer("copyright", sys.copyright)
    if name == "credits":
        return _sitebuiltins._Printer("credits", "Thanks to all who work on Python and on the crates that this program is made of.")
    return _sitebuiltins._Printer("license", "See https://docs.python.org/3/license.html for the standard library's license.")
