# `make results` and `make test` set up all they need; `make help` lists the rest.

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help setup doctor results study demo test services test-services faults review check ui screenshots bench lock clean

help: ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 21

setup: .venv/installed ## create the environment in .venv, or bring it up to date

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) tools/environment.py
	@touch $@

results: setup ## everything up to the comparison and its page, cells side by side
	@sentiment run compare export --single-item report --single-item explore
	@sentiment readme
	@cat reports/comparison.md

study: setup ## the whole graph
	@sentiment run
	@sentiment readme
	@cat reports/comparison.md

demo: setup ## the same pipeline in minutes, on data that comes as a package
	@sentiment demo

test: setup ## the whole test suite; needs no network and no IMDB
	@python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

services: setup ## what the next one needs from the package index: Ray, kinds of remotes
	@python -m pip install --quiet --editable '.[services]'

test-services: services ## tests that start real servers; those not installed are skipped, and named
	@python -m pytest -rs tests/services

faults: setup ## real runs and readers under faults of all kinds; writes reports/reliability.md
	@python -m pytest tests/faults --record

review: setup ## is what is committed consistent, and does a small cell come out again?
	@sentiment review

doctor: ## look whether this machine has what the commands need
	@$(PYTHON) tools/doctor.py

check: setup ## format, lint, types
	@ruff format --check .
	@ruff check .
	@mypy

ui: setup ## mirror the results in MLflow and open its UI
	@sentiment ui

screenshots: setup ## pictures of that UI for README.md; needs Chromium and ChromeDriver
	@python tests/screenshots.py

bench: setup ## our steps beside stock Keras, Keras on JAX and PyTorch
	@python benchmarks/steps.py
	@python benchmarks/fits.py
	@TQDM_DISABLE=1 python benchmarks/predictions.py
	@python benchmarks/pipeline.py compare
	@python benchmarks/sync.py
	@dvc repro --single-item --force report

lock: setup ## resolve requirements.lock anew
	@python -m pip install --quiet uv
	@uv pip compile --universal --python-version 3.11 --extra dev --no-annotate --no-header \
		--generate-hashes --upgrade --quiet --output-file requirements.lock pyproject.toml
	@python tools/licences.py

clean: ## remove the environment and caches, keep data and results
	@rm -rf .venv .pytest_cache .hypothesis .mypy_cache .ruff_cache .sentiment
