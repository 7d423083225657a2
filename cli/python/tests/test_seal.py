"""Tests of the hook; `python -m unittest discover cli/python/tests` with `cli/python/src` on the path."""

import importlib
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
