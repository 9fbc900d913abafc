# The first words for a newcomer are demo and test. Everything they need is set up first (config/machine.py); nothing but python3 and make is assumed.
.PHONY: demo test check bench proof
PYTHON ?= python3

demo:
	@$(PYTHON) config/machine.py demo

test:
	@$(PYTHON) config/machine.py test $(ARGS)

check:
	@$(PYTHON) config/machine.py check $(ARGS)

bench:
	@$(PYTHON) config/machine.py bench $(ARGS)

proof:
	@$(PYTHON) config/machine.py proof $(ARGS)
