"""Which field each heading of a received list is."""

from django import forms


class ColumnsForm(forms.Form):
    """`headings`: [{"heading", "field", …}]; `fields`: [(code, word)]; `needed`: fields without which the list cannot be read, one of each
    tuple. The answer is cleaned_data["words"]: heading → field, "" for a column that is not used."""

    def __init__(self, *args, headings, fields, needed, **kwargs):
        super().__init__(*args, **kwargs)
        self.headings, self.words, self.needed = headings, dict(fields), needed
        for number, entry in enumerate(headings):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=entry["heading"], choices=[("", "不用这一列"), *fields], initial=entry["field"], required=False
            )

    def lines(self):
        """(heading entry, bound field) for the page's table."""
        return [(entry, self[f"column_{number}"]) for number, entry in enumerate(self.headings)]

    def clean(self):
        cleaned = super().clean()
        said = {entry["heading"]: cleaned.get(f"column_{number}", "") for number, entry in enumerate(self.headings)}
        chosen = [field for field in said.values() if field]
        for field in sorted({field for field in chosen if chosen.count(field) > 1}):
            columns = "、".join(heading for heading, given in said.items() if given == field)
            self.add_error(None, f"“{self.words[field]}”只能对应一列，现在选了 {columns}。请只留一列。")
        for alternatives in self.needed:
            if not set(alternatives) & set(chosen):
                wanted = "或".join(self.words[field] for field in alternatives)
                self.add_error(None, f"还缺 {wanted}。请选出是哪一列；表里没有的，请补上后重新上传。")
        return cleaned | {"words": said}
