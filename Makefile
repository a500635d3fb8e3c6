# Each verb sets up what it needs in .venv, from lock files with hashes; a repeat is instant.

PYTHON ?= python3
PORT ?= 8000
PY := .venv/bin/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check
# Extras stay named: without them pip takes the newest release of a package wanted with an extra, for which no hash is known.
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras
ON = $(if $(DATABASE),--database $(DATABASE))
KEPT = --keep build/load$(if $(DATABASE),-postgresql)
SOURCES := src tests docs benchmarks
# A folder with `py/bin/python`, and with `node/node_modules` where somebody has put them there.
export COLLECTOR_CLIENTS ?= $(abspath .venv-clients)
TEST := $(PY) -m pytest -n 2 --dist loadgroup

.PHONY: help demo serve test thorough slow faults chaos check fix bench load docs lock clean
.DELETE_ON_ERROR:

help:  ## say what each verb does
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' Makefile

demo: .venv/base  ## the server with the bundled shop in it, to open in the browser; Ctrl-C stops it
	.venv/bin/stammkunde serve --demo --port $(PORT)

serve: .venv/base  ## start the server here, with its data in a folder of your home
	.venv/bin/stammkunde serve --port $(PORT)

test: .venv/dev .venv/clients  ## run the whole fast suite, then the server's part on PostgreSQL where it is installed
	$(TEST)
	$(PY) tests/on_postgres.py -n 2 --dist loadgroup

thorough: .venv/dev .venv/spark .venv/clients  ## run what `test` leaves out: on Spark, in a browser, all cases of a kind
	$(TEST) -m "(thorough or spark or browser) and not slow"
	$(PY) tests/on_postgres.py --thorough -n 2 --dist loadgroup

slow: .venv/dev .venv/spark  ## run the tests that take minutes
	$(TEST) -m slow

faults: .venv/dev  ## kill processes at random points a hundred times on each database, and count what was lost
	$(PY) tests/faults
	$(PY) tests/on_postgres.py --run tests/faults

KILLS = 1000
chaos: .venv/dev  ## kill workers that send mail at every change of state, KILLS times on each database; nothing twice
	$(PY) tests/chaos --kills $(KILLS)
	$(PY) tests/on_postgres.py --run tests/chaos --kills $(KILLS)

check: .venv/dev  ## style, types, import order, lock files: what CI holds
	$(PY) -m ruff check $(SOURCES)
	$(PY) -m ruff format --check $(SOURCES)
	$(PY) -m mypy
	.venv/bin/lint-imports --config .importlinter
	@! grep -nE '://|index-url|find-links' requirements/*.lock || { echo "A lock file names a host."; exit 1; }

fix: .venv/dev  ## mend what can be mended by machine
	$(PY) -m ruff check --fix $(SOURCES)
	$(PY) -m ruff format $(SOURCES)

bench: .venv/dev  ## accuracy and speed, side by side with the peers
	$(MAKE) -C benchmarks PY=$(abspath $(PY))

load: .venv/dev  ## the server under load, with a million customers (some hours); DATABASE=postgresql://… there
	$(PY) benchmarks/collector.py $(if $(DATABASE),--rate 3000) $(ON)
	$(PY) benchmarks/orders_import.py $(ON)
	$(PY) benchmarks/pages.py $(KEPT) $(ON)
	$(PY) benchmarks/server_value.py $(KEPT) $(ON)
	$(PY) benchmarks/segments.py $(KEPT) $(ON)
	$(PY) benchmarks/journeys.py $(KEPT) $(ON)
	$(PY) benchmarks/simulate.py $(ON)
	$(PY) benchmarks/mail_send.py --customers 100000 $(ON)

docs: .venv/dev  ## build the documentation; a warning is an error
	$(PY) -m sphinx --quiet --fail-on-warning --keep-going docs docs/_build/html
	@echo "docs/_build/html/index.html"

lock: .venv/dev  ## pin the newest versions that go together, with hashes and without hosts
	$(LOCK) --upgrade --extra server pyproject.toml requirements/base.in -o requirements/base.lock
	$(LOCK) --upgrade --extra server pyproject.toml requirements/base.in requirements/dev.in -c requirements/base.lock -o requirements/dev.lock
	$(LOCK) --upgrade requirements/spark.in -o requirements/spark.lock
	$(LOCK) --upgrade requirements/bench.in -o requirements/bench.lock
	$(LOCK) --upgrade requirements/clients.in -o requirements/clients.lock

clean:  ## remove everything that can be made again
	rm -rf .venv* build dist docs/_build .*_cache .coverage .hypothesis

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Stammkunde needs Python 3.11 or newer. If you have one, name it: make PYTHON=python3.11 demo"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  apt='apt-get install -y --no-install-recommends python3-venv'; \
	  echo "This Python cannot make virtual environments yet; it needs the package python3-venv."; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then echo "Running: $$apt"; apt-get update -qq; $$apt; \
	  else echo "Run once: sudo $$apt"; exit 1; fi; }
	$(PYTHON) -m venv .venv

# The stamp of a lock file: newer than the lock when its packages are in place.
.venv/base: requirements/base.lock pyproject.toml | .venv/bin/pip
	$(INSTALL) --require-hashes -r requirements/base.lock
	$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/dev: requirements/dev.lock .venv/base
	$(INSTALL) --require-hashes -r requirements/dev.lock
	@touch $@

# Spark comes as source and weighs half a gigabyte: only where Java can run it.
.venv/spark: requirements/spark.lock .venv/dev
	@if command -v java >/dev/null; then \
	  $(INSTALL) --require-hashes --no-build-isolation -r requirements/spark.lock; \
	else echo "No Java here: the Spark tests will be skipped."; fi
	@touch $@

.venv/clients: requirements/clients.lock .venv/dev
	$(PYTHON) -m venv .venv-clients/py
	.venv-clients/py/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/clients.lock
	@touch $@
