"""`python -m zoodiff.isolate lock ZOO[==VERSION] [FOLDER]`: lock what a zoo needs."""

import sys

from zoodiff.isolate.isolate import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
