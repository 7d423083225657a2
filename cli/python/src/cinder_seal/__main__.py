"""`python -m cinder_seal SCRIPT [ARGUMENTS]`: runs a script under the hook, in the mode that $CINDER_SEAL names."""

import os
import runpy
import sys

from . import install


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: python -m cinder_seal SCRIPT [ARGUMENTS]")
    install(os.environ.get("CINDER_SEAL", "enforce"))
    del sys.argv[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
