# Every command of the workshop; `make` alone lists them. CI calls the same targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

PYTHON ?= python3
PORT ?= 8000
SCHOOLS ?=
CATALOGUE := site/config/locale/en/LC_MESSAGES/django

PY := .venv/bin/python
MANAGE := $(PY) manage.py
PIP_INSTALL := .venv/bin/pip install --quiet --disable-pip-version-check --no-input --require-hashes
PYTEST := $(PY) -m pytest

# A developer's own copy signs with a key kept under var/; a real house exports its own.
define with_secret_key
export SECRET_KEY="$${SECRET_KEY:-$$($(PY) -c 'import sys; sys.path.insert(1, "site"); from config import env; print(env.local_secret_key())')}"
endef

# $(call need,test command,Debian packages,what is missing): install when allowed, else say exactly what to do.
define need
if ! ( $(1) ) >/dev/null 2>&1; then
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $(2): $(3) is missing."
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq $(2) >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq $(2) >/dev/null; }
  else
    echo "$(3) is missing. Install it, then run make again:" >&2
    echo "    sudo apt-get install $(2)" >&2
    exit 1
  fi
fi
endef

.PHONY: help setup setup-dev browser demo test test-long check fix bench release lock

help: ## list all targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	echo
	echo "  PORT=8001 changes the port of the demo, SCHOOLS=file loads a real list of schools into it."

# ── the environment ──────────────────────────────────────────────────────────
.venv/bin/python:
	@version_ok() { $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; }
	if ! version_ok; then
	  echo "Python 3.11, 3.12 or 3.13 is needed; '$(PYTHON)' is none of them. Name one: make PYTHON=python3.11" >&2
	  exit 1
	fi
	$(call need,$(PYTHON) -c "import ensurepip",python3-venv,Python's venv module)
	echo "Making .venv"
	$(PYTHON) -m venv .venv

# The stamp says which requirement file is installed: nothing happens until the file changes.
.venv/runtime.stamp: requirements.txt | .venv/bin/python
	@echo "Installing requirements.txt"
	$(PIP_INSTALL) -r requirements.txt
	touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/bin/python
	@echo "Installing requirements-dev.txt"
	$(PIP_INSTALL) -r requirements-dev.txt
	touch .venv/runtime.stamp $@

$(CATALOGUE).mo: $(CATALOGUE).po .venv/runtime.stamp
	@$(PY) -c 'import sys; sys.path.insert(1, "site"); from ui import translations; print(translations.compile_catalogue(), "English texts compiled")'

setup: .venv/runtime.stamp $(CATALOGUE).mo ## the environment, what it depends on, translations, var/
	@mkdir -p var

setup-dev: .venv/dev.stamp setup

browser:
	@$(call need,command -v chromium || command -v chromium-browser,chromium,Chromium for the browser tests)
	$(call need,fc-list :lang=ja family | grep -q .,fonts-noto-cjk fontconfig,a Japanese font for the browser tests)

# ── using it ─────────────────────────────────────────────────────────────────
demo: setup ## the invented world, served on http://localhost:8000
	@$(with_secret_key)
	export SITE_URL="$${SITE_URL:-http://localhost:$(PORT)}"
	export REQUIRE_MFA="$${REQUIRE_MFA:-false}"  # everybody knows the passwords of the invented world
	$(MANAGE) migrate --verbosity 0
	$(MANAGE) demo $(if $(SCHOOLS),--schools "$(SCHOOLS)")
	$(MANAGE) collectstatic --no-input --verbosity 0
	set -m  # each background job gets its own process group, so that its children end with it
	server=; rounds=
	stop() {
	  trap - EXIT INT TERM HUP
	  for job in $$server $$rounds; do kill -TERM -- -$$job 2>/dev/null || true; done
	  wait 2>/dev/null || true
	}
	trap stop EXIT
	trap 'exit 0' INT TERM HUP
	.venv/bin/gunicorn config.wsgi --pythonpath site --bind 127.0.0.1:$(PORT) \
	  --worker-class gthread --workers 1 --threads 8 --log-level warning --no-control-socket &
	server=$$!
	while sleep 60; do $(MANAGE) tick || true; $(MANAGE) deliver_letters || true; done >var/rounds.log 2>&1 &
	rounds=$$!
	echo
	echo "Kakehashi: $$SITE_URL   (accounts and password: on the screen above; Ctrl-C ends it)"
	wait $$server

# ── keeping it whole ─────────────────────────────────────────────────────────
test: setup-dev browser check ## everything that must hold: on PostgreSQL; with a browser and what databases decide, on SQLite
	@$(run_tests)

test-long: LONG := --long
test-long: setup-dev browser check ## all of it on both, with deep fuzzing, races and states
	@$(run_tests)

define run_tests
$(with_secret_key)
say() { printf '\n── %s\n' "$$1"; }
# Both databases are migrated at once: neither takes more than one processor.
DATABASE_URL=sqlite:// DJANGO_SETTINGS_MODULE=config.settings PYTHONPATH=site $(PY) -m tests.migrated &
say "Tests on PostgreSQL";            $(PYTEST) $(LONG) --postgres -n 2 --dist worksteal -m "not browser$(if $(LONG),, and not on_sqlite)"
say "Tests on SQLite";                $(PYTEST) $(LONG) -n 2 --dist worksteal -m "not browser$(if $(LONG),, and (each_engine or on_sqlite))"
say "Browser tests on SQLite";        $(PYTEST) $(LONG) -n 2 --dist worksteal -m browser
if [ -n "$(LONG)" ]; then
say "Browser tests on PostgreSQL";    $(PYTEST) $(LONG) --postgres -m browser
fi
endef

check: setup-dev ## lint, format, import contracts, migrations, settings, translations; changes nothing
	@$(with_secret_key)
	.venv/bin/ruff check --quiet
	.venv/bin/ruff format --check --quiet || { echo "Not formatted: run make fix." >&2; exit 1; }
	PYTHONPATH=.:site .venv/bin/lint-imports --no-logo
	$(MANAGE) check --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) collect_translations --check

