"""Which function makes a draft of a row, by the kind of list."""

from students.imports import groups, people, places

BUILDERS = {
    "divisions": places.divisions, "schools": places.schools, "roll": people.roll, "hukou": people.hukou, "attending": people.attending,
    "poverty": groups.poverty, "civil_affairs": groups.civil_affairs, "disabled": groups.disabled,
}  # fmt: skip
