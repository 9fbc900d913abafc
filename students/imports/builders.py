"""Which function makes a draft of a row, by the kind of list."""

from students.imports import found, groups, memberships, notices, people, places

BUILDERS = {
    "divisions": places.divisions, "schools": places.schools, "roll": people.roll, "hukou": people.hukou, "attending": people.attending,
    "poverty": groups.poverty, "civil_affairs": groups.civil_affairs, "disabled": groups.disabled,
    "monitored": memberships.monitored, "low_income": memberships.low_income, "policy_ended": memberships.policy_ended,
    "risk_cleared": memberships.risk_cleared, "martyrs": memberships.martyrs, "state_paid": memberships.state_paid,
    "platform": notices.platform, "movements": notices.movements, "elsewhere": notices.elsewhere,
    "boarding": people.boarding, "found": found.found,
}  # fmt: skip
