"""When this process began to read the package, which is before it reads any of its modules."""

import sys
from typing import cast

# Not imported: the package stands above its floors.
_PACKAGE = sys.modules[__name__.partition(".")[0]]

IMPORTED = cast(int, vars(_PACKAGE)["_imported"])
"""What is edited later is not what this process runs: nanoseconds, as of files."""
