"""Pure rules of the case work: facts, dates and thresholds go in, answers with reasons come out."""