fix: setup-dev ## format, mend what can be mended, gather new texts for translation
	@$(with_secret_key)
	.venv/bin/ruff check --fix --quiet || true
	.venv/bin/ruff format --quiet
	$(MANAGE) collect_translations

bench: setup-dev ## how fast the pages and verbs are
	@$(with_secret_key)
	$(PY) -m tests.bench

release: setup-dev ## build the wheel into dist/ and look whether every app is in it
	@rm -rf dist
	.venv/bin/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(PY) - <<'END'
	import pathlib, sys, tomllib, zipfile
	folders = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
	(wheel,) = pathlib.Path("dist").glob("*.whl")
	inside = set(zipfile.ZipFile(wheel).namelist())
	files = [path for folder in folders for path in pathlib.Path(folder).rglob("*") if path.is_file()]
	wanted = {path.as_posix().removeprefix("site/") for path in files if path.suffix not in {".pyc", ".mo"}}
	missing = ", ".join(sorted(wanted - inside))
	sys.exit(f"{wheel} lacks: {missing}" if missing else None)
	END
	echo "dist/ holds a wheel with every app."

lock: ## renew requirements.txt and requirements-dev.txt from pyproject.toml (needs uv; UPGRADE=1 takes new versions)
	@command -v uv >/dev/null || { echo "uv is missing. Install it, then run make lock again:" >&2; echo "    pipx install uv" >&2; exit 1; }
	export UV_CUSTOM_COMPILE_COMMAND="make lock"
	compile="uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url $(if $(UPGRADE),--upgrade)"
	$$compile --output-file requirements.txt
	$$compile --extra dev --output-file requirements-dev.txt
