"""``python -m benchmarks``: all of them, or those named."""

import sys
from importlib import import_module
from pathlib import Path

known = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
for name in sys.argv[1:] or known:
    if name not in known:
        sys.exit(f"no benchmark {name!r}; known: {', '.join(known)}")
    import_module(f"benchmarks.{name}").main()
