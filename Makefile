# Two commands are enough: `make run` on a bare Debian 12, and `make test`. docs/operations.md says more.
.PHONY: help run test lint services bench setup stop backup lock image

help:
	@echo 'make run       install what is missing, start everything, print the address and the demo accounts (PORT=8000)'
	@echo 'make test      linters, types, import contracts, all tests, browser tests'
	@echo 'make lint      only the linters, types and import contracts'
	@echo 'make services  PostgreSQL and Redis for running single tests by hand'
	@echo 'make bench     the benchmarks'
	@echo 'make setup     only install what is missing'
	@echo 'make stop      stop what `make run` started, from another terminal'
	@echo 'make backup    a backup of what `make run` started, into its state folder'
	@echo 'make lock      renew the Python lock files (needs uv)'

run test lint services bench setup stop:
	@docker/local/run $@

backup:
	@docker/local/manage backup

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --group local -o requirements.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --group local --group test --constraint requirements.lock -o requirements-test.lock pyproject.toml

image:
	docker build --file docker/Dockerfile --tag gridwarden .
