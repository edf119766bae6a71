# `make key` writes the seed's worked solution, `make test` checks everything; both set up .venv.
PYTHON ?= python3
PROBLEM ?= examples/hw10_question2.toml

.PHONY: key test lint types check approve bench campaign audit-campaign check-campaign backward-campaign
.PHONY: conventions-campaign vary-campaign along-campaign ranges-campaign docs man clean

key: .venv/ready
	.venv/bin/verifier solve $(PROBLEM) --format md --format tex --format html --format typ --format pdf --format json

test: lint types check

lint: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: .venv/ready
	.venv/bin/mypy

check: .venv/ready
	.venv/bin/pytest -n 2

# Takes the documents as they are now for the golden files; look at the difference before committing.
approve: .venv/ready
	.venv/bin/pytest -n 2 --approve tests/test_documents.py tests/test_print.py tests/test_audit_report.py tests/test_feedback.py

# 100,000 random problems: digits, balls, exact forms and NumPy held against each other.
campaign: .venv/ready
	.venv/bin/python -m tests.campaign --problems 100000

# The documentation as a site in build/docs; a warning is an error.
docs: .venv/ready
	.venv/bin/sphinx-build -W --keep-going -b html docs build/docs

# The manual page of the command, build/man/verifier.1.
man: .venv/ready
	.venv/bin/sphinx-build -q -W --keep-going -b man docs build/man

# 100,000 random problems in four formats: programs that err as far as they may, held to bounds.
audit-campaign: .venv/ready
	.venv/bin/python -m tests.audit_campaign --problems 100000

# 10,000 random sequences: bounds along their steps and balls, row by row.
along-campaign: .venv/ready
	.venv/bin/python -m tests.along_campaign --problems 10000

# 2,000 sheets with one mistake, 2,000 with two, 10,000 honest ones and others, judged.
check-campaign: .venv/ready
	.venv/bin/python -m tests.check_campaign

# 1,000 random cells with a loss: gradients held to differences of an independent pass in 70 digits.
backward-campaign: .venv/ready
	.venv/bin/python -m tests.backward_campaign

# Right programs are inside, wrong ones are named rightly.
conventions-campaign: .venv/ready
	.venv/bin/python -m tests.conventions_campaign

# 100,000 variants of the example, tried by honest and mistaken people; 1,000 of them by check.
vary-campaign: .venv/ready
	.venv/bin/python -m tests.vary_campaign

# 10,000 random boxes: no value leaves its range, no program its bound over the box.
ranges-campaign: .venv/ready
	.venv/bin/python -m tests.ranges_campaign

bench: .venv/ready
	.venv/bin/python -m verifier.report.templating
	PYTHONDONTWRITEBYTECODE= .venv/bin/python -m compileall -q verifier templates
	.venv/bin/python -m benchmarks

.venv/ready: pyproject.toml constraints.txt hatch_build.py $(wildcard verifier/report/words/*.po)
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --upgrade "pip>=24"
	PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pip install --quiet --compile -c constraints.txt -e ".[test]"
	.venv/bin/python -m verifier.report.templating
	PYTHONDONTWRITEBYTECODE= .venv/bin/python -m compileall -q verifier templates
	touch .venv/ready

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
