"""Seals strict modules and their classes during tests. `monkeypatch` and `unittest.mock.patch` may change them; tests and code otherwise may not."""

import functools
import unittest.mock

from . import install, patching, uninstall

_originals = []


def pytest_addoption(parser):
    parser.addini("cinder_seal", "seal strict modules: off, warn or enforce", default="off")


def _wrap(owner, name, targets):
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapper(*args, **kwargs):
        with patching(*targets(*args)):
            return original(*args, **kwargs)

    _originals.append((owner, name, original))
    setattr(owner, name, wrapper)


def _named(_monkeypatch, target=None, *_rest):
    # A dotted name may lead to any class.
    return () if isinstance(target, str) else (target,)


def _undone(monkeypatch):
    return (None, *[target for target, _name, _value in getattr(monkeypatch, "_setattr", ())])


def _patched(patcher, *_rest):
    target = getattr(patcher, "target", None)
    return () if target is None else (target,)


def pytest_configure(config):
    mode = config.getini("cinder_seal")
    if mode == "off":
        return
    from _pytest.monkeypatch import MonkeyPatch

    _wrap(MonkeyPatch, "setattr", _named)
    _wrap(MonkeyPatch, "delattr", _named)
    _wrap(MonkeyPatch, "undo", _undone)
    for name in ("__enter__", "__exit__"):
        _wrap(unittest.mock._patch, name, _patched)
    install(mode)


def pytest_unconfigure(config):
    uninstall()
    while _originals:
        owner, name, original = _originals.pop()
        setattr(owner, name, original)
