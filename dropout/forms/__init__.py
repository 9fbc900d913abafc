"""Forms of the case work: shape is checked here, rules in the actions. Each gives `facts()`, the arguments of its action."""
