"""Tests of the hook; `python -m unittest discover cli/python/tests` with `cli/python/src` on the path."""

import importlib
import os
import pathlib
import sys
import tempfile
import unittest
import warnings
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))

import cinder_seal
from cinder_seal._marker import is_marked


class Hook(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        sys.path.insert(0, self.folder.name)
        self.known = set(sys.modules)

    def tearDown(self):
        cinder_seal.uninstall()
        sys.path.remove(self.folder.name)
        for name in set(sys.modules) - self.known:
            del sys.modules[name]
        self.folder.cleanup()

    def module(self, name, text):
        path = pathlib.Path(self.folder.name, *name.split("."))
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".py").write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def test_enforce(self):
        cinder_seal.install("enforce")
        m = self.module("sealed_a", "import __strict__\nx = 1\ndef bump():\n    global x\n    x += 1\n")
        with self.assertRaisesRegex(AttributeError, "cannot modify attribute 'x' of strict module sealed_a"):
            m.x = 2
        with self.assertRaisesRegex(AttributeError, "cannot delete attribute 'x'"):
            del m.x
        m.bump()
        self.assertEqual(m.x, 2)

    def test_ordinary_modules_stay_open(self):
        cinder_seal.install("enforce")
        m = self.module("open_a", "x = 1\n")
        m.x = 2
        self.assertEqual(m.x, 2)

    def test_warn(self):
        cinder_seal.install("warn")
        m = self.module("sealed_b", "import __strict__\nx = 1\n")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            m.x = 2
        self.assertEqual(m.x, 2)
        self.assertEqual([w.category for w in caught], [cinder_seal.SealWarning])

    def test_only(self):
        cinder_seal.install("enforce", only=["other"])
        m = self.module("sealed_c", "import __strict__\nx = 1\n")
        m.x = 2

    def test_patching(self):
        cinder_seal.install("enforce")
        m = self.module("sealed_d", "import __strict__\nx = 1\n")
        with cinder_seal.patching():
            with mock.patch.object(m, "x", 5):
                self.assertEqual(m.x, 5)
        self.assertEqual(m.x, 1)

    def test_failing_import_is_forgotten(self):
        cinder_seal.install("enforce")
        with self.assertRaises(ZeroDivisionError):
            self.module("sealed_e", "import __strict__\n1 / 0\n")
        self.assertNotIn("sealed_e", sys.modules)

    CLASSES = """
import __strict__
import abc
import dataclasses
import enum
from __strict__ import mutable
from collections import namedtuple

class Plain:
    x = 1
    class Inner:
        y = 1
    def method(self):
        return self.x

@dataclasses.dataclass(slots=True)
class Data:
    a: int = 0

class Abstract(abc.ABC):
    @abc.abstractmethod
    def f(self): ...

class Color(enum.Flag):
    RED = 1
    BLUE = 2

class Child(Plain):
    pass

@mutable
class Open:
    x = 1

if True:
    class Conditional:
        x = 1

Pair = namedtuple("Pair", "a b")
Made = type("Made", (), {"__module__": __name__})
Plain.late = 2

def make(fails=False):
    "Makes a class."
    class Local:
        x = 1
        def __init__(self):
            self.y = 1
    Local.late = 2
    if fails:
        raise KeyError(Local)
    return Local
"""

    FROZEN = ["Plain", "Plain.Inner", "Data", "Abstract", "Color", "Child", "Conditional"]

    @staticmethod
    def find(module, name):
        for part in name.split("."):
            module = getattr(module, part)
        return module

    def test_classes_are_frozen(self):
        if not cinder_seal.can_freeze_classes():
            self.skipTest("this interpreter's classes cannot be frozen")
        cinder_seal.install("enforce")
        m = self.module("classes_a", self.CLASSES)
        for name in self.FROZEN:
            cls = self.find(m, name)
            with self.assertRaisesRegex(TypeError, f"cannot set 'x' attribute of immutable type '(classes_a.)?{name.split('.')[-1]}'"):
                cls.x = 5
            with self.assertRaises(TypeError):
                del cls.__doc__
        for name in ["Open", "Pair", "Made"]:
            cls = getattr(m, name)
            cls.x = 5
            self.assertEqual(cls.x, 5)

    def test_frozen_classes_work(self):
        import copy
        import pickle

        cinder_seal.install("enforce")
        m = self.module("classes_b", self.CLASSES)
        plain = m.Plain()
        plain.own = 1
        self.assertEqual((plain.method(), plain.late, plain.own), (1, 2, 1))
        self.assertEqual(pickle.loads(pickle.dumps(plain)).own, 1)
        self.assertEqual(copy.deepcopy(m.Data(3)), m.Data(3))
        self.assertEqual(m.Color.RED | m.Color.BLUE, m.Color(3))

        class Derived(m.Abstract):
            def f(self):
                return 1

        Derived.extra = 1
        self.assertEqual(Derived().f(), 1)
        m.Abstract.register(int)
        self.assertIsInstance(1, m.Abstract)
        self.assertEqual(m.Data.__annotations__, {"a": int})

    def test_classes_of_functions(self):
        if not cinder_seal.can_freeze_classes():
            self.skipTest("this interpreter's classes cannot be frozen")
        cinder_seal.install("enforce")
        m = self.module("classes_c", self.CLASSES)
        self.assertEqual(m.make.__doc__, "Makes a class.")
        made = m.make()
        self.assertEqual((made.late, made().y), (2, 1))
        with self.assertRaises(TypeError):
            made.x = 2
        with self.assertRaises(KeyError) as caught:
            m.make(fails=True)
        with self.assertRaises(TypeError):
            caught.exception.args[0].x = 2

    def test_patching_opens_classes(self):
        cinder_seal.install("enforce")
        m = self.module("classes_d", self.CLASSES)
        with cinder_seal.patching():
            patcher = mock.patch.object(m.Plain, "x", 9)
            patcher.start()
        self.assertEqual(m.Child.x, 9)
        with cinder_seal.patching(m.Plain):
            patcher.stop()
        self.assertEqual(m.Child.x, 1)
        if cinder_seal.can_freeze_classes():
            with self.assertRaises(TypeError):
                m.Plain.x = 2

    def test_classes_are_watched(self):
        cinder_seal.install("warn")
        m = self.module("classes_e", self.CLASSES)
        m.Plain.x = 5
        m.Child.new = 5
        del m.Plain.Inner.y
        m.Open.x = 5
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            cinder_seal.report_changes()
            cinder_seal.report_changes()
        self.assertEqual(
            [str(w.message) for w in caught],
            [
                "attribute 'x' of strict class classes_e.Plain was changed",
                "attribute 'y' of strict class classes_e.Plain.Inner was deleted",
                "attribute 'new' of strict class classes_e.Child was added",
            ],
        )

    def test_off_and_uninstalled_leave_classes_open(self):
        cinder_seal.install("off")
        m = self.module("classes_f", self.CLASSES)
        m.Plain.x = 5
        cinder_seal.install("enforce")
        m = self.module("classes_g", self.CLASSES)
        cinder_seal.uninstall()
        m.Plain.x = 5
        m.make().x = 5

    def test_freeze_type(self):
        import __strict__

        cinder_seal.install("enforce")
        m = self.module("classes_h", "import __strict__\nMade = type('Made', (), {})\n__strict__.freeze_type(Made)\n")
        if cinder_seal.can_freeze_classes():
            with self.assertRaises(TypeError):
                m.Made.x = 1
        with self.assertRaises(TypeError):
            __strict__.freeze_type(1)
        old = __strict__.set_freeze_enabled(False)
        try:
            __strict__.freeze_type(type("B", (), {})).x = 1
        finally:
            __strict__.set_freeze_enabled(old)

    def test_unhashable_classes(self):
        cinder_seal.install("enforce")
        text = "import __strict__\nclass M(type):\n    __hash__ = None\nclass C(metaclass=M):\n    x = 1\n"
        m = self.module("classes_i", text)
        if cinder_seal.can_freeze_classes():
            with self.assertRaises(TypeError):
                m.C.x = 1

    def test_nothing_of_the_hook_is_cached(self):
        cinder_seal.install("enforce")
        self.module("classes_j", self.CLASSES)
        cinder_seal.uninstall()
        del sys.modules["classes_j"]
        self.module("classes_j", self.CLASSES).make().x = 5

    def test_pytest_plugin(self):
        try:
            import pytest
        except ImportError:
            self.skipTest("pytest is not installed")
        import subprocess

        folder = pathlib.Path(self.folder.name)
        (folder / "strict_thing.py").write_text(self.CLASSES + "\nVALUE = 1\n")
        (folder / "test_thing.py").write_text(
            """
import unittest.mock
import pytest
import cinder_seal
import strict_thing

def test_sealed():
    with pytest.raises(AttributeError):
        strict_thing.VALUE = 2
    if cinder_seal.can_freeze_classes():
        with pytest.raises(TypeError):
            strict_thing.Plain.x = 2

def test_monkeypatch(monkeypatch):
    monkeypatch.setattr(strict_thing, "VALUE", 3)
    monkeypatch.setattr(strict_thing.Plain, "x", 3)
    monkeypatch.setattr("strict_thing.Child.y", 4, raising=False)
    monkeypatch.delattr(strict_thing.Plain, "method")
    assert (strict_thing.VALUE, strict_thing.Child.x, strict_thing.Child.y) == (3, 3, 4)
    assert not hasattr(strict_thing.Plain, "method")

def test_undone():
    assert (strict_thing.VALUE, strict_thing.Plain.x) == (1, 1)
    assert hasattr(strict_thing.Plain, "method") and not hasattr(strict_thing.Child, "y")
    test_sealed()

@unittest.mock.patch("strict_thing.VALUE", 5)
@unittest.mock.patch.object(strict_thing.Plain, "x", 5)
def test_mock():
    assert (strict_thing.VALUE, strict_thing.Plain.x) == (5, 5)

def test_undone_again():
    test_undone()
"""
        )
        (folder / "pytest.ini").write_text("[pytest]\ncinder_seal = enforce\n")
        source = pathlib.Path(__file__).parent.parent / "src"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "cinder_seal.pytest_plugin", "-p", "no:cacheprovider", "."]
        path = os.pathsep.join([str(source), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("5 passed", result.stdout)

    def test_markers(self):
        for text, wanted in [
            ("import __strict__", True),
            ('"""Doc."""\nfrom __future__ import annotations\nimport __static__', True),
            ("import os\nimport __strict__", False),
            ("import __strict__ as s", False),
            ("import __strict__, os", False),
            ("x = '__strict__'", False),
            ("import __strict__ (", False),
        ]:
            self.assertEqual(is_marked(text), wanted, text)


if __name__ == "__main__":
    unittest.main()
