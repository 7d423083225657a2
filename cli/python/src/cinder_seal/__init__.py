"""Seals strict modules and their classes when the module's body has run.

Problem: a module that passed the analysis may still be changed from outside afterwards, by code or by tests.
Idea: the loader of marked source files gives the module another class, whose attributes cannot be set, and freezes the module's classes with the
interpreter's own flag. The module's own functions go on working on its globals, which are not touched.
"""

from ._classes import available as can_freeze_classes
from ._hook import (
    SealedModule,
    SealWarning,
    install,
    installed_mode,
    patching,
    report_changes,
    seal,
    seal_class,
    uninstall,
)

__all__ = [
    "SealWarning",
    "SealedModule",
    "can_freeze_classes",
    "install",
    "installed_mode",
    "patching",
    "report_changes",
    "seal",
    "seal_class",
    "uninstall",
]
