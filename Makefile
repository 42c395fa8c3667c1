# Every target sets up .venv by itself; it is installed again only when what is installed changes.
PYTHON  ?= python3
MINUTES ?= 10
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.installed

# else each of some thousand processes that tests start would compile Ramba's source anew, in half a second
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test conformance neighbours numpy-tests bench small scale network comparison soak golden stubs docs test-browser wheel clean
.DEFAULT_GOAL := help

help:    ## this list; the default
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)    ## .venv with Ramba, what it can use, and the tools; every other target does it, too

$(READY): pyproject.toml setup.py $(wildcard native/*)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing ramba and its tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,viz,mpi,ray,files]'
	@touch $@

demo: $(READY)    ## every program once with NumPy, once with Ramba, side by side; draws docs/demo.png
	@$(BIN)/python -m benchmarks.demo

test: $(READY)    ## lint, types, floors and tests: what CI runs
	$(BIN)/ruff check .
	$(BIN)/mypy src
	$(BIN)/lint-imports --no-cache
	TEST_SHARE=third $(BIN)/pytest -n 4 --dist worksteal -q  # four, as a good part of the tests waits
	RAMBA_NATIVE=off TEST_WORKERS=mixed $(BIN)/pytest -n 2 --dist worksteal -q tests/api tests/lazyarray

conformance: $(READY)    ## the suite of the engine on 1, 2, 3, 4 and 7 workers and with all arrays lazy, each of them whole
	for workers in 1 2 3 4 7; do TEST_WORKERS=$$workers $(BIN)/pytest -n 2 -q tests/api tests/lazyarray || exit 1; done
	RAMBA_EAGER_SIZE=0 $(BIN)/pytest -n 2 -q tests/api tests/lazyarray
	RAMBA_NATIVE=off $(BIN)/pytest -n 2 -q tests/api tests/lazyarray
	RAMBA_EAGER_SIZE=0 TEST_WORKERS=3 $(BIN)/pytest -n 2 -q tests/api tests/lazyarray
	$(BIN)/pytest -n 2 -q
	$(BIN)/pytest -n 2 -q -m repeats

neighbours: $(READY)    ## other libraries with our arrays, on threads and on two processes; installs them into .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[neighbours]'
	$(BIN)/pytest -n 2 -q -m 'neighbours or not neighbours' tests/neighbours

numpy-tests: $(READY)    ## NumPy's own tests on Ramba, in three modes; writes the table of docs/numpy-coverage.md
	@$(BIN)/python -m tools.numpy_suite

bench: $(READY)    ## one line per budget, NumPy as the baseline
	@$(BIN)/python -m benchmarks

small: $(READY)    ## calls and loops on small arrays beside NumPy; draws docs/small.png
	@$(BIN)/python -m benchmarks.small

scale: $(READY)    ## up to 1024 workers, simulated, and a model of a cluster; draws docs/scale.png, losses.png
	@$(BIN)/python -m benchmarks.scale

network: $(READY)    ## the model of a cluster beside three and four hosts in namespaces, on Ray and MPI; writes docs/network.md; needs root
	@$(BIN)/python -m benchmarks.network

soak: $(READY)    ## long runs that look for growth and rare failures (MINUTES=10)
	$(BIN)/pytest -q -m 'soak or slow' --timeout 3600 || test $$? -eq 5  # 5: no test is marked
	$(BIN)/python -m tests.soak --minutes $(MINUTES)
	$(BIN)/python -m tests.soaks.crowded --minutes $(MINUTES)
	$(BIN)/python -m tests.soaks.kills --rounds 200 --backend processes
	$(BIN)/python -m tests.soaks.kills --rounds 60 --backend processes --kept
	$(BIN)/python -m tests.soaks.kills --rounds 200 --backend processes --stops
	$(BIN)/python -m tests.soaks.kills --rounds 200 --backend processes --cuts
	for what in '' --cuts; do $(BIN)/python -m tests.soaks.kills --rounds 60 --backend ray $$what || exit 1; done
	for backend in threads processes; do $(BIN)/python -m tests.soaks.full_disks --rounds 200 --backend $$backend || exit 1; done
	for backend in threads processes ray; do $(BIN)/python -m tests.soaks.interrupts --rounds 1200 --backend $$backend || exit 1; done
	$(BIN)/python -m tests.soaks.memory_limits --rounds 300

comparison: $(READY)    ## the published stencil with NumPy, Numba, Dask, C with MPI and Ramba; writes docs/comparison.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[comparison]'
	@$(BIN)/python -m benchmarks.comparison

golden: $(READY)    ## write the golden texts of plans and kernels anew (then read the diff)
	$(BIN)/pytest -q -m golden --update-golden

stubs: $(READY)    ## write anew what type checkers read of Ramba (then read the diff)
	$(BIN)/python -m tools.stubs

docs: $(READY)    ## the documentation site, docs/_build/html/index.html; installs what builds it into .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	@$(BIN)/python -m tools.site

test-browser: $(READY)    ## site, report, dashboard and a notebook in a real browser; pictures in build/screenshots
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[browser]'
	@CHROMIUM='$(CHROMIUM)' $(BIN)/python -m tests.browser
	@test -e docs/_build/html/index.html || $(MAKE) docs
	CHROMIUM='$(CHROMIUM)' $(BIN)/pytest -q -m 'browser or not browser' tests/browser

wheel: $(READY)    ## dist/: the wheel and the source archive, their version after the repository's tags
	@rm -rf dist
	$(BIN)/python -m build --outdir dist

clean:    ## everything that can be made again
	rm -rf $(VENV) build dist src/*.egg-info src/ramba/lazyarray/*.so .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
