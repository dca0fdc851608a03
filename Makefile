# Everything a fresh machine needs is Python >= 3.11, make, and a way to PyPI (or an index that PIP_INDEX_URL and
# UV_DEFAULT_INDEX name). The first target that is asked for makes .venv with exactly what uv.lock says.

.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
WORKERS ?= auto
# Those that start processes wait more than they work.
WAITERS ?= 4
# Where they are; the browser first, because its tests go one after the other.
PROCESSES := browser acceptance
# Tests are compiled once and not by every process anew.
unexport PYTHONDONTWRITEBYTECODE

ifndef PYTHON
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; break; fi; done)
endif

BIN := .venv/bin
SYNCED := .venv/.synced
# Another environment that is active must not be taken for ours, and uv fetches no Python behind anybody's back.
UV := env -u VIRTUAL_ENV UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv .uv/bin/uv

.PHONY: help demo run test system-and-check check unit acceptance image system screenshots bench lint format lock schema docs sync clean soak

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: $(SYNCED) ## the fake platform, the real daemon, sample messages: watch what is forwarded, and why
	@$(BIN)/yzj-daemon demo

run: $(SYNCED) ## the daemon, with your settings (YZJ_CONFIG, environment, .env)
	@$(BIN)/yzj-daemon run

test: system-and-check unit acceptance ## everything that must pass

# One waits for downloads while the other computes.
system-and-check:
	@$(MAKE) --no-print-directory --jobs 2 system check

check: $(SYNCED) ## format, lint, types, imports, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive yzj_daemon
	@$(UV) export --quiet --frozen --no-dev --all-extras --no-emit-project | $(BIN)/python tests/audit.py

unit: $(SYNCED) ## all tests but those that start real processes
	$(BIN)/pytest -n $(WORKERS) $(addprefix --ignore tests/,$(PROCESSES))

acceptance: $(SYNCED) ## real processes over real HTTP; those that measure time alone, one after the other
	$(BIN)/pytest -n $(WAITERS) --dist loadgroup -m "not measures and not image and not long" $(addprefix tests/,$(PROCESSES))
	$(BIN)/pytest -m measures tests/acceptance

image: $(SYNCED) ## build the container image for real, on a base of Debian's packages, and run it; as root
	@sh tests/system.sh image
	$(BIN)/pytest -s -m image tests/acceptance

system: ## what the tests need that pip does not bring: systemd, a browser, a font with Chinese in it
	@sh tests/system.sh
	@sh tests/promtool.sh .tools

screenshots: $(SYNCED) ## docs/console/ anew, after a change of how the console looks
	SCREENSHOTS=docs/console $(BIN)/pytest -q tests/browser -k looks
	$(UV) run --no-project --with pillow==13.0.0 python tests/pictures.py docs/console

soak: $(SYNCED) ## the long form of what make test does briefly: chaos with many kills (CHAOS_KILLS, CHAOS_SEED), more examples of each property, flow on PostgreSQL
	FLOW_ON=postgresql $(BIN)/pytest -q tests/flow
	PROPERTIES=1000 $(BIN)/pytest -q -n $(WORKERS) --timeout 600 tests/unit tests/storage
	$(BIN)/pytest -q -m long tests/acceptance
	CHAOS_KILLS=$${CHAOS_KILLS:-60} $(BIN)/pytest -s tests/acceptance/test_chaos.py

bench: $(SYNCED) ## measure what speed is claimed, beside other ways to do it (BENCH="latency pace": only these parts)
	@$(BIN)/python -m compileall -q yzj_daemon # as installed programs are
	$(UV) run --frozen --group bench python -m bench $(BENCH)

lint: $(SYNCED) ## ruff, with what it can mend mended
	$(BIN)/ruff check --fix .

format: $(SYNCED) ## ruff format
	$(BIN)/ruff format .

lock: .uv/bin/uv ## write uv.lock anew after a change of dependencies
	$(UV) lock

schema: $(SYNCED) ## write the shipped JSON Schema and the reference anew after a change of the rule language
	$(BIN)/yzj-daemon schema > yzj_daemon/rules/rules.schema.json
	$(BIN)/yzj-daemon schema --markdown > docs/reference.md

docs: $(SYNCED) ## write docs/settings.md and docs/commands.md anew after a change of settings or commands
	for page in settings commands; do $(BIN)/python -m yzj_daemon.cli.manual $$page > docs/$$page.md; done

sync: $(SYNCED) ## make or renew .venv

clean: ## remove what the targets above made
	rm -rf .venv .uv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

$(SYNCED): uv.lock pyproject.toml .uv/bin/uv
	$(UV) sync --frozen --python "$(PYTHON)" --compile-bytecode
	@$(BIN)/python -m compileall -q yzj_daemon # also where PYTHONDONTWRITEBYTECODE is set: starts take a third of the time
	@touch $@

# uv lives in an environment of its own, because it removes from .venv whatever the lock does not name.
.uv/bin/uv: Makefile
	@if [ -z "$(PYTHON)" ]; then \
		echo "需要 Python 3.11 或更新版本: 没有找到。安装后再试, 或指明: make PYTHON=/path/to/python3.12" >&2; \
		echo "Python 3.11 or newer is needed and none was found. Install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
		exit 1; fi
	@"$(PYTHON)" -m venv --clear .uv || { \
		echo "无法创建虚拟环境; 在 Debian/Ubuntu 上请先安装: apt install python3-venv" >&2; \
		echo "No virtual environment can be made; on Debian and Ubuntu install it first: apt install python3-venv" >&2; \
		exit 1; }
	.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@touch $@
