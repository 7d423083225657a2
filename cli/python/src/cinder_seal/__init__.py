"""Seals strict modules when their body has run.

Problem: a module that passed the analysis may still be changed from outside afterwards, by code or by tests.
Idea: the loader of marked source files gives the module another class, whose attributes cannot be set. The module's own functions go on
working on its globals, which are not touched.
"""

from ._hook import SealWarning, SealedModule, install, installed_mode, patching, seal, uninstall

__all__ = ["SealWarning", "SealedModule", "install", "installed_mode", "patching", "seal", "uninstall"]
