# make run   set everything up and serve        make test   set everything up and test it
# make models   fetch the official backbones
# make lint, make bench, make clean, make lock: see docs/development.md

VENV := .venv
PY := $(VENV)/bin/python
NODE := sh tools/with_node.sh
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# tensorflowjs converts Keras 2 models; tf_keras is Keras 2.
export TF_USE_LEGACY_KERAS = 1
export TF_CPP_MIN_LOG_LEVEL = 2

# `make run PORT=8000` and `PORT=8000 make run`; unset, the server's own settings hold.
ifdef HOST
export HOST
endif
ifdef PORT
export PORT
endif

.PHONY: run setup models test lint bench clean lock
.DELETE_ON_ERROR:

run: setup
	@$(PY) -m server

setup: $(VENV)/.installed static/vendor/tf.js

# `make models MODELS="mobilenet_v2_0.35_224"` fetches those that are named.
models: setup
	@$(PY) convert_models.py --official $(MODELS)

$(VENV)/bin/python:
	@sh tools/make_venv.sh $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing Python packages (a few minutes, once) ..."
	@$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.installed-test: requirements-test.txt $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PY) -m pip install --quiet -r requirements-test.txt
	@touch $@

node_modules/.installed: package-lock.json package.json | $(VENV)/bin/python
	@echo "Installing JavaScript packages ..."
	@$(NODE) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

static/vendor/tf.js: node_modules/.installed tools/bundle.mjs $(wildcard tools/vendor/*.js)
	@$(NODE) node tools/bundle.mjs

# What exported files are made for: the tests load them with the packages of others.
tests/peers/node_modules/.installed: tests/peers/package-lock.json | $(VENV)/bin/python
	@$(NODE) npm ci --prefix tests/peers --ignore-scripts --no-audit --no-fund --loglevel=error
	@cp $< $@

lint: $(VENV)/.installed-test static/vendor/tf.js
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(NODE) npx --no-install tsc --noEmit

test: $(VENV)/.installed-test static/vendor/tf.js tests/peers/node_modules/.installed lint
	$(NODE) node --test tests/js/*/*.test.js
	@$(PY) tools/find_browser.py --install
	$(PY) -m pytest --numprocesses 2 --dist loadfile

bench: $(VENV)/.installed-test static/vendor/tf.js
	@$(PY) tools/find_browser.py --install
	@$(PY) -m bench

clean:
	rm -rf $(VENV) node_modules tests/peers/node_modules static/vendor static/vendor.new .pytest_cache .ruff_cache .hypothesis bench/results
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

lock:
	@$(PY) -m pip install --quiet uv
	$(VENV)/bin/uv pip compile -q --upgrade --universal --python-version 3.10 --no-annotate --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile -q --upgrade --universal --python-version 3.10 --no-annotate --custom-compile-command "make lock" requirements-test.in -o requirements-test.txt
