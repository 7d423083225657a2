"""Seals strict modules during tests. `monkeypatch` and `unittest.mock.patch` may change them; tests and code otherwise may not."""

import functools
import unittest.mock

from . import install, patching, uninstall

_originals = []


def pytest_addoption(parser):
    parser.addini("cinder_seal", "seal strict modules: off, warn or enforce", default="off")


def _wrap(owner, name):
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapper(*args, **kwargs):
        with patching():
            return original(*args, **kwargs)

    _originals.append((owner, name, original))
    setattr(owner, name, wrapper)


def pytest_configure(config):
    mode = config.getini("cinder_seal")
    if mode == "off":
        return
    from _pytest.monkeypatch import MonkeyPatch

    for name in ("setattr", "delattr", "undo"):
        _wrap(MonkeyPatch, name)
    for name in ("__enter__", "__exit__"):
        _wrap(unittest.mock._patch, name)
    install(mode)


def pytest_unconfigure(config):
    uninstall()
    while _originals:
        owner, name, original = _originals.pop()
        setattr(owner, name, original)
