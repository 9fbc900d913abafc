"""Pure rules about the facts of a child: numbers, names, ages, grades, codes. No database, no Django, no clock."""
