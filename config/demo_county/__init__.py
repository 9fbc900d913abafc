"""The demo county: invented lists imported by the real way, one person for each role, cases and reports in every state.

Each part asks the database whether it is there already, and comes whole or not at all: a second run adds nothing, an interrupted one goes
on. Everything is made by the actions of the product, by people who may, on days counted back from today.

    lists   the county and its eight lists
    people  one person for each role, and two more for the schools around
    cases   children in each state of the case work
    days    the running term: attendance, an absence that was reported, a transfer under way
    months  the reports of the last two periods, each waiting for somebody
"""

from config.demo_county import cases, days, lists, months, people


def seed(*, today, folder, say):
    """Everything that is missing; `folder` keeps the workbooks, `say` takes a line for each part made. True when anything was made."""
    made = people.open_bureau(today, say)
    made |= lists.import_all(today, folder, say)
    made |= people.open_others(today, say)
    made |= cases.open_all(today, say)
    made |= days.live_all(today, say)
    made |= months.make_all(today, say)
    made |= lists.leave_one_waiting(today, folder, say)
    return made
