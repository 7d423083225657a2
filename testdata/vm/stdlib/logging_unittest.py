# logging, warnings, unittest
import logging, warnings, unittest, io, sys
buf = io.StringIO()
log = logging.getLogger("app.part")
h = logging.StreamHandler(buf)
h.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
log.addHandler(h)
log.setLevel(logging.INFO)
log.propagate = False
log.debug("hidden")
log.info("shown %s %d", "x", 5)
log.warning("warn {}")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
text = buf.getvalue().splitlines()
print(text[:3], text[-1])
# expect: ['INFO:app.part:shown x 5', 'WARNING:app.part:warn {}', 'ERROR:app.part:failed'] ZeroDivisionError: division by zero
print(log.isEnabledFor(logging.DEBUG), log.getEffectiveLevel(), log.parent.name, logging.getLevelName(30), logging.getLogger("app.part") is log, log.name, log.handlers == [h])
# expect: False 20 root WARNING True app.part True
class F(logging.Filter):
    def filter(self, r): return "secret" not in r.getMessage()
log.addFilter(F())
log.error("a secret")
log.error("plain", extra={"k": 1})
print(buf.getvalue().splitlines()[-1])  # expect: ERROR:app.part:plain
class H(logging.Handler):
    def emit(self, r): print("emit", self.format(r), r.levelno, r.args, r.funcName)
other = logging.getLogger("other")
other.addHandler(H())
other.propagate = False
other.critical("c %r", "q")  # expect: emit c 'q' 50 ('q',) <module>
other.log(25, "between")
def w():
    warnings.warn("careful", UserWarning)
    return 1
with warnings.catch_warnings(record=True) as got:
    warnings.simplefilter("always")
    w()
    w()
    warnings.warn("old", DeprecationWarning)
print([(str(g.message), g.category.__name__) for g in got])
# expect: [('careful', 'UserWarning'), ('careful', 'UserWarning'), ('old', 'DeprecationWarning')]
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        w()
    except UserWarning as e:
        print("raised", e)
# expect: raised careful
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    print(w())
# expect: 1
class T(unittest.TestCase):
    def setUp(self): self.x = [1]
    def test_ok(self):
        self.assertEqual(1 + 1, 2)
        self.assertIn(1, self.x)
        self.assertIsNone(None)
        self.assertAlmostEqual(0.1 + 0.2, 0.3)
        with self.assertRaisesRegex(ValueError, "inv.lid"):
            int("x")
        with self.assertWarns(UserWarning): w()
    def test_fail(self): self.assertEqual([1, 2, 3], [1, 2, 4], "lists")
    def test_error(self): raise KeyError("k")
    @unittest.skip("not now")
    def test_skip(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.assertTrue(False)
    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i): self.assertLess(i, 2)
out = io.StringIO()
r = unittest.TextTestRunner(out, verbosity=0).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
print(r.testsRun, len(r.failures), len(r.errors), len(r.skipped), len(r.expectedFailures), r.wasSuccessful())
# expect: 6 2 1 1 1 False
print(sorted(str(t).split()[0] for t, _ in r.failures), r.failures[0][1].splitlines()[-8:])
# expect: ['test_fail', 'test_sub'] ['4', '', '- [1, 2, 3]', '?        ^', '', '+ [1, 2, 4]', '?        ^', ' : lists']
from unittest import mock
m = mock.Mock(return_value=5)
print(m(1, a=2), m.called, m.call_args, m.attr.deep() is m.attr.deep(), m.mock_calls[:1])
# expect: 5 True call(1, a=2) True [call(1, a=2)]
m.side_effect = [1, ValueError("se")]
print(m())  # expect: 1
try:
    m()
except ValueError as e:
    print(e)
# expect: se
m.assert_any_call(1, a=2)
try:
    m.assert_called_once()
except AssertionError as e:
    print(str(e).splitlines()[0])
# expect: Expected 'mock' to have been called once. Called 3 times.
with mock.patch("sys.platform", "mocked"): print(sys.platform)  # expect: mocked
with mock.patch.object(T, "setUp", autospec=True) as p, mock.patch.dict({"a": 1}, b=2): print(p is T.setUp)
# expect: True
mm = mock.MagicMock()
mm.__len__.return_value = 3
mm["k"] = 1
print(len(mm), mm.__setitem__.call_args, bool(mm), mock.sentinel.x is mock.sentinel.x, mock.ANY == 5)
# expect: 3 call('k', 1) True True True
