# make demo    train models on real data with gradients from chainrule (under two minutes)
# make test    lint, types, floors, tests, doctests, pages
# make gallery write the pages of docs/gallery, in which one steps through small programs, into docs/_build
# make bench   speed, beside HIPS autograd and hand-written C (PEERS=1: install JAX, PyTorch and Dr.Jit for it too)
# make viewer  build the page of chainrule.explain from its sources in viewer/ (needs Node)
# make format  put the code into the project's format
# make lock    pin the newest versions that fit, in requirements/
# make clean   remove the environment and what tools remember
#
# All work happens in .venv, which is made with PYTHON and remembers what was installed in it.

PYTHON ?= python3
NPM    := $(shell command -v npm 2>/dev/null)
VENV   := .venv
BIN    := $(VENV)/bin
# Errors only: a machine that is set up with several indexes would get a warning for each package.
PIP    := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

# Two tests run at a time, so each gets one thread: more would only wait for each other.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: help demo test viewer gallery bench format lock clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: $(VENV)/.demo
	@$(BIN)/chainrule demo

test: $(VENV)/.test $(if $(NPM),viewer/node_modules/.installed)
	@echo "==> ruff check"
	@$(BIN)/ruff check
	@echo "==> ruff format"
	@$(BIN)/ruff format --check
	@echo "==> mypy"
	@$(BIN)/mypy
	@echo "==> import-linter"
	@$(BIN)/lint-imports --no-logo
	@echo "==> pytest"
	@$(ONE_THREAD) $(BIN)/pytest -q -n 2

viewer: viewer/node_modules/.installed
	@cd viewer && npm run --silent check && npm run --silent build

gallery: $(VENV)/.test
	@$(BIN)/python scripts/write_gallery.py

bench: $(VENV)/.test $(if $(PEERS),$(VENV)/.bench)
	@$(ONE_THREAD) $(BIN)/python -m benchmarks

format: $(VENV)/.test
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

lock: $(VENV)/.python
	@$(PIP) install uv
	@$(LOCK) --group build --group lint --group test -o requirements/test.txt
	@$(LOCK) --group build -c requirements/test.txt -o requirements/demo.txt

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --extra demo \
	--python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

clean:
	rm -rf $(VENV) viewer/node_modules build dist docs/_build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Exactly what package-lock.json says; nothing of it has to run a script to be installed.
viewer/node_modules/.installed: viewer/package.json viewer/package-lock.json
	@echo "==> installing the viewer's tools"
	@cd viewer && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit("chainrule needs Python 3.11 or newer; this is " + sys.version.split()[0] + \
		". Say which to use: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@echo "==> making $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# The build backend is among the pinned packages, so nothing unpinned is fetched to install the project itself.
$(VENV)/.demo $(VENV)/.test: $(VENV)/.%: $(VENV)/.python requirements/%.txt pyproject.toml
	@echo "==> installing requirements/$*.txt and chainrule"
	@$(PIP) install -r requirements/$*.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The peers come on top of what the tests need, whose pins they must not move.
$(VENV)/.bench: $(VENV)/.test requirements/bench.txt
	@echo "==> installing requirements/bench.txt"
	@$(PIP) install --no-deps -r requirements/bench.txt
	@touch $@
