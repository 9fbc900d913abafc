"""An invented county: the eight lists that departments hand over, and what a correct system finds in them (truth.json).

plan        size, seed, variant and the number of each anomaly
places      divisions and schools
names       invented names, rare characters and Tibetan names among them
population  households and children, each with a grade and a school
anomalies   who is missing where, mistyped, entered twice …
truth       the balanced account, from what the generator knows: never by reading the lists or by the product's comparison
habits      the forms in which people type dates and numbers
lists       rows of each list by field
headings    how each variant of a county heads its lists
files       workbooks, one .csv in variant b

Everybody is invented: identity numbers begin with 99, which belongs to no region, and telephone numbers with 12, which no network has.
"""
