"""What `import autograd` finds first in a process that a program served by chainrule started."""

import importlib
import sys

from chainrule.interop.autograd.importing import install

# The import that runs this gives what stands under the name at its end.
del sys.modules[__name__]
install()
importlib.import_module(__name__)
